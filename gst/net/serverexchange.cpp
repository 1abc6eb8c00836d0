#include "net/serverexchange.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include <utility>

namespace net {
namespace {

/// Bytes that live as long as libsoup needs them, without a copy.
GBytes* bytesOf(const std::shared_ptr<const std::string>& part) {
    using Holder = std::shared_ptr<const std::string>;
    return g_bytes_new_with_free_func(
        part->data(), part->size(), [](gpointer holder) { delete static_cast<Holder*>(holder); },
        new Holder(part));
}

/// What the kernel may hold for one client of a stream: enough for a large picture, and little
/// enough that a slow one stays close to the present.
constexpr int streamSendBuffer = 512 * 1024;

} // namespace

class Exchange::Stream : public HttpStream {
public:
    explicit Stream(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Stream() override { exchange_->endStream(); }
    void write(std::shared_ptr<const std::string> part) override { exchange_->write(part); }
    std::size_t waiting() const override { return exchange_->waiting_; }
    bool isOpen() const override { return !exchange_->gone_; }

private:
    std::shared_ptr<Exchange> exchange_;
};

Exchange::Exchange(SoupServerMessage* message, Line line, EventLoop& loop,
                   std::chrono::milliseconds time, Abandon abandon)
    : message_(SOUP_SERVER_MESSAGE(g_object_ref(message))),
      connection_(G_SOCKET_CONNECTION(g_object_ref(line.connection))), pass_(std::move(line.pass)),
      loop_(loop), time_(time), abandon_(std::move(abandon)) {
    request_.secure = line.secure;
    pass_->onEviction([this] { cut(); });
}

Exchange::~Exchange() {
    watch_.reset();
    g_object_unref(message_);
    g_object_unref(connection_);
}

// --- the request -------------------------------------------------------------------------------

void Exchange::read(const char* path) {
    request_.method = soup_server_message_get_method(message_);
    request_.path = path ? path : "/";
    const char* query = g_uri_get_query(soup_server_message_get_uri(message_));
    request_.query = query ? query : "";
    const char* host = soup_server_message_get_remote_host(message_);
    request_.remote = host ? host : "";
    SoupMessageHeadersIter iter;
    soup_message_headers_iter_init(&iter, soup_server_message_get_request_headers(message_));
    const char *name, *value;
    while (soup_message_headers_iter_next(&iter, &name, &value))
        request_.headers.emplace_back(name, value);
    GBytes* body = soup_message_body_flatten(soup_server_message_get_request_body(message_));
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(body, &size));
    if (size)
        request_.body.assign(data, size);
    g_bytes_unref(body);
}

void Exchange::limitTime() {
    deadline_ = loop_.after(time_, [weak = weak_from_this()] {
        if (const auto late = weak.lock())
            late->cut();
    });
}

// --- answers -----------------------------------------------------------------------------------

void Exchange::setHead(const HttpReply& reply) {
    SoupMessageHeaders* headers = soup_server_message_get_response_headers(message_);
    for (const auto& [name, value] : reply.headers)
        soup_message_headers_append(headers, name.c_str(), value.c_str());
    soup_message_headers_replace(headers, "Connection", "close");
    soup_server_message_set_status(message_, static_cast<guint>(reply.status), nullptr);
}

void Exchange::reply(HttpReply reply) {
    if (answered_ || gone_)
        return;
    answered_ = true;
    watch_.reset();
    limitTime(); // who asks and does not read keeps a place, too
    setHead(reply);
    if (!reply.type.empty())
        soup_server_message_set_response(message_, reply.type.c_str(), SOUP_MEMORY_COPY,
                                         reply.body.data(), reply.body.size());
    resume();
}

std::unique_ptr<HttpStream> Exchange::stream(HttpReply head, HttpStreamEvents events) {
    auto stream = std::make_unique<Stream>(shared_from_this());
    if (answered_ || gone_)
        return stream;
    answered_ = streaming_ = true;
    events_ = std::move(events);
    const int size = streamSendBuffer;
    setsockopt(g_socket_get_fd(socket()), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setHead(head);
    SoupMessageHeaders* headers = soup_server_message_get_response_headers(message_);
    soup_message_headers_set_content_type(headers, head.type.c_str(), nullptr);
    const bool old = soup_server_message_get_http_version(message_) == SOUP_HTTP_1_0;
    soup_message_headers_set_encoding(headers, old ? SOUP_ENCODING_EOF : SOUP_ENCODING_CHUNKED);
    soup_message_body_set_accumulate(soup_server_message_get_response_body(message_), FALSE);
    g_signal_connect(message_, "wrote-body-data", G_CALLBACK(onWritten), this);
    watchForLeaving();
    if (!head.body.empty())
        write(std::make_shared<const std::string>(std::move(head.body)));
    resume();
    return stream;
}

void Exchange::drop() {
    if (answered_ || gone_)
        return;
    answered_ = true;
    cut();
    resume(); // to notice that nobody is there any more
}

void Exchange::resume() {
    if (std::exchange(paused_, false))
        soup_server_message_unpause(message_);
}

void Exchange::pauseUnlessAnswered() {
    if (answered_ || gone_)
        return;
    paused_ = true;
    soup_server_message_pause(message_);
    watchForLeaving();
}

// --- streams -----------------------------------------------------------------------------------

void Exchange::write(const std::shared_ptr<const std::string>& part) {
    if (gone_ || !streaming_ || part->empty())
        return;
    if (waiting_ == 0)
        limitTime();
    waiting_ += part->size();
    GBytes* bytes = bytesOf(part);
    soup_message_body_append_bytes(soup_server_message_get_response_body(message_), bytes);
    g_bytes_unref(bytes);
    if (!paused_)
        soup_server_message_unpause(message_); // libsoup pauses itself when it has nothing to send
}

void Exchange::onWritten(SoupServerMessage*, guint size, gpointer data) {
    auto* self = static_cast<Exchange*>(data);
    self->waiting_ -= std::min<std::size_t>(size, self->waiting_);
    if (self->waiting_ > 0)
        return self->limitTime(); // it takes something, if slowly
    self->limitNothing();
    const auto alive = self->shared_from_this(); // the handler may drop the stream
    if (const auto room = self->events_.room)
        room();
}

void Exchange::endStream() {
    events_ = {};
    if (gone_ || !std::exchange(streaming_, false))
        return;
    limitTime();
    soup_message_body_complete(soup_server_message_get_response_body(message_));
    if (!paused_)
        soup_server_message_unpause(message_);
}

// --- the end -----------------------------------------------------------------------------------

/// While libsoup has nothing to read or write it does not notice that the client leaves. Nothing is
/// awaited from it, so readable means that it has hung up.
void Exchange::watchForLeaving() {
    if (!watch_)
        watch_ = std::make_unique<SocketWatch>(socket(), onReadable, this);
}

gboolean Exchange::onReadable(GSocket* socket, GIOCondition, gpointer data) {
    const auto self = static_cast<Exchange*>(data)->shared_from_this();
    char byte;
    const ssize_t n = recv(g_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    self->watch_.reset(); // it has left, or it talks on, which is not listened to
    if (n > 0)
        return G_SOURCE_REMOVE;
    self->cut();
    self->resume();
    if (self->streaming_)
        soup_server_message_unpause(self->message_);
    return G_SOURCE_REMOVE;
}

void Exchange::cut() {
    if (gone_)
        return;
    watch_.reset();
    hangUp();
    // libsoup sees the end and finishes the message, unless it has lost sight of the connection
    // itself (3.2 does when a reset comes between two of its steps).
    deadline_ = loop_.after(std::chrono::seconds(1), [weak = weak_from_this()] {
        if (const auto lost = weak.lock())
            lost->abandon_(lost);
    });
}

void Exchange::finish() {
    gone_ = true;
    pass_->onEviction({});
    pass_.reset();
    watch_.reset();
    deadline_.cancel();
    g_signal_handlers_disconnect_by_data(message_, this);
    const auto gone = std::exchange(events_, {}).gone;
    if (streaming_ && gone)
        gone();
}

} // namespace net
