#include "web/flvserver.hpp"

#include "web/problem.hpp"
#include "web/readonly.hpp"

#include <list>
#include <mutex>
#include <utility>

namespace web {
namespace {

using net::HttpReply;
using Exchange = Site::Exchange;

constexpr const char* type = "video/x-flv";
/// What a client is given at a time; more when it has taken that.
constexpr std::size_t portion = 128 << 10;

} // namespace

/// The side that lives in the site's loop; the stream comes from another thread.
class FlvServer::Hall : public std::enable_shared_from_this<Hall> {
public:
    explicit Hall(const FlvSettings& settings)
        : settings_(settings), manners_(settings.access, settings.address),
          window_({std::chrono::milliseconds(settings.maxLagMilliseconds), settings.maxBytes}) {}

    Site::Tenant tenant();
    void open(std::shared_ptr<net::EventLoop> loop) {
        const std::lock_guard lock(mutex_);
        loop_ = std::move(loop);
    }
    void close();
    void take(const unsigned char* data, std::size_t size);
    void end();
    void forget();
    Counters counters();

private:
    struct Client {
        std::unique_ptr<net::HttpStream> stream;
        FlvWindow::Reader reader{};
        std::uint64_t missed = 0; ///< of the reader's that are counted
    };
    using Clients = std::list<Client>;

    void serve(const Exchange& exchange);
    std::optional<HttpReply> refusal(const net::ServerRequest& request) const;
    bool isOver() const {
        const std::lock_guard lock(mutex_);
        return ended_;
    }
    void feed(Clients::iterator client);
    void feedAll();
    void post();
    std::string status();
    std::string metrics();

    const FlvSettings settings_;
    const ReadOnly manners_;

    mutable std::mutex mutex_; ///< of the next four
    std::shared_ptr<net::EventLoop> loop_;
    FlvWindow window_;
    bool posted_ = false; ///< feedAll() is on its way
    bool ended_ = false;

    // The loop's thread only.
    bool closed_ = false;
    Clients clients_;
    Counters served_; ///< what the clients count
};

// --- the stream's side -------------------------------------------------------------------------

void FlvServer::Hall::take(const unsigned char* data, std::size_t size) {
    const std::lock_guard lock(mutex_);
    ended_ = false;
    window_.take(data, size);
    post();
}

void FlvServer::Hall::end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    post();
}

void FlvServer::Hall::forget() {
    const std::lock_guard lock(mutex_);
    window_.forget();
}

/// Under the mutex.
void FlvServer::Hall::post() {
    if (!loop_ || std::exchange(posted_, true))
        return; // the loop is behind, and will find the newest all the same
    loop_->post([weak = weak_from_this()] {
        if (const auto hall = weak.lock())
            hall->feedAll();
    });
}

// --- the clients' side -------------------------------------------------------------------------

void FlvServer::Hall::feedAll() {
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
    }
    for (auto client = clients_.begin(); client != clients_.end();)
        feed(client++);
}

/// Gives a client that has taken all before what there is for it, or ends its answer.
void FlvServer::Hall::feed(Clients::iterator client) {
    if (!client->stream || client->stream->waiting() > 0)
        return;
    std::string part;
    bool over = false;
    {
        const std::lock_guard lock(mutex_);
        part = window_.read(client->reader, portion);
        over = client->reader.over || (ended_ && part.empty());
    }
    if (const std::uint64_t missed = client->reader.missed - client->missed) {
        client->missed += missed;
        served_.drops += missed;
        served_.moved++;
    }
    served_.bytes += part.size();
    if (!part.empty())
        client->stream->write(std::make_shared<const std::string>(std::move(part)));
    if (over)
        clients_.erase(client);
}

std::optional<HttpReply> FlvServer::Hall::refusal(const net::ServerRequest& request) const {
    const auto later = [](const char* detail, const char* seconds) {
        HttpReply reply = problem(503, detail);
        reply.headers.emplace_back("Retry-After", seconds);
        return reply;
    };
    const std::string path = (settings_.path.empty() ? "" : "/" + settings_.path) + "/flv";
    if (auto refusal = manners_.refusal(request))
        return refusal;
    if (request.path != path)
        return problem(404, "There is nothing at this address. The stream is at " + path + ".");
    if (request.method == "HEAD")
        return HttpReply{200, type, "", {}};
    if (closed_ || isOver())
        return later("The stream has ended.", "1");
    if (clients_.size() >= settings_.maxClients)
        return later("All places are taken (max-clients). Try again later.", "5");
    return std::nullopt;
}

void FlvServer::Hall::serve(const Exchange& exchange) {
    const net::ServerRequest& request = exchange->request();
    if (auto reply = refusal(request))
        return exchange->reply(manners_.dressed(std::move(*reply), request));
    const auto client = clients_.emplace(clients_.end());
    client->stream = exchange->stream(
        manners_.dressed({200, type, "", {}}, request),
        {[this, client] { feed(client); }, [this, client] { clients_.erase(client); }});
    if (!client->stream->isOpen()) { // it has left meanwhile, and no event will tell
        clients_.erase(client);
        return;
    }
    served_.served++;
    feed(client);
}

void FlvServer::Hall::close() {
    closed_ = true;
    clients_.clear();
}

FlvServer::Counters FlvServer::Hall::counters() {
    std::shared_ptr<net::EventLoop> loop;
    {
        const std::lock_guard lock(mutex_);
        loop = loop_;
    }
    if (!loop) // the moment between the tenancy and open()
        return {};
    return loop->call([this] {
        Counters all = served_;
        all.clients = static_cast<unsigned>(clients_.size());
        const std::lock_guard lock(mutex_);
        all.frames = window_.frames();
        all.held = window_.bytes();
        all.live = window_.isLive() && !ended_;
        return all;
    });
}

std::string FlvServer::Hall::status() {
    const Counters c = counters();
    return std::string("{\"live\":") + (c.live ? "true" : "false") +
           ",\"viewers\":" + std::to_string(c.clients) + ",\"frames\":" + std::to_string(c.frames) +
           ",\"drops\":" + std::to_string(c.drops) + "}";
}

std::string FlvServer::Hall::metrics() {
    const Counters c = counters();
    std::string text;
    const auto add = [&](const char* name, std::uint64_t value) {
        text += std::string("video_stream_flv_") + name + "{stream=" + jsonString(settings_.path) +
                "} " + std::to_string(value) + "\n";
    };
    add("clients", c.clients);
    add("clients_total", c.served);
    add("frames_total", c.frames);
    add("sent_bytes_total", c.bytes);
    add("moved_clients_total", c.moved);
    add("dropped_frames_total", c.drops);
    add("held_bytes", c.held);
    return text;
}

Site::Tenant FlvServer::Hall::tenant() {
    Site::Tenant tenant;
    tenant.stream = settings_.path;
    tenant.kind = "flv";
    tenant.access = settings_.access;
    const auto self = shared_from_this();
    tenant.places["flv"] = [self](const Exchange& exchange) { self->serve(exchange); };
    tenant.status = [self] { return self->status(); };
    tenant.metrics = [self] { return self->metrics(); };
    return tenant;
}

// --- the whole ---------------------------------------------------------------------------------

FlvServer::FlvServer(const FlvSettings& settings) {
    FlvSettings ours = settings;
    ours.path = Site::nameOf(settings.path);
    hall_ = std::make_shared<Hall>(ours);
    lease_ = Site::rent(ours.address, ours.port, hall_->tenant());
    hall_->open(lease_->site().loop());
}

FlvServer::~FlvServer() {
    lease_->site().loop()->call([this] { hall_->close(); });
    lease_.reset();
}

void FlvServer::take(const unsigned char* data, std::size_t size) { hall_->take(data, size); }

void FlvServer::end() { hall_->end(); }

void FlvServer::forget() { hall_->forget(); }

FlvServer::Counters FlvServer::counters() const { return hall_->counters(); }

} // namespace web
