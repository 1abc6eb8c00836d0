#include "web/events.hpp"

#include "net/eventloop.hpp"

#include "check.hpp"

namespace {

/// A connection whose client reads when the test says so.
struct Line {
    net::HttpStreamEvents events;
    net::HttpReply head;
    std::string text;
    std::size_t waiting = 0;
    bool reads = true, open = true, streaming = false;

    void readAll() {
        waiting = 0;
        if (events.room)
            events.room();
    }
};

struct Stream : net::HttpStream {
    explicit Stream(std::shared_ptr<Line> to) : line(std::move(to)) {}
    void write(std::shared_ptr<const std::string> part) override {
        line->text += *part;
        if (!line->reads)
            line->waiting += part->size();
    }
    std::size_t waiting() const override { return line->waiting; }
    bool isOpen() const override { return line->open; }
    std::shared_ptr<Line> line;
};

struct Exchange : net::HttpExchange {
    net::ServerRequest asked;
    std::shared_ptr<Line> line = std::make_shared<Line>();
    const net::ServerRequest& request() const override { return asked; }
    void reply(net::HttpReply reply) override { line->head = std::move(reply); }
    void drop() override {}
    std::unique_ptr<net::HttpStream> stream(net::HttpReply head,
                                            net::HttpStreamEvents events) override {
        line->head = std::move(head);
        line->events = std::move(events);
        line->streaming = true;
        return std::make_unique<Stream>(line);
    }
};

/// Events in a loop of their own; everything happens in its thread.
struct House {
    net::EventLoop loop{"test"};
    std::unique_ptr<web::Events> events;

    explicit House(const char* allowOrigin = "", std::size_t most = 64) {
        loop.call([&] {
            events =
                std::make_unique<web::Events>(loop, web::OriginPolicy{allowOrigin, true}, most);
        });
    }
    ~House() {
        loop.call([&] { events.reset(); });
        loop.stop();
    }

    std::shared_ptr<Line> come(const char* method = "GET", const char* origin = nullptr) {
        auto exchange = std::make_shared<Exchange>();
        exchange->asked.method = method;
        exchange->asked.path = "/events";
        exchange->asked.headers = {{"Host", "127.0.0.1:8080"}};
        if (origin)
            exchange->asked.headers.emplace_back("Origin", origin);
        loop.call([&] { events->handle(exchange); });
        return exchange->line;
    }
    void say(const char* json) {
        loop.call([&] { events->publish(json); });
    }
    std::size_t clients() {
        return loop.call([&] { return events->clients(); });
    }
};

bool has(const Line& line, const char* part) { return line.text.find(part) != std::string::npos; }

} // namespace

START_TEST(eachHearsAll) {
    House house;
    house.say("{\"n\":1}");
    const auto line = house.come();
    ck_assert(line->streaming);
    CHECK_STR(line->head.type, "text/event-stream");
    ck_assert(has(*line, "data: {\"n\":1}\n\n")); // the newest, at once
    const auto second = house.come();
    house.say("{\"n\":2}");
    ck_assert(has(*line, "data: {\"n\":2}\n\n") && has(*second, "data: {\"n\":2}\n\n"));
}
END_TEST

START_TEST(theSlowHearTheNewest) {
    House house;
    const auto slow = house.come();
    slow->reads = false;
    for (const char* json : {"1", "2", "3", "4"})
        house.say(json);
    ck_assert(has(*slow, "data: 1\n\n")); // on its way
    ck_assert(!has(*slow, "data: 4"));
    house.loop.call([&] { slow->readAll(); });
    ck_assert(has(*slow, "data: 4\n\n"));
    ck_assert(!has(*slow, "data: 2") && !has(*slow, "data: 3"));
    ck_assert_uint_eq(house.loop.call([&] { return house.events->drops(); }), 2);
}
END_TEST

START_TEST(whoLeavesIsForgotten) {
    House house("", 2);
    const auto line = house.come();
    house.come();
    ck_assert_int_eq(house.come()->head.status, 503);
    house.loop.call([&] {
        line->open = false;
        line->events.gone();
    });
    for (int i = 0; i < 1000 && house.clients() > 1; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ck_assert_uint_eq(house.clients(), 1);
    ck_assert(house.come()->streaming);
}
END_TEST

START_TEST(whoMayListen) {
    House house("https://wall.example");
    ck_assert_int_eq(house.come("POST")->head.status, 405);
    ck_assert(!house.come("HEAD")->streaming);
    ck_assert_int_eq(house.come("GET", "https://evil.example")->head.status, 403);
    const auto page = house.come("GET", "https://wall.example");
    ck_assert(page->streaming);
    bool shared = false;
    for (const auto& [name, value] : page->head.headers)
        shared = shared || (name == "Access-Control-Allow-Origin" && value != "*");
    ck_assert(shared);
}
END_TEST

CHECK_MAIN("events", eachHearsAll, theSlowHearTheNewest, whoLeavesIsForgotten, whoMayListen)
