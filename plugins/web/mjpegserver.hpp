#pragma once

#include "web/multipart.hpp"
#include "web/site.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace web {

/// What a user of mjpegsink sets; the only place of the defaults.
struct MjpegSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "yard": /yard/mjpeg
    Access access;
    unsigned maxClients = 64;
    double maxFps = 0; ///< pictures a second at most; 0: as they come
};

/// Serves the newest of the pictures it is shown, at a site that it may share:
/// /NAME/mjpeg, moving (multipart/x-mixed-replace), and /NAME/snapshot.jpg, still.
///
/// Each client gets the newest picture when it has taken the one before, so that a slow one sees
/// fewer and no older ones, and one that does not read costs one picture of memory for the ten
/// seconds until its connection is closed (net::HttpLimits). Never waits for any of them.
class MjpegServer {
public:
    struct Counters {
        std::uint64_t frames = 0;  ///< shown here
        std::uint64_t skipped = 0; ///< left out for max-fps
        std::uint64_t damaged = 0; ///< no JPEG
        std::uint64_t bytes = 0;   ///< of JPEG handed to clients
        std::uint64_t sent = 0;    ///< pictures handed to clients
        std::uint64_t drops = 0;   ///< pictures that a client was too slow for, of all clients
        std::uint64_t served = 0;  ///< clients of the moving picture so far
        std::uint64_t snapshots = 0;
        unsigned clients = 0; ///< now
    };

    /// Serves from here on; throws base::Error when it cannot.
    explicit MjpegServer(const MjpegSettings& settings);
    /// Ends all answers.
    ~MjpegServer();
    MjpegServer(const MjpegServer&) = delete;
    MjpegServer& operator=(const MjpegServer&) = delete;

    /// From one thread at a time, which does not wait: the copy that is made is all it costs.
    void show(const unsigned char* data, std::size_t size);
    /// There is no picture any more, and maybe another stream soon.
    void forget();

    Counters counters() const;
    std::string url() const { return lease_->url(); } ///< of the stream's folder
    unsigned port() const { return lease_->site().port(); }
    const Site& site() const { return lease_->site(); }

private:
    class Hall;

    std::shared_ptr<Hall> hall_;
    std::unique_ptr<Site::Lease> lease_;
};

} // namespace web
