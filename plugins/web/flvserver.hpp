#pragma once

#include "web/flvwindow.hpp"
#include "web/site.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace web {

/// What a user of httpflvsink sets; the only place of the defaults.
struct FlvSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "yard": /yard/flv
    Access access;
    unsigned maxClients = 64;
    unsigned maxLagMilliseconds = static_cast<unsigned>(FlvLimits{}.lag.count());
    std::uint64_t maxBytes = FlvLimits{}.bytes;
};

/// Serves one FLV stream to any number of clients at a site that it may share: /NAME/flv goes on
/// until the stream ends. All clients read from one FlvWindow, so that one that does not read costs
/// nothing but its place, for the ten seconds until its connection is closed (net::HttpLimits).
/// Never waits for any of them.
class FlvServer {
public:
    struct Counters {
        unsigned clients = 0;     ///< now
        std::uint64_t served = 0; ///< clients so far
        std::uint64_t frames = 0; ///< pictures and frames of sound taken
        std::uint64_t bytes = 0;  ///< handed to clients
        std::uint64_t moved = 0;  ///< how often one that was too slow was moved to a key frame
        std::uint64_t drops = 0;  ///< frames that those missed
        std::size_t held = 0;     ///< bytes in memory
        bool live = false;        ///< who comes now gets a picture at once
    };

    /// Serves from here on; throws base::Error when it cannot.
    explicit FlvServer(const FlvSettings& settings);
    /// Ends all answers.
    ~FlvServer();
    FlvServer(const FlvServer&) = delete;
    FlvServer& operator=(const FlvServer&) = delete;

    /// A piece of the stream, from one thread at a time, which does not wait: the copy that is made
    /// is all it costs. Throws base::Error for what is no FLV.
    void take(const unsigned char* data, std::size_t size);
    /// The stream has come to its end: clients get the rest, and their answers end.
    void end();
    /// Another stream comes, maybe; clients stay.
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
