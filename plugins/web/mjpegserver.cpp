#include "web/mjpegserver.hpp"

#include "net/random.hpp"
#include "web/problem.hpp"
#include "web/readonly.hpp"

#include <algorithm>
#include <list>
#include <optional>

namespace web {
namespace {

using net::HttpReply;
using Exchange = Site::Exchange;
using namespace std::chrono_literals;

/// How long who asks for a snapshot waits for the first picture.
constexpr auto firstPictureTime = 3s;
/// Those who may wait for it at the same time.
constexpr std::size_t maxWaiting = 64;

} // namespace

/// The side that lives in the site's loop; the pictures come from another thread.
class MjpegServer::Hall : public std::enable_shared_from_this<Hall> {
public:
    explicit Hall(const MjpegSettings& settings)
        : settings_(settings), manners_(settings.access, settings.address),
          multipart_("picture-" + net::randomHex(8)), pace_(settings.maxFps) {}

    Site::Tenant tenant();
    void open(std::shared_ptr<net::EventLoop> loop) {
        const std::lock_guard lock(mutex_);
        loop_ = std::move(loop);
    }
    void close();
    void show(const unsigned char* data, std::size_t size);
    void forget();
    Counters counters();

private:
    struct Client {
        std::unique_ptr<net::HttpStream> stream;
        std::uint64_t first = 0; ///< number of the first picture it could have got
        std::uint64_t last = 0;  ///< of the last that it got
        std::uint64_t sent = 0;  ///< how many it got
    };
    struct Waiting {
        unsigned id;
        Exchange exchange;
        net::Timer late;
    };
    using Clients = std::list<Client>;

    void refuse(const Exchange& exchange, int status, const std::string& detail,
                net::HttpHeaders headers = {}) const;
    HttpReply dressed(HttpReply reply, const Exchange& exchange) const {
        return manners_.dressed(std::move(reply), exchange->request());
    }
    bool isRefused(const Exchange& exchange, const char* word) const;
    void moving(const Exchange& exchange);
    void still(const Exchange& exchange);
    void giveStill(const Exchange& exchange, const Picture& picture);
    void distribute();
    void give(Client& client, const Picture& picture);
    void leave(Clients::iterator client);
    static std::uint64_t missed(const Client& client, std::uint64_t newest);
    Picture newest() const;
    /// Nothing for the moment between the tenancy and open().
    std::shared_ptr<net::EventLoop> loop() const {
        const std::lock_guard lock(mutex_);
        return loop_;
    }

    const MjpegSettings settings_;
    const ReadOnly manners_;
    const Multipart multipart_;
    Pace pace_; ///< show()'s thread only

    mutable std::mutex mutex_; ///< of the next five
    std::shared_ptr<net::EventLoop> loop_;
    Picture newest_;
    std::uint64_t lastNumber_ = 0;
    bool posted_ = false; ///< distribute() is on its way
    Counters shown_;      ///< what show() counts

    // The loop's thread only.
    bool closed_ = false;
    Clients clients_;
    std::list<Waiting> waiting_;
    unsigned lastWaiting_ = 0;
    Counters served_; ///< what the clients count
};

// --- the pictures' side ------------------------------------------------------------------------

void MjpegServer::Hall::show(const unsigned char* data, std::size_t size) {
    const bool fit = isJpeg(data, size);
    const bool wanted = fit && pace_.take(Pace::Clock::now());
    Picture picture;
    if (wanted)
        picture = multipart_.part(data, size, lastNumber_ + 1);
    const std::lock_guard lock(mutex_);
    shown_.damaged += !fit;
    shown_.skipped += fit && !wanted;
    if (!wanted)
        return;
    shown_.frames++;
    lastNumber_++;
    newest_ = std::move(picture);
    if (!loop_ || std::exchange(posted_, true))
        return; // the loop is behind, and will find the newest all the same
    loop_->post([weak = weak_from_this()] {
        if (const auto hall = weak.lock())
            hall->distribute();
    });
}

void MjpegServer::Hall::forget() {
    const std::lock_guard lock(mutex_);
    newest_ = {};
}

Picture MjpegServer::Hall::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

// --- the clients' side -------------------------------------------------------------------------

Site::Tenant MjpegServer::Hall::tenant() {
    Site::Tenant tenant;
    tenant.stream = settings_.path;
    tenant.kind = "mjpeg";
    tenant.access = settings_.access;
    const auto self = shared_from_this();
    tenant.places["mjpeg"] = [self](const Exchange& exchange) { self->moving(exchange); };
    tenant.places["snapshot.jpg"] = [self](const Exchange& exchange) { self->still(exchange); };
    tenant.status = [self] {
        const Counters c = self->counters();
        return std::string("{\"live\":") + (self->newest().part ? "true" : "false") +
               ",\"viewers\":" + std::to_string(c.clients) +
               ",\"frames\":" + std::to_string(c.frames) + ",\"drops\":" + std::to_string(c.drops) +
               "}";
    };
    tenant.metrics = [self, stream = settings_.path] {
        const Counters c = self->counters();
        std::string text;
        const auto add = [&](const char* name, std::uint64_t value) {
            text += std::string("video_stream_mjpeg_") + name + "{stream=" + jsonString(stream) +
                    "} " + std::to_string(value) + "\n";
        };
        add("clients", c.clients);
        add("clients_total", c.served);
        add("frames_total", c.frames);
        add("sent_frames_total", c.sent);
        add("sent_bytes_total", c.bytes);
        add("dropped_frames_total", c.drops);
        add("snapshots_total", c.snapshots);
        return text;
    };
    return tenant;
}

void MjpegServer::Hall::refuse(const Exchange& exchange, int status, const std::string& detail,
                               net::HttpHeaders headers) const {
    HttpReply reply = problem(status, detail);
    reply.headers = std::move(headers);
    exchange->reply(dressed(std::move(reply), exchange));
}

/// What needs no picture to be answered.
bool MjpegServer::Hall::isRefused(const Exchange& exchange, const char* word) const {
    const net::ServerRequest& request = exchange->request();
    const std::string path = (settings_.path.empty() ? "" : "/" + settings_.path) + "/" + word;
    if (auto refusal = manners_.refusal(request))
        exchange->reply(dressed(std::move(*refusal), exchange));
    else if (request.path != path)
        refuse(exchange, 404, "There is nothing at this address. The picture is at " + path + ".");
    else if (closed_)
        refuse(exchange, 503, "The stream has just ended.", {{"Retry-After", "1"}});
    else
        return false;
    return true;
}

void MjpegServer::Hall::moving(const Exchange& exchange) {
    if (isRefused(exchange, "mjpeg"))
        return;
    if (exchange->request().method == "HEAD")
        return exchange->reply(dressed({200, multipart_.contentType(), "", {}}, exchange));
    if (clients_.size() >= settings_.maxClients)
        return refuse(exchange, 503, "All places are taken (max-clients). Try again later.",
                      {{"Retry-After", "5"}});
    const auto client = clients_.emplace(clients_.end());
    served_.served++;
    const auto room = [this, client] {
        if (const Picture picture = newest(); picture.part && picture.number != client->last)
            give(*client, picture);
    };
    client->stream = exchange->stream(
        dressed({200, multipart_.contentType(), multipart_.opening(), {}}, exchange),
        {room, [this, client] { leave(client); }});
    if (!client->stream->isOpen()) { // it has left meanwhile, and no event will tell
        clients_.erase(client);
        return;
    }
    // The first picture goes out when the opening has been taken.
    const std::lock_guard lock(mutex_);
    client->first = newest_.part ? newest_.number : lastNumber_ + 1;
}

void MjpegServer::Hall::give(Client& client, const Picture& picture) {
    client.last = picture.number;
    client.sent++;
    served_.sent++;
    served_.bytes += picture.size;
    client.stream->write(picture.part);
}

/// Pictures that came and went while the client was still taking another.
std::uint64_t MjpegServer::Hall::missed(const Client& client, std::uint64_t newest) {
    if (newest < client.first)
        return 0;
    const std::uint64_t offered = newest - client.first + 1;
    const std::uint64_t open = client.last != newest; // it may get that one yet
    return offered - std::min(offered, client.sent + open);
}

void MjpegServer::Hall::leave(Clients::iterator client) {
    {
        const std::lock_guard lock(mutex_);
        served_.drops += missed(*client, lastNumber_);
    }
    clients_.erase(client);
}

void MjpegServer::Hall::distribute() {
    Picture picture;
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
        picture = newest_;
    }
    if (!picture.part || closed_)
        return;
    for (Client& client : clients_)
        if (client.stream->waiting() == 0 && client.last != picture.number)
            give(client, picture);
    for (const Waiting& waiting : std::exchange(waiting_, {}))
        giveStill(waiting.exchange, picture);
}

void MjpegServer::Hall::still(const Exchange& exchange) {
    if (isRefused(exchange, "snapshot.jpg"))
        return;
    if (const Picture picture = newest(); picture.part)
        return giveStill(exchange, picture);
    const auto none = [this](const Exchange& late) {
        refuse(late, 503, "There is no picture yet: the camera or file has not sent any.",
               {{"Retry-After", "2"}});
    };
    const auto loop = this->loop();
    if (!loop || waiting_.size() >= maxWaiting)
        return none(exchange);
    const unsigned id = ++lastWaiting_;
    waiting_.push_back({id, exchange, {}});
    waiting_.back().late = loop->after(firstPictureTime, [this, id, none] {
        const auto late = std::find_if(waiting_.begin(), waiting_.end(),
                                       [id](const Waiting& w) { return w.id == id; });
        const Exchange asked = late->exchange;
        waiting_.erase(late);
        none(asked);
    });
}

void MjpegServer::Hall::giveStill(const Exchange& exchange, const Picture& picture) {
    served_.snapshots++;
    exchange->reply(dressed({200, "image/jpeg", picture.jpeg(), {}}, exchange));
}

void MjpegServer::Hall::close() {
    closed_ = true;
    while (!clients_.empty())
        leave(clients_.begin());
    for (const Waiting& waiting : std::exchange(waiting_, {}))
        refuse(waiting.exchange, 503, "The stream has just ended.", {{"Retry-After", "1"}});
}

MjpegServer::Counters MjpegServer::Hall::counters() {
    const auto loop = this->loop();
    if (!loop)
        return {};
    return loop->call([this] {
        const std::lock_guard lock(mutex_);
        Counters all = served_;
        all.frames = shown_.frames;
        all.skipped = shown_.skipped;
        all.damaged = shown_.damaged;
        all.clients = static_cast<unsigned>(clients_.size());
        for (const Client& client : clients_)
            all.drops += missed(client, lastNumber_);
        return all;
    });
}

// --- the whole ---------------------------------------------------------------------------------

MjpegServer::MjpegServer(const MjpegSettings& settings) {
    MjpegSettings ours = settings;
    ours.path = Site::nameOf(settings.path);
    hall_ = std::make_shared<Hall>(ours);
    lease_ = Site::rent(ours.address, ours.port, hall_->tenant());
    hall_->open(lease_->site().loop());
}

MjpegServer::~MjpegServer() {
    lease_->site().loop()->call([this] { hall_->close(); });
    lease_.reset();
}

void MjpegServer::show(const unsigned char* data, std::size_t size) { hall_->show(data, size); }

void MjpegServer::forget() { hall_->forget(); }

MjpegServer::Counters MjpegServer::counters() const { return hall_->counters(); }

} // namespace web
