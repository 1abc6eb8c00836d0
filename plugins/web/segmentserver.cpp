#include "web/segmentserver.hpp"

#include "base/error.hpp"
#include "web/manifest.hpp"
#include "web/playlist.hpp"
#include "web/problem.hpp"
#include "web/readonly.hpp"
#include "web/segmentnames.hpp"
#include "web/segmentwaiters.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace web {
namespace {

using net::HttpReply;
using Exchange = Site::Exchange;

constexpr const char* keyName = "key.bin";

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
    /// Once there is a site.
    void open(std::shared_ptr<net::EventLoop> loop);
    void close();
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
    void answer(const Exchange& exchange);
    std::string metrics() const;
    HttpReply part(const PartName& name);
    std::optional<SegmentStore::Wish> wishIn(const net::ServerRequest& request,
                                             const std::string& rest) const;
    HttpReply find(const net::ServerRequest& request);

    const SegmentSettings settings_;
    const ReadOnly manners_;
    const std::shared_ptr<SegmentStore> store_;
    std::optional<SegmentCipher> cipher_;
    std::shared_ptr<SegmentWaiters> waiters_; ///< between open() and close()
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
    if (const std::string name = playlistIn(rest); !name.empty())
        return playlist(name);
    if (const auto name = partIn(rest))
        return part(*name);
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

HttpReply SegmentServer::Desk::part(const PartName& name) {
    const Bytes bytes =
        store_->part(name.track, name.segment, static_cast<std::size_t>(name.index));
    if (!bytes)
        return absent("This part is gone, or never was: read the playlist again.");
    const std::lock_guard lock(mutex_);
    counters_.parts++;
    counters_.bytes += bytes->size();
    return {200, name.track.rfind("audio", 0) == 0 ? "audio/mp4" : "video/mp4", *bytes, {}};
}

/// What a player of low latency waits for: a playlist that has something in it, or a part.
std::optional<SegmentStore::Wish> SegmentServer::Desk::wishIn(const net::ServerRequest& request,
                                                              const std::string& rest) const {
    if (settings_.partMilliseconds == 0 || request.method != "GET")
        return std::nullopt;
    if (const auto name = partIn(rest))
        return SegmentStore::Wish{name->track, name->segment, name->index};
    const std::string name = playlistIn(rest);
    const auto segment = numberOf(request.query, "_HLS_msn");
    if (name.empty() || name == "index" || !segment)
        return std::nullopt;
    return SegmentStore::Wish{name, *segment, numberOf(request.query, "_HLS_part")};
}

HttpReply SegmentServer::Desk::find(const net::ServerRequest& request) {
    const std::string hls = folder("hls"), dash = folder("dash");
    if (request.path.compare(0, hls.size(), hls) == 0)
        return this->hls(request.path.substr(hls.size()));
    const bool inside = request.path.compare(0, dash.size(), dash) == 0;
    return inside ? this->dash(request.path.substr(dash.size())) : media("", false);
}

void SegmentServer::Desk::answer(const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    if (auto refusal = manners_.refusal(request))
        return exchange->reply(manners_.dressed(std::move(*refusal), request));
    const std::string hls = folder("hls");
    const bool inside = request.path.compare(0, hls.size(), hls) == 0;
    const auto wish = inside ? wishIn(request, request.path.substr(hls.size())) : std::nullopt;
    const auto answer = wish ? store_->answerTo(*wish) : SegmentStore::Answer::Made;
    if (answer == SegmentStore::Answer::ToCome && waiters_)
        return waiters_->await(exchange, *wish);
    if (answer == SegmentStore::Answer::Never && !partIn(request.path.substr(hls.size())))
        return exchange->reply(manners_.dressed(
            problem(400, "The playlist is asked for too far ahead: _HLS_msn may be one more than "
                         "the segment that is being made."),
            request));
    exchange->reply(manners_.dressed(find(request), request));
}

void SegmentServer::Desk::open(std::shared_ptr<net::EventLoop> loop) {
    // As long as the draft has a server wait, and not longer than a client is waited for.
    const auto patience = std::min(std::chrono::milliseconds(3 * settings_.segmentMilliseconds),
                                   std::chrono::milliseconds(30000));
    auto waiters = std::make_shared<SegmentWaiters>(
        store_, loop, patience, [this](const Exchange& exchange, bool late) {
            HttpReply reply = late ? problem(503, "It has not come in time: the camera or file has "
                                                  "stopped, or too many wait.")
                                   : find(exchange->request());
            if (late)
                reply.headers.emplace_back("Retry-After", "1");
            exchange->reply(manners_.dressed(std::move(reply), exchange->request()));
        });
    store_->onMade([weak = std::weak_ptr<SegmentWaiters>(waiters)] {
        if (const auto still = weak.lock())
            still->made();
    });
    loop->call([&] { waiters_ = std::move(waiters); });
}

void SegmentServer::Desk::close() {
    if (const auto waiters = std::exchange(waiters_, nullptr))
        waiters->close();
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
    add("parts_served_total", served.parts);
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
    for (const char* word : {"hls", "dash"})
        tenant.places[word] = [self](const Exchange& exchange) { self->answer(exchange); };
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
    if (settings.partMilliseconds > 0 &&
        (settings.encryption != Encryption::None || settings.container != Container::FragmentedMp4))
        throw base::Error(
            base::ErrorKind::Settings,
            "Parts are made of fragmented MP4 without encryption: set part-duration=0, "
            "or container=fmp4 and encryption=none.");
    SegmentSettings ours = settings;
    ours.path = Site::nameOf(settings.path);
    desk_ = std::make_shared<Desk>(ours, store);
    lease_ = Site::rent(ours.address, ours.port, desk_->tenant());
    desk_->open(lease_->site().loop());
}

SegmentServer::~SegmentServer() {
    lease_->site().loop()->call([this] { desk_->close(); });
    lease_.reset();
}

SegmentServer::Counters SegmentServer::counters() const { return desk_->counters(); }

} // namespace web
