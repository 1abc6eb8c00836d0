#include "web/segmentserver.hpp"

#include "base/error.hpp"
#include "web/manifest.hpp"
#include "web/playlist.hpp"
#include "web/problem.hpp"
#include "web/readonly.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace web {
namespace {

using net::HttpReply;
using Exchange = Site::Exchange;

constexpr const char* keyName = "key.bin";

/// "init-3.mp4" between those two is 3.
std::optional<std::uint64_t> numberIn(const std::string& name, const std::string& before,
                                      const std::string& after) {
    if (name.size() <= before.size() + after.size() || name.size() > 40 ||
        name.compare(0, before.size(), before) != 0 ||
        name.compare(name.size() - after.size(), after.size(), after) != 0)
        return std::nullopt;
    const std::string digits =
        name.substr(before.size(), name.size() - before.size() - after.size());
    if (digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::strtoull(digits.c_str(), nullptr, 10);
}

} // namespace

/// The side that lives in the site's loop.
class SegmentServer::Desk : public std::enable_shared_from_this<Desk> {
public:
    Desk(const SegmentSettings& settings, std::shared_ptr<SegmentStore> store)
        : settings_(settings), manners_(settings.access, settings.address),
          store_(std::move(store)) {
        if (settings.encryption == Encryption::Aes128)
            cipher_.emplace();
    }

    Site::Tenant tenant();
    Counters counters() const {
        const std::lock_guard lock(mutex_);
        return counters_;
    }

private:
    std::string folder(const char* word) const {
        return (settings_.path.empty() ? "" : "/" + settings_.path) + "/" + word + "/";
    }
    HttpReply absent(const std::string& detail);
    HttpReply notYet() const;
    HttpReply hls(const std::string& rest);
    HttpReply dash(const std::string& rest);
    HttpReply playlist(const std::string& name);
    HttpReply media(const std::string& rest, bool encrypt);
    HttpReply listed(std::string type, std::string text);
    void answer(const Exchange& exchange, const char* word,
                HttpReply (Desk::*find)(const std::string&));
    std::string metrics() const;

    const SegmentSettings settings_;
    const ReadOnly manners_;
    const std::shared_ptr<SegmentStore> store_;
    std::optional<SegmentCipher> cipher_;
    mutable std::mutex mutex_;
    Counters counters_; ///< under the mutex
};

HttpReply SegmentServer::Desk::absent(const std::string& detail) {
    const std::lock_guard lock(mutex_);
    counters_.gone++;
    return problem(404, detail);
}

HttpReply SegmentServer::Desk::notYet() const {
    HttpReply reply =
        problem(503, "There is no segment yet: the camera or file has not sent enough.");
    reply.headers.emplace_back("Retry-After", "1");
    return reply;
}

HttpReply SegmentServer::Desk::listed(std::string type, std::string text) {
    const std::lock_guard lock(mutex_);
    counters_.playlists++;
    return {200, std::move(type), std::move(text), {}};
}

HttpReply SegmentServer::Desk::playlist(const std::string& name) {
    const Listing listing = store_->listing();
    // Who came now would take sound alone for all there is.
    if (listing.tracks.empty() || (name == "index" && listing.beginning))
        return notYet();
    const char* type = "application/vnd.apple.mpegurl";
    if (name == "index")
        return listed(type, multivariantPlaylist(listing));
    const auto track = std::find_if(listing.tracks.begin(), listing.tracks.end(),
                                    [&](const TrackListing& each) { return each.name == name; });
    if (track == listing.tracks.end())
        return absent("There is no such playlist. The list of them is index.m3u8.");
    return listed(type, mediaPlaylist(listing, *track, cipher_ ? keyName : ""));
}

HttpReply SegmentServer::Desk::hls(const std::string& rest) {
    constexpr std::string_view ending = ".m3u8";
    if (rest.size() > ending.size() &&
        rest.compare(rest.size() - ending.size(), ending.size(), ending) == 0)
        return playlist(rest.substr(0, rest.size() - ending.size()));
    if (cipher_ && rest == keyName)
        return {200, "application/octet-stream", cipher_->key(), {}};
    return media(rest, cipher_.has_value());
}

HttpReply SegmentServer::Desk::dash(const std::string& rest) {
    if (cipher_)
        return absent("With encryption the stream is served as HLS only, at " + folder("hls") +
                      "index.m3u8.");
    if (settings_.container == Container::TransportStream)
        return absent("Segments in MPEG-TS are served as HLS only, at " + folder("hls") +
                      "index.m3u8. DASH needs container=fmp4.");
    if (rest != "manifest.mpd")
        return media(rest, false);
    const Listing listing = store_->listing();
    if (listing.tracks.empty() || listing.beginning)
        return notYet();
    return listed("application/dash+xml", manifest(listing, std::chrono::system_clock::now()));
}

/// "video_0/init-0.mp4", "video_0/17.m4s" or "video_0/17.ts" by number, and "video_0/t90000.m4s" by
/// time.
HttpReply SegmentServer::Desk::media(const std::string& rest, bool encrypt) {
    const auto slash = rest.find('/');
    if (slash == std::string::npos)
        return absent("There is nothing at this address. The stream is at " + folder("hls") +
                      "index.m3u8 and " + folder("dash") + "manifest.mpd.");
    const std::string track = rest.substr(0, slash), name = rest.substr(slash + 1);
    const bool transport = settings_.container == Container::TransportStream;
    const std::string type = transport                      ? "video/mp2t"
                             : track.rfind("audio", 0) == 0 ? "audio/mp4"
                                                            : "video/mp4";
    const auto period = numberIn(name, "init-", ".mp4");
    if (const Bytes header =
            period ? store_->header(track, static_cast<unsigned>(*period)) : nullptr)
        return {200, type, *header, {}};
    const auto number = numberIn(name, "", transport ? ".ts" : ".m4s");
    const auto time = encrypt ? std::nullopt : numberIn(name, "t", ".m4s");
    const Bytes segment = number ? store_->segment(track, *number)
                          : time ? store_->segmentAt(track, *time)
                                 : nullptr;
    if (!segment)
        return absent("This segment is gone, or never was: read the playlist again.");
    HttpReply reply{200, type, encrypt ? cipher_->encrypted(*segment, *number) : *segment, {}};
    const std::lock_guard lock(mutex_);
    counters_.segments++;
    counters_.bytes += reply.body.size();
    return reply;
}

void SegmentServer::Desk::answer(const Exchange& exchange, const char* word,
                                 HttpReply (Desk::*find)(const std::string&)) {
    const net::ServerRequest& request = exchange->request();
    const std::string within = folder(word);
    auto refusal = manners_.refusal(request);
    const bool inside = request.path.compare(0, within.size(), within) == 0;
    HttpReply reply = refusal ? std::move(*refusal)
                              : (this->*find)(inside ? request.path.substr(within.size()) : "");
    exchange->reply(manners_.dressed(std::move(reply), request));
}

std::string SegmentServer::Desk::metrics() const {
    const Counters served = counters();
    const SegmentStore::Counters made = store_->counters();
    std::string text;
    const auto add = [&](const char* name, std::uint64_t value) {
        text += std::string("video_stream_segments_") + name +
                "{stream=" + jsonString(settings_.path) + "} " + std::to_string(value) + "\n";
    };
    add("made_total", made.segments);
    add("held_bytes", made.bytes);
    add("discarded_total", made.discarded);
    add("served_total", served.segments);
    add("served_bytes_total", served.bytes);
    add("gone_total", served.gone);
    return text;
}

Site::Tenant SegmentServer::Desk::tenant() {
    Site::Tenant tenant;
    tenant.stream = settings_.path;
    tenant.kind = "segments";
    tenant.access = settings_.access;
    const auto self = shared_from_this();
    tenant.places["hls"] = [self](const Exchange& e) { self->answer(e, "hls", &Desk::hls); };
    tenant.places["dash"] = [self](const Exchange& e) { self->answer(e, "dash", &Desk::dash); };
    tenant.status = [self] {
        const SegmentStore::Counters made = self->store_->counters();
        return std::string("{\"live\":") + (made.segments ? "true" : "false") +
               ",\"segments\":" + std::to_string(made.segments) +
               ",\"bytes\":" + std::to_string(made.bytes) + "}";
    };
    tenant.metrics = [self] { return self->metrics(); };
    return tenant;
}

SegmentServer::SegmentServer(const SegmentSettings& settings, std::shared_ptr<SegmentStore> store) {
    SegmentSettings ours = settings;
    ours.path = Site::nameOf(settings.path);
    desk_ = std::make_shared<Desk>(ours, std::move(store));
    lease_ = Site::rent(ours.address, ours.port, desk_->tenant());
}

SegmentServer::~SegmentServer() { lease_.reset(); }

SegmentServer::Counters SegmentServer::counters() const { return desk_->counters(); }

} // namespace web
