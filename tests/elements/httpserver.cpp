#include "net/httpserver.hpp"
#include "base/error.hpp"
#include "net/eventloop.hpp"
#include "support/caller.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Last: it has a macro with the name of a member of every C++ stream.
#include <gst/check/gstcheck.h>

using namespace std::chrono_literals;
using support::becomes;
using support::Caller;
using support::descriptors;

namespace {

struct Server {
    std::shared_ptr<net::EventLoop> loop = std::make_shared<net::EventLoop>("test");
    std::unique_ptr<net::HttpServer> server;
    std::vector<std::shared_ptr<net::HttpExchange>>
        later; ///< kept by "/later", in the loop's thread

    explicit Server(net::HttpLimits limits = {}) {
        loop->call([&] {
            server = std::make_unique<net::HttpServer>(
                *loop, "127.0.0.1", 0, [this](auto exchange) { serve(std::move(exchange)); },
                limits);
        });
    }
    ~Server() {
        loop->call([&] {
            server.reset();
            later.clear();
            stream.reset();
        });
        loop->stop();
    }

    void serve(std::shared_ptr<net::HttpExchange> exchange) {
        const auto& request = exchange->request();
        if (request.path == "/later")
            later.push_back(exchange);
        else if (request.path == "/stream")
            begin(*exchange);
        else if (request.path == "/throws")
            throw std::runtime_error("as if memory had run out");
        else if (request.path == "/large")
            exchange->reply({200, "text/plain", std::string(64 << 20, 'x'), {}});
        else if (request.path != "/never")
            exchange->reply(
                {200, "text/plain", request.method + " " + request.path + " " + request.body, {}});
    }

    /// Ten parts, one whenever the last has been taken; "/stream?endless" goes on.
    void begin(net::HttpExchange& exchange) {
        const bool endless = exchange.request().query == "endless";
        left = endless ? 1000000 : 10;
        net::HttpStreamEvents events;
        events.room = [this, endless] {
            if (left-- > 0)
                stream->write(std::make_shared<const std::string>(endless ? 100000 : 7, 'p'));
            else
                stream.reset();
        };
        events.gone = [this] {
            gone++;
            stream.reset();
        };
        stream = exchange.stream({200, "text/plain", "head:", {}}, events);
    }

    unsigned port() const { return server->port(); }
    std::unique_ptr<net::HttpStream> stream;
    int left = 0;
    std::atomic<int> gone{0};

    std::string ask(const std::string& text) const {
        Caller caller(port());
        caller.say(text);
        return caller.listen();
    }
};

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

GST_START_TEST(answers) {
    const Server server;
    const std::string heard = server.ask("POST /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n"
                                         "Content-Length: 5\r\n\r\nhello");
    fail_unless(contains(heard, "HTTP/1.1 200"), "%s", heard.c_str());
    fail_unless(contains(heard, "POST /a b hello"), "%s", heard.c_str());
    fail_unless(contains(heard, "Connection: close"), "%s", heard.c_str());
    const std::string head = server.ask("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    fail_unless(contains(head, "200") && !contains(head, "HEAD /"), "%s", head.c_str());
}
GST_END_TEST

GST_START_TEST(answersLater) {
    Server server;
    Caller caller(server.port());
    caller.say(get("/later"));
    while (server.loop->call([&] { return server.later.empty(); }))
        std::this_thread::sleep_for(5ms);
    server.loop->call([&] {
        server.later[0]->reply({201, "text/plain", "worth the wait", {}});
        server.later[0]->reply({500, "text/plain", "twice", {}});
    });
    const std::string heard = caller.listen();
    fail_unless(contains(heard, "201") && contains(heard, "worth the wait"), "%s", heard.c_str());
    fail_unless(contains(server.ask(get("/never")), "500"), "an exchange was forgotten");
}
GST_END_TEST

GST_START_TEST(whoLeavesBeforeTheAnswer) {
    Server server;
    {
        Caller caller(server.port());
        caller.say(get("/later"));
        while (server.loop->call([&] { return server.later.empty(); }))
            std::this_thread::sleep_for(5ms);
    }
    fail_unless(contains(server.ask(get("/")), "200"));
    server.loop->call([&] {
        server.later[0]->reply({200, "text/plain", "nobody there", {}});
        server.later.clear();
    });
    fail_unless(contains(server.ask(get("/")), "200"));
}
GST_END_TEST

GST_START_TEST(largeBodies) {
    net::HttpLimits limits;
    limits.bodyBytes = 1000;
    const Server server(limits);
    const std::string start = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    fail_unless(contains(
        server.ask(start + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')), "200"));
    // Announced: refused before it comes.
    Caller announced(server.port());
    announced.say(start + "Content-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 100 && announced.say(std::string(100000, 'x')); i++)
        ;
    const std::string heard = announced.listen();
    fail_unless(announced.ended, "100 MB would have been read");
    fail_unless(heard.empty() || contains(heard, "413"), "%s", heard.c_str());
    // Not announced: cut off.
    Caller chunked(server.port());
    chunked.say(start + "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1000 && chunked.say("400\r\n" + std::string(1024, 'x') + "\r\n"); i++)
        ;
    chunked.listen();
    fail_unless(chunked.ended, "chunks without end were read");
    fail_unless(contains(server.ask(get("/")), "200"));
}
GST_END_TEST

GST_START_TEST(slowOnes) {
    net::HttpLimits limits;
    limits.requestTime = 300ms;
    const Server server(limits);
    Caller silent(server.port()), headers(server.port()), body(server.port());
    headers.say("GET / HTTP/1.1\r\nHost: loc");
    body.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    for (Caller* caller : {&silent, &headers, &body}) {
        caller->listen();
        fail_unless(caller->ended, "a slow client keeps its place");
    }
    // We may be slow, too.
    fail_unless(becomes([&] { return contains(server.ask(get("/")), "200"); }));
}
GST_END_TEST

GST_START_TEST(whoDoesNotRead) {
    net::HttpLimits limits;
    limits.requestTime = 300ms;
    limits.connections = 1;
    const Server server(limits);
    Caller deaf(server.port());
    deaf.say(get("/large"));
    fail_unless(becomes([&] { return contains(server.ask(get("/")), "200"); }),
                "a client that does not read keeps its place");
}
GST_END_TEST

GST_START_TEST(handlerThrows) {
    const Server server;
    fail_unless(contains(server.ask(get("/throws")), "500"));
    fail_unless(contains(server.ask(get("/")), "200"));
}
GST_END_TEST

GST_START_TEST(loopEndsItself) {
    // Its last owner lets go in its own thread, again and again: nothing may be touched after.
    for (int i = 0; i < 50; i++) {
        auto loop = std::make_shared<net::EventLoop>("short");
        std::promise<void> gone;
        net::EventLoop* raw = loop.get();
        raw->post([held = std::move(loop), &gone]() mutable {
            held.reset();
            gone.set_value();
        });
        gone.get_future().wait();
    }
}
GST_END_TEST

GST_START_TEST(loopEndsUnderACall) {
    // Whoever waits for a loop that another stops gets an answer, or hears that there is none.
    for (int i = 0; i < 200; i++) {
        net::EventLoop loop("short");
        std::thread caller([&] {
            try {
                for (int n = 0; n < 20; n++)
                    fail_unless_equals_int(loop.call([n] { return n; }), n);
            } catch (const net::Cancelled&) {
            }
        });
        loop.stop();
        caller.join();
    }
}
GST_END_TEST

GST_START_TEST(tooMany) {
    net::HttpLimits limits;
    limits.connections = 10;
    const Server server(limits);
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < 10; i++) {
        callers.push_back(std::make_unique<Caller>(server.port()));
        callers.back()->say("GET / HTTP/1.1\r\n");
    }
    Caller refused(server.port());
    refused.say(get("/"));
    refused.listen();
    fail_unless(refused.ended);
    callers.clear();
    fail_unless(becomes([&] { return contains(server.ask(get("/")), "200"); }),
                "the places are not free again");
}
GST_END_TEST

GST_START_TEST(rubbish) {
    const Server server;
    for (const std::string& text :
         {std::string("\0\1\2\3\r\n\r\n", 8), std::string("GET\r\n\r\n"),
          std::string("\r\n\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
          std::string("GET /%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\n") + std::string(300000, 'h')}) {
        Caller caller(server.port());
        caller.say(text);
    }
    fail_unless(contains(server.ask(get("/")), "200"));
}
GST_END_TEST

GST_START_TEST(nothingIsLeftBehind) {
    net::HttpLimits limits;
    limits.requestTime = 500ms;
    const Server server(limits);
    server.ask(get("/"));
    const std::size_t before = descriptors();
    for (int i = 0; i < 200; i++) {
        Caller caller(server.port());
        const std::string words[] = {get("/"), "GET / HTT", "", "GET / HTT"};
        caller.say(words[i % 4]); // and hangs up first,
        if (i % 4 == 3)
            caller.reset(); // not always politely
    }
    fail_unless(becomes([&] { return descriptors() <= before; }), "%zu descriptors became %zu",
                before, descriptors());
    fail_unless(becomes([&] { return contains(server.ask(get("/")), "200"); }));
}
GST_END_TEST

/// Reads until the server has closed, and returns the chunks without their sizes.
static std::string unchunked(const std::string& answer) {
    std::string text;
    std::size_t at = answer.find("\r\n\r\n") + 4;
    while (at < answer.size()) {
        const std::size_t size = std::stoul(answer.substr(at), nullptr, 16);
        at = answer.find("\r\n", at) + 2;
        text += answer.substr(at, size);
        at += size + 2;
    }
    return text;
}

GST_START_TEST(streamsPartByPart) {
    const Server server;
    const std::string answer = server.ask(get("/stream"));
    fail_unless(contains(answer, "200 OK") && contains(answer, "chunked"));
    fail_unless(unchunked(answer) == "head:" + std::string(70, 'p'), "%s", answer.c_str());
    fail_unless_equals_int(server.gone, 0);
}
GST_END_TEST

GST_START_TEST(whoLeavesAStream) {
    net::HttpLimits limits;
    limits.requestTime = 500ms;
    const Server server(limits);
    {
        Caller caller(server.port()); // reads nothing: cut off
        caller.say(get("/stream?endless"));
        fail_unless(becomes([&] { return server.gone == 1; }));
    }
    const Server patient;
    const std::size_t before = descriptors();
    for (int i = 0; i < 20; i++) {
        Caller caller(patient.port());
        caller.say(get("/stream?endless"));
        char some[5000];
        fail_unless(caller.take(some, sizeof some) > 0);
        caller.hangUp();
        fail_unless(becomes([&] { return patient.gone == 1 + i; }));
    }
    fail_unless(becomes([&] { return descriptors() <= before; }));
}
GST_END_TEST

GST_START_TEST(addresses) {
    fail_unless(net::isLoopback("localhost") && net::isLoopback("127.8.9.1") &&
                net::isLoopback("::1"));
    fail_unless(!net::isLoopback("0.0.0.0") && !net::isLoopback("192.168.1.1") &&
                !net::isLoopback("localhost.evil.example") && !net::isLoopback(""));
    fail_unless(net::httpOrigin("127.0.0.1", 80) == "http://127.0.0.1:80");
    fail_unless(net::httpOrigin("::1", 8080) == "http://[::1]:8080");
    fail_unless(!contains(net::httpOrigin("0.0.0.0", 1), "0.0.0.0"));
}
GST_END_TEST

static Suite* httpserver_suite() {
    Suite* suite = suite_create("httpserver");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, answers);
    tcase_add_test(tests, answersLater);
    tcase_add_test(tests, whoLeavesBeforeTheAnswer);
    tcase_add_test(tests, largeBodies);
    tcase_add_test(tests, slowOnes);
    tcase_add_test(tests, whoDoesNotRead);
    tcase_add_test(tests, handlerThrows);
    tcase_add_test(tests, loopEndsItself);
    tcase_add_test(tests, loopEndsUnderACall);
    tcase_add_test(tests, tooMany);
    tcase_add_test(tests, rubbish);
    tcase_add_test(tests, nothingIsLeftBehind);
    tcase_add_test(tests, streamsPartByPart);
    tcase_add_test(tests, whoLeavesAStream);
    tcase_add_test(tests, addresses);
    return suite;
}

GST_CHECK_MAIN(httpserver);
