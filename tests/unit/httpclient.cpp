#include "net/httpclient.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "net/datagram.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

using namespace net;
using base::ErrorKind;

/// A server on loopback that answers each connection with what a function makes of the request,
/// byte for byte, so that it can say anything; nothing of it is shared with the client under test.
class RawServer {
public:
    using Handler = std::function<void(int connection, const std::string& request)>;

    explicit RawServer(Handler handler) : handler_(std::move(handler)) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ck_assert_int_eq(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        listen(listener_, 8);
        thread_ = std::thread([this] { serve(); });
    }
    ~RawServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }

    std::vector<std::string> requests() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return requests_;
    }
    static void say(int connection, const std::string& text) {
        (void)!::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    }

    std::string url;

private:
    void serve() {
        for (;;) {
            const int connection = accept(listener_, nullptr, nullptr);
            if (connection < 0)
                return;
            const std::string request = readRequest(connection);
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                requests_.push_back(request);
            }
            handler_(connection, request);
            close(connection);
        }
    }
    static std::string readRequest(int connection) {
        std::string text;
        char buffer[4096];
        for (;;) {
            const auto end = text.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto at = text.find("Content-Length: ");
                const std::size_t length =
                    at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
                if (text.size() >= end + 4 + length)
                    return text;
            }
            const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
            if (got <= 0)
                return text;
            text.append(buffer, static_cast<std::size_t>(got));
        }
    }

    Handler handler_;
    int listener_;
    std::thread thread_;
    std::mutex mutex_;
    std::vector<std::string> requests_;
};

static std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
static HttpRequest post(const std::string& url) {
    return {"POST",
            url,
            {{"X-Test", "1"}},
            "application/soap+xml; charset=utf-8; action=\"a/b\"",
            "<a/>"};
}
static ErrorKind failure(HttpClient& client, const HttpRequest& request,
                         std::string* text = nullptr) {
    try {
        client.send(request, Cancel());
    } catch (const base::Error& error) {
        if (text)
            *text = std::string(error.what()) + error.details();
        return error.kind();
    }
    ck_abort_msg("it did not fail");
    return ErrorKind::Failed;
}

/// Quirk H3: a length, no "Expect", nothing chunked; the content type exactly as given.
START_TEST(requestShapeH3) {
    RawServer server([](int c, const std::string&) { RawServer::say(c, ok("<b/>")); });
    HttpClient client;
    const HttpResponse response = client.send(post(server.url + "/x?y=1"), Cancel());
    ck_assert_int_eq(response.status, 200);
    CHECK_STR(response.body, "<b/>");
    const std::string request = server.requests().at(0);
    ck_assert(request.find("POST /x?y=1 HTTP/1.1\r\n") == 0);
    for (const char* part :
         {"\r\nContent-Length: 4\r\n", "\r\nX-Test: 1\r\n", "\r\nConnection: close\r\n",
          "\r\nContent-Type: application/soap+xml; charset=utf-8; action=\"a/b\"\r\n"})
        ck_assert_msg(request.find(part) != std::string::npos, "%s lacks %s", request.c_str(),
                      part);
    for (const char* part : {"Expect", "chunked", "Accept-Encoding", "Authorization"})
        ck_assert_msg(request.find(part) == std::string::npos, "%s has %s", request.c_str(), part);
}
END_TEST

/// Quirk H3: headers in several packets and any case; also a body that ends with the connection.
START_TEST(answersInPieces) {
    RawServer server([](int c, const std::string&) {
        for (const char* piece :
             {"HTTP/1.0 401 No\r\nwww-authen",
              "ticate: Digest a\r\nWWW-Authenticate: ", "Basic b\r\n\r\n<a>", "</a>"}) {
            RawServer::say(c, piece);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    });
    HttpClient client;
    const HttpResponse response = client.send(post(server.url), Cancel());
    ck_assert_int_eq(response.status, 401);
    CHECK_STR(response.body, "<a></a>");
    ck_assert_uint_eq(response.all("WWW-Authenticate").size(), 2);
    CHECK_STR(response.header("Www-Authenticate"), "Digest a");
}
END_TEST

START_TEST(userInfoIsNotSent) {
    RawServer server([](int c, const std::string&) { RawServer::say(c, ok("")); });
    HttpClient client;
    client.send(post("http://us3r:s3cret@" + server.url.substr(7) + "/"), Cancel());
    ck_assert(server.requests().at(0).find("s3cret") == std::string::npos);
    ck_assert(server.requests().at(0).find("Authorization") == std::string::npos);
}
END_TEST

/// Quirk H6: on the same host with method and body, elsewhere never.
START_TEST(redirectsH6) {
    RawServer target([](int c, const std::string&) { RawServer::say(c, ok("there")); });
    RawServer server([&](int c, const std::string& request) {
        const std::string to = request.find("POST /port") == 0   ? target.url + "/new"
                               : request.find("POST /path") == 0 ? "/done"
                               : request.find("POST /away") == 0 ? "http://192.0.2.1/x"
                               : request.find("POST /file") == 0 ? "file:///etc/passwd"
                               : request.find("POST /loop") == 0 ? "/loop"
                                                                 : "";
        RawServer::say(c, to.empty() ? ok("here")
                                     : "HTTP/1.1 302 Found\r\nLocation: " + to +
                                           "\r\nContent-Length: 0\r\n\r\n");
    });
    HttpClient client;
    const HttpResponse moved = client.send(post(server.url + "/port"), Cancel());
    CHECK_STR(moved.body, "there");
    CHECK_STR(moved.url, target.url + "/new");
    ck_assert(target.requests().at(0).find("POST /new") == 0);
    ck_assert(target.requests().at(0).find("<a/>") != std::string::npos);
    CHECK_STR(client.send(post(server.url + "/path"), Cancel()).body, "here");
    std::string text;
    ck_assert(failure(client, post(server.url + "/away"), &text) == ErrorKind::Unsupported);
    ck_assert(text.find("192.0.2.1") != std::string::npos);
    ck_assert(failure(client, post(server.url + "/file")) != ErrorKind::Failed);
    ck_assert(failure(client, post(server.url + "/loop")) == ErrorKind::BadData);
    ck_assert_uint_le(server.requests().size(), 12);
}
END_TEST

/// What is meant for one server goes to no other port of its host, and its maker is told where.
START_TEST(sealedRequestsStay) {
    RawServer target([](int c, const std::string&) { RawServer::say(c, ok("there")); });
    RawServer server([&](int c, const std::string& request) {
        const std::string to = request.find("POST /port") == 0   ? target.url + "/new"
                               : request.find("POST /path") == 0 ? "/done"
                                                                 : "";
        RawServer::say(c, to.empty() ? ok("here")
                                     : "HTTP/1.1 307 Moved\r\nLocation: " + to +
                                           "\r\nContent-Length: 0\r\n\r\n");
    });
    HttpClient client;
    HttpRequest request = post(server.url + "/port");
    request.sealed = true;
    const HttpResponse held = client.send(request, Cancel());
    CHECK_STR(held.movedTo, target.url + "/new");
    ck_assert_int_eq(held.status, 307);
    ck_assert(target.requests().empty());
    request.url = server.url + "/path";
    CHECK_STR(client.send(request, Cancel()).body, "here");
}
END_TEST

/// A request may have bounds of its own: a snapshot is larger, a long poll slower than the rest.
START_TEST(boundsOfOneRequest) {
    RawServer server([](int c, const std::string& request) {
        if (request.find("/slow") != std::string::npos)
            std::this_thread::sleep_for(std::chrono::milliseconds(400));
        RawServer::say(c, ok(std::string(2000, 'x')));
    });
    HttpOptions options;
    options.maxBody = 1000;
    HttpClient client(options);
    HttpRequest request = post(server.url + "/large");
    ck_assert(failure(client, request) == ErrorKind::BadData);
    request.maxBody = 3000;
    ck_assert_uint_eq(client.send(request, Cancel()).body.size(), 2000);
    request.url = server.url + "/slow";
    request.timeout = std::chrono::milliseconds(50);
    ck_assert(failure(client, request) == ErrorKind::Unreachable);
}
END_TEST

/// Quirk X4: what never ends is cut.
START_TEST(bodiesAreBounded) {
    RawServer server([](int c, const std::string&) {
        RawServer::say(c, "HTTP/1.1 200 OK\r\n\r\n");
        const std::string chunk(65536, 'x');
        while (::send(c, chunk.data(), chunk.size(), MSG_NOSIGNAL) > 0)
            continue;
    });
    HttpOptions options;
    options.maxBody = 100000;
    HttpClient client(options);
    ck_assert(failure(client, post(server.url)) == ErrorKind::BadData);
}
END_TEST

START_TEST(noAnswer) {
    HttpOptions options;
    options.timeout = std::chrono::milliseconds(200);
    HttpClient client(options);
    std::string text;
    {
        // Drips for ever: each read is quick, the whole is not.
        RawServer server([](int c, const std::string&) {
            RawServer::say(c, "HTTP/1.1 200 OK\r\n\r\n");
            while (::send(c, "x", 1, MSG_NOSIGNAL) > 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        });
        ck_assert(failure(client, post(server.url), &text) == ErrorKind::Unreachable);
        ck_assert(text.find("200 ms") != std::string::npos);
    }
    std::string dead;
    {
        RawServer server([](int, const std::string&) {});
        dead = server.url;
        ck_assert(failure(client, post(server.url)) == ErrorKind::Unreachable); // closes unheard
    }
    ck_assert(failure(client, post(dead), &text) == ErrorKind::Unreachable);
    ck_assert(text.find("127.0.0.1 port ") != std::string::npos);
    for (const char* url : {"ftp://127.0.0.1/", "nonsense", "http://a b/"})
        ck_assert(failure(client, post(url)) == ErrorKind::Settings);
}
END_TEST

/// Thrown from another thread while the server says nothing; the same client works again
/// afterwards.
START_TEST(cancelEndsTheWait) {
    std::mutex hold;
    hold.lock();
    RawServer server([&](int c, const std::string& request) {
        if (request.find("/hang") != std::string::npos)
            const std::lock_guard<std::mutex> wait(hold);
        RawServer::say(c, ok("late"));
    });
    HttpOptions options;
    options.timeout = std::chrono::minutes(10);
    HttpClient client(options);
    Cancel cancel;
    std::thread other([&] {
        while (server.requests().empty())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        cancel.cancel();
    });
    bool cancelled = false;
    try {
        client.send(post(server.url + "/hang"), cancel);
    } catch (const Cancelled&) {
        cancelled = true;
    }
    other.join();
    hold.unlock();
    ck_assert(cancelled);
    CHECK_STR(client.send(post(server.url + "/x"), Cancel()).body, "late");
}
END_TEST

/// Thrown at any moment between the first step and the refusal: no exchange loses its end.
START_TEST(cancelAtAnyMoment) {
    const auto thrownAfter = [](unsigned microseconds) {
        HttpClient client((HttpOptions()));
        Cancel cancel;
        std::thread other([&] {
            std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
            cancel.cancel();
        });
        try {
            client.send(post("http://127.0.0.1:1/"), cancel);
            ck_abort_msg("somebody is there");
        } catch (const Cancelled&) {
        } catch (const base::Error&) {
        }
        other.join();
    };
    std::vector<std::thread> crowd;
    for (unsigned t = 0; t < 4; t++)
        crowd.emplace_back([&, t] {
            for (unsigned i = 0; i < 5000; i++)
                thrownAfter((i * 4 + t) * 7 % 400);
        });
    for (std::thread& one : crowd)
        one.join();
}
END_TEST

/// Names are looked up by the system; what is no name ends as one clear error.
START_TEST(addresses) {
    const auto numbers = resolve("127.0.0.1", 3702, Cancel());
    ck_assert_uint_eq(numbers.size(), 1);
    CHECK_STR(numbers[0].host(), "127.0.0.1");
    ck_assert_uint_eq(numbers[0].port(), 3702);
    const auto six = SocketAddress::parse("::1", 1);
    ck_assert(six && six->family() == AF_INET6);
    ck_assert(!SocketAddress::parse("localhost", 1).has_value());
    Cancel thrown;
    thrown.cancel();
    bool cancelled = false;
    try {
        resolve("localhost", 1, thrown);
    } catch (const Cancelled&) {
        cancelled = true;
    }
    ck_assert(cancelled);
}
END_TEST

CHECK_MAIN("httpclient", requestShapeH3, answersInPieces, userInfoIsNotSent, redirectsH6,
           bodiesAreBounded, noAnswer, cancelEndsTheWait, cancelAtAnyMoment, sealedRequestsStay,
           boundsOfOneRequest, addresses)
