// Who waits for what is not made yet, and how many may.
#include "web/segmentwaiters.hpp"

#include "check.hpp"

using namespace std::chrono_literals;
using namespace web;

namespace {

struct Letter : net::HttpExchange {
    explicit Letter(const std::string& from) { asked.remote = from; }
    net::ServerRequest asked;
    const net::ServerRequest& request() const override { return asked; }
    void reply(net::HttpReply) override {}
    std::unique_ptr<net::HttpStream> stream(net::HttpReply, net::HttpStreamEvents) override {
        return nullptr;
    }
    void drop() override {}
};

/// A track of which nothing comes, and people who wait for it.
struct Queue {
    std::shared_ptr<SegmentStore> store = std::make_shared<SegmentStore>(WindowSettings{});
    std::shared_ptr<net::EventLoop> loop = std::make_shared<net::EventLoop>("waiters");
    std::size_t late = 0, answered = 0; ///< in the loop's thread
    std::shared_ptr<SegmentWaiters> waiters = std::make_shared<SegmentWaiters>(
        store, loop, 1h,
        [this](const Site::Exchange&, bool isLate) { (isLate ? late : answered)++; });

    Queue() { store->expect("video_0"); }
    ~Queue() {
        loop->call([this] { waiters.reset(); });
        loop->stop();
    }

    /// How many of them were not let in.
    std::size_t come(std::size_t count, const std::string& from) {
        return loop->call([&] {
            const std::size_t before = late;
            for (std::size_t i = 0; i < count; i++)
                waiters->await(std::make_shared<Letter>(from), {"video_0", 0, std::nullopt});
            return late - before;
        });
    }
    void close() {
        loop->call([this] { waiters->close(); });
    }
};

} // namespace

START_TEST(anAddressHasItsShare) {
    Queue queue;
    ck_assert_uint_eq(queue.come(SegmentWaiters::mostEach + 5, "192.0.2.1"), 5);
    ck_assert_uint_eq(queue.come(1, "192.0.2.2"), 0);
    // One network at home, whichever of its addresses asks.
    ck_assert_uint_eq(queue.come(SegmentWaiters::mostEach, "2001:db8::1"), 0);
    ck_assert_uint_eq(queue.come(1, "2001:db8::2"), 1);
    ck_assert_uint_eq(queue.come(1, "::ffff:192.0.2.1"), 1);
    queue.close();
    ck_assert_uint_eq(queue.late, 5 + 1 + 1 + 2 * SegmentWaiters::mostEach + 1);
}
END_TEST

START_TEST(aProxyHereSpeaksForMany) {
    Queue queue;
    ck_assert_uint_eq(queue.come(SegmentWaiters::most + 5, "127.0.0.1"), 5);
    ck_assert_uint_eq(queue.come(1, "192.0.2.1"), 1); // there are enough in all
    queue.close();
}
END_TEST

START_TEST(whoWasAnsweredMakesRoom) {
    Queue queue;
    ck_assert_uint_eq(queue.come(SegmentWaiters::mostEach, "192.0.2.1"), 0);
    ck_assert_uint_eq(queue.come(1, "192.0.2.1"), 1);
    queue.store->end("video_0"); // nothing is to come any more
    queue.waiters->made();
    ck_assert_uint_eq(queue.come(0, ""), 0); // after what made() has posted
    ck_assert_uint_eq(queue.answered, SegmentWaiters::mostEach);
    ck_assert_uint_eq(queue.come(1, "192.0.2.1"), 0);
    ck_assert_uint_eq(queue.answered, SegmentWaiters::mostEach + 1);
}
END_TEST

CHECK_MAIN("segmentwaiters", anAddressHasItsShare, aProxyHereSpeaksForMany, whoWasAnsweredMakesRoom)
