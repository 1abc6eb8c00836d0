#pragma once

#include "net/cancel.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string url; ///< http or https; user info in it is not sent
    HttpHeaders headers;
    std::string contentType; ///< sent with a body
    std::string body;
    /// It carries what is meant for this server: a redirect to another scheme or port of the host
    /// is then no longer followed but told in `HttpResponse::movedTo`.
    bool sealed = false;
    std::chrono::milliseconds timeout{0}; ///< 0: that of the client
    std::size_t maxBody = 0;              ///< bytes of the answer; 0: that of the client
};

struct HttpResponse {
    int status = 0;
    std::string url; ///< the address that answered: another one after a redirect
    HttpHeaders headers;
    std::string body;
    std::string movedTo = {}; ///< where a sealed request was redirected to, the way approved

    /// All values of a header, in order; the name in any case.
    std::vector<std::string> all(const std::string& name) const;
    /// The first of them, or empty.
    std::string header(const std::string& name) const;
};

struct HttpOptions {
    std::chrono::milliseconds timeout{5000}; ///< for the whole exchange, a slow body included
    std::size_t maxBody = 1024 * 1024;       ///< bytes; more is an error
    unsigned tlsFlags =
        G_TLS_CERTIFICATE_VALIDATE_ALL; ///< GTlsCertificateFlags that must not occur
};

/// One HTTP exchange at a time with devices that are slow, simple or hostile. Blocks its caller,
/// whose thread it must own; `Cancel` ends the wait from any other. What it is strict about:
/// - one connection per exchange: embedded servers drop idle ones without a word, and a POST cannot
/// be
///   repeated blindly;
/// - a body is sent with its length, never chunked and never after "Expect" (old firmware stalls);
/// - redirects are followed on the same host only, at most three, method and body kept, never from
///   https to http, and sealed requests go to no other port;
/// - no proxy, no cookies, no compression, no authentication of its own.
class HttpClient {
public:
    explicit HttpClient(HttpOptions options = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Any status is an answer. Throws base::Error (Unreachable, BadData, Unsupported) without one,
    /// and Cancelled.
    HttpResponse send(const HttpRequest& request, const Cancel& cancel);

private:
    HttpResponse follow(const HttpRequest& request, const Cancel& cancel);
    HttpResponse exchange(const HttpRequest& request, const std::string& url, const Cancel& cancel);

    struct Session;
    HttpOptions options_;
    std::unique_ptr<Session> session_;
};

} // namespace net
