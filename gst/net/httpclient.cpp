#include "net/httpclient.hpp"

#include "base/error.hpp"
#include "net/url.hpp"

#include <libsoup/soup.h>

namespace net {

namespace {

constexpr int maxRedirects = 3;
constexpr gsize chunkBytes = 16 * 1024;

struct ObjectUnref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, ObjectUnref>;

bool sameName(const std::string& a, const std::string& b) {
    return g_ascii_strcasecmp(a.c_str(), b.c_str()) == 0;
}

bool redirects(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Where a redirect leads, if we go there.
Url redirectTarget(const Url& from, const std::string& location) {
    Url to = from;
    if (!location.empty() && location.front() == '/' && location.substr(0, 2) != "//")
        to.rest = location;
    else if (const auto absolute = Url::parse(location))
        to = *absolute;
    else
        throw base::Error(base::ErrorKind::BadData,
                          "The device at " + from.authority() + " redirects to nowhere.");
    const bool web = to.scheme == "https" || (to.scheme == "http" && from.scheme == "http");
    if (!web || !to.sameHost(from))
        throw base::Error(base::ErrorKind::Unsupported,
                          "The device at " + from.authority() + " redirects to " + to.scheme +
                              "://" + to.authority() +
                              ", which is not followed; give that address if you trust it.");
    return to;
}

/// What one exchange waits for: filled by libsoup's callbacks, emptied by the loop below.
struct Wait {
    GAsyncResult* result = nullptr;
    static void done(GObject*, GAsyncResult* result, gpointer self) {
        static_cast<Wait*>(self)->result = G_ASYNC_RESULT(g_object_ref(result));
    }
    Object<GAsyncResult> until(GMainContext* context) {
        while (!result)
            g_main_context_iteration(context, TRUE);
        // Cancelled between its end and here, it stays what it is: libsoup 3.2 would take its
        // stream apart as after an error, and then close it.
        g_task_set_check_cancellable(G_TASK(result), FALSE);
        return Object<GAsyncResult>(std::exchange(result, nullptr));
    }
};

/// A cancellable of this exchange alone, thrown by the caller's switch or when time is up, and
/// always in the thread of the exchange: thrown in another one between two of its looks,
/// GSocketClient of GLib 2.74 gives up without a word, and the exchange never ends.
class Deadline {
public:
    Deadline(GMainContext* context, std::chrono::milliseconds timeout, const Cancel& cancel)
        : context_(context), own_(g_cancellable_new()), outer_(cancel.get()),
          timer_(g_timeout_source_new(static_cast<guint>(timeout.count()))) {
        link_ = g_cancellable_connect(outer_, G_CALLBACK(thrown), this, nullptr);
        g_source_set_callback(timer_, expired, this, nullptr);
        g_source_attach(timer_, context);
    }
    ~Deadline() {
        g_source_destroy(timer_);
        g_source_unref(timer_);
        g_cancellable_disconnect(outer_, link_);
    }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    GCancellable* get() const { return own_.get(); }
    bool passed() const { return passed_; }

private:
    /// In the thread of whoever throws the switch.
    static void thrown(GCancellable*, gpointer self) {
        auto* deadline = static_cast<Deadline*>(self);
        GSource* source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, throwOwn, g_object_ref(deadline->own_.get()), g_object_unref);
        g_source_attach(source, deadline->context_);
        g_source_unref(source);
    }
    static gboolean throwOwn(gpointer own) {
        g_cancellable_cancel(G_CANCELLABLE(own));
        return G_SOURCE_REMOVE;
    }
    static gboolean expired(gpointer self) {
        static_cast<Deadline*>(self)->passed_ = true;
        g_cancellable_cancel(static_cast<Deadline*>(self)->own_.get());
        return G_SOURCE_REMOVE;
    }

    GMainContext* context_;
    Object<GCancellable> own_;
    GCancellable* outer_;
    GSource* timer_;
    gulong link_ = 0;
    bool passed_ = false;
};

[[noreturn]] void fail(const GError& error, const Url& url, const Deadline& deadline,
                       std::chrono::milliseconds timeout) {
    const std::string where = url.host + " port " + std::to_string(url.effectivePort());
    if (deadline.passed())
        throw base::Error(base::ErrorKind::Unreachable,
                          where + " did not answer within " + std::to_string(timeout.count()) +
                              " ms; check the address and that the device is on and reachable.");
    if (error.domain == G_RESOLVER_ERROR)
        throw base::Error(base::ErrorKind::NotFound,
                          "No host is called " + url.host + "; check the address.", error.message);
    if (error.domain == G_TLS_ERROR)
        throw base::Error(
            base::ErrorKind::Unreachable,
            "The certificate of " + where +
                " is not trusted; set tls-validation-flags if it is self-signed and you "
                "know it.",
            error.message);
    throw base::Error(base::ErrorKind::Unreachable,
                      "Cannot talk HTTP to " + where +
                          "; check the address and that the device is on and reachable.",
                      error.message);
}

gboolean judgeCertificate(SoupMessage*, GTlsCertificate*, GTlsCertificateFlags errors,
                          gpointer mustNot) {
    return (errors & GPOINTER_TO_UINT(mustNot)) == 0;
}

Object<SoupMessage> messageFor(const HttpRequest& request, const Url& url, unsigned tlsFlags) {
    Object<SoupMessage> message(soup_message_new(request.method.c_str(), url.text().c_str()));
    if (!message)
        // Not the whole address: a device may have put a password into its query.
        throw base::Error(base::ErrorKind::Settings,
                          "'" + url.scheme + "://" + url.host +
                              "' is not an address that HTTP can go to; check it.");
    soup_message_set_flags(
        message.get(),
        static_cast<SoupMessageFlags>(SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION));
    g_signal_connect(message.get(), "accept-certificate", G_CALLBACK(judgeCertificate),
                     GUINT_TO_POINTER(tlsFlags));
    SoupMessageHeaders* headers = soup_message_get_request_headers(message.get());
    for (const auto& [name, value] : request.headers)
        soup_message_headers_append(headers, name.c_str(), value.c_str());
    soup_message_headers_replace(headers, "Connection", "close");
    if (!request.body.empty()) {
        GBytes* bytes = g_bytes_new(request.body.data(), request.body.size());
        // The type goes in as a header: libsoup would refuse parameters that it does not know.
        soup_message_set_request_body_from_bytes(message.get(), nullptr, bytes);
        soup_message_headers_replace(headers, "Content-Type", request.contentType.c_str());
        g_bytes_unref(bytes);
    }
    return message;
}

void addHeader(const char* name, const char* value, gpointer headers) {
    static_cast<HttpHeaders*>(headers)->emplace_back(name, value);
}

} // namespace

std::vector<std::string> HttpResponse::all(const std::string& name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : headers)
        if (sameName(key, name))
            values.push_back(value);
    return values;
}

std::string HttpResponse::header(const std::string& name) const {
    const auto values = all(name);
    return values.empty() ? std::string() : values.front();
}

/// libsoup and the context its callbacks run in. Nothing of it runs outside `HttpClient::send`.
struct HttpClient::Session {
    Session() {
        context.reset(g_main_context_new());
        g_main_context_push_thread_default(context.get());
        session.reset(soup_session_new());
        soup_session_set_proxy_resolver(session.get(), nullptr);
        soup_session_set_user_agent(session.get(), "video-stream");
        soup_session_remove_feature_by_type(session.get(), SOUP_TYPE_AUTH_MANAGER);
        soup_session_remove_feature_by_type(session.get(), SOUP_TYPE_CONTENT_DECODER);
        g_main_context_pop_thread_default(context.get());
    }
    ~Session() {
        abort();
        g_main_context_push_thread_default(context.get());
        session.reset();
        g_main_context_pop_thread_default(context.get());
    }
    /// Closes what a failed exchange left open; libsoup would keep it until the session goes.
    void abort() {
        g_main_context_push_thread_default(context.get());
        soup_session_abort(session.get());
        while (g_main_context_iteration(context.get(), FALSE))
            continue;
        g_main_context_pop_thread_default(context.get());
    }

    struct ContextUnref {
        void operator()(GMainContext* c) const { g_main_context_unref(c); }
    };
    std::unique_ptr<GMainContext, ContextUnref> context;
    Object<SoupSession> session;
};

HttpClient::HttpClient(HttpOptions options)
    : options_(options), session_(std::make_unique<Session>()) {}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, const Cancel& cancel) {
    try {
        return follow(request, cancel);
    } catch (...) {
        session_->abort();
        throw;
    }
}

HttpResponse HttpClient::follow(const HttpRequest& request, const Cancel& cancel) {
    std::string url = request.url;
    for (int hop = 0; hop <= maxRedirects; hop++) {
        HttpResponse response = exchange(request, url, cancel);
        const std::string location = response.header("Location");
        if (!redirects(response.status) || location.empty())
            return response;
        const Url from = *Url::parse(url), to = redirectTarget(from, location);
        if (request.sealed && from.origin() != to.origin()) {
            response.movedTo = to.text();
            return response;
        }
        url = to.text();
    }
    throw base::Error(base::ErrorKind::BadData, "The device redirects in circles.");
}

HttpResponse HttpClient::exchange(const HttpRequest& request, const std::string& address,
                                  const Cancel& cancel) {
    cancel.check();
    const auto url = Url::parse(address);
    if (!url || (url->scheme != "http" && url->scheme != "https"))
        throw base::Error(base::ErrorKind::Settings,
                          "'" + withoutUserInfo(address) + "' is not an http or https address.");
    GMainContext* context = session_->context.get();
    const std::unique_ptr<GMainContext, void (*)(GMainContext*)> thread(
        context, g_main_context_pop_thread_default);
    g_main_context_push_thread_default(context);

    const Object<SoupMessage> message = messageFor(request, *url, options_.tlsFlags);
    const auto timeout = request.timeout.count() > 0 ? request.timeout : options_.timeout;
    const auto maxBody = request.maxBody > 0 ? request.maxBody : options_.maxBody;
    const Deadline deadline(context, timeout, cancel);
    Wait wait;
    GError* error = nullptr;
    const auto failIfError = [&] {
        if (!error)
            return;
        const std::unique_ptr<GError, void (*)(GError*)> owned(error, g_error_free);
        cancel.check();
        fail(*owned, *url, deadline, timeout);
    };

    soup_session_send_async(session_->session.get(), message.get(), G_PRIORITY_DEFAULT,
                            deadline.get(), Wait::done, &wait);
    const Object<GInputStream> stream(
        soup_session_send_finish(session_->session.get(), wait.until(context).get(), &error));
    failIfError();

    HttpResponse response;
    response.url = url->text();
    response.status = static_cast<int>(soup_message_get_status(message.get()));
    soup_message_headers_foreach(soup_message_get_response_headers(message.get()), addHeader,
                                 &response.headers);
    for (;;) {
        g_input_stream_read_bytes_async(stream.get(), chunkBytes, G_PRIORITY_DEFAULT,
                                        deadline.get(), Wait::done, &wait);
        GBytes* bytes =
            g_input_stream_read_bytes_finish(stream.get(), wait.until(context).get(), &error);
        failIfError();
        const std::unique_ptr<GBytes, void (*)(GBytes*)> owned(bytes, g_bytes_unref);
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        if (size == 0)
            return response;
        if (response.body.size() + size > maxBody)
            throw base::Error(base::ErrorKind::BadData,
                              "The answer of " + url->authority() + " is too large to be honest.",
                              "more than " + std::to_string(maxBody) + " bytes");
        response.body.append(data, size);
    }
}

} // namespace net
