#pragma once

#include "web/segmentcipher.hpp"
#include "web/segmentstore.hpp"
#include "web/site.hpp"

#include <memory>
#include <string>

namespace web {

enum class Encryption { None, Aes128 };

/// What a user of segmentsink sets; the only place of the defaults.
struct SegmentSettings {
    std::string address = "127.0.0.1";
    unsigned port = 8080; ///< 0: any free one
    std::string path;     ///< "" or "/": at the root; "yard": /yard/hls/index.m3u8
    Access access;
    unsigned segmentMilliseconds = WindowSettings{}.segmentMilliseconds;
    unsigned playlistLength = WindowSettings{}.listed;
    std::uint64_t maxBytes = WindowSettings{}.maxBytes;
    Encryption encryption = Encryption::None;
    Container container = Container::FragmentedMp4;
    unsigned partMilliseconds = WindowSettings{}.partMilliseconds; ///< 0: no parts
};

/// Serves the newest segments at a site that it may share: /NAME/hls/index.m3u8 and
/// /NAME/dash/manifest.mpd, both of the same segments, which lie beside each. Segments that have
/// left the window are 404.
///
/// With parts, HLS is of low latency: a player asks for the playlist as it will be, or for a part
/// that it was told of, and is answered when it is there (draft-pantos-hls-rfc8216bis, 6.2.5.2).
///
/// With a cipher, the segments of HLS go out encrypted, and their key is one more address behind
/// the site's logins. DASH knows no such thing and is not served then, and not for MPEG-TS either,
/// which its players do not read.
class SegmentServer {
public:
    struct Counters {
        std::uint64_t playlists = 0, segments = 0, parts = 0, gone = 0; ///< answers
        std::uint64_t bytes = 0;                                        ///< of segments
    };

    /// Serves from here on; throws base::Error when it cannot.
    SegmentServer(const SegmentSettings& settings, std::shared_ptr<SegmentStore> store);
    ~SegmentServer();
    SegmentServer(const SegmentServer&) = delete;
    SegmentServer& operator=(const SegmentServer&) = delete;

    Counters counters() const;
    std::string url() const { return lease_->url(); } ///< of the stream's folder
    unsigned port() const { return lease_->site().port(); }
    const Site& site() const { return lease_->site(); }

private:
    class Desk;

    std::shared_ptr<Desk> desk_;
    std::unique_ptr<Site::Lease> lease_;
};

} // namespace web
