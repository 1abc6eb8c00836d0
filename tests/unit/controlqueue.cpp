#include "controlqueue.hpp"

#include "check.hpp"

#include <future>
#include <mutex>
#include <thread>

using namespace onvif;
using base::ErrorKind;
using std::chrono::milliseconds;

namespace {

std::unique_ptr<Camera> nowhere(const net::Cancel& cancel) {
    Target target;
    target.known = Whereabouts{AddressPolicy(*net::Url::parse("http://192.0.2.1/")), {}, false, {}};
    return std::make_unique<Camera>(target, cancel);
}

/// What became of the jobs, in their order.
struct Log {
    std::mutex mutex;
    std::string text;
    void add(const std::string& word) {
        const std::lock_guard<std::mutex> lock(mutex);
        text += word + " ";
    }
    ControlQueue::Job job(const std::string& name, bool motion) {
        return {motion,
                [=](Camera&) {
                    add(name);
                    return milliseconds(0);
                },
                [=](const base::Error& error) {
                    add(name + (error.kind() == ErrorKind::Busy ? "-replaced" : "-failed"));
                },
                false};
    }
};

/// Holds the queue's thread until it is let go.
struct Gate {
    std::promise<void> reached, open;
    ControlQueue::Job job() {
        return {false,
                [this](Camera&) {
                    reached.set_value();
                    open.get_future().wait();
                    return milliseconds(0);
                },
                [](const base::Error&) {}};
    }
};

void finish(ControlQueue& queue) {
    std::promise<void> done;
    queue.add({false,
               [&](Camera&) {
                   done.set_value();
                   return milliseconds(0);
               },
               [](const base::Error&) {}});
    done.get_future().wait();
}

} // namespace

START_TEST(worksInOrder) {
    Log log;
    ControlQueue queue(nowhere);
    for (const char* name : {"a", "b", "c"})
        queue.add(log.job(name, false));
    finish(queue);
    CHECK_STR(log.text, "a b c ");
}
END_TEST

/// The newest move wins; what is no move waits its turn.
START_TEST(movesDoNotPileUp) {
    Log log;
    Gate gate;
    ControlQueue queue(nowhere);
    queue.add(gate.job());
    gate.reached.get_future().wait();
    for (const char* name : {"m1", "m2"})
        queue.add(log.job(name, true));
    queue.add(log.job("snapshot", false));
    queue.add(log.job("m3", true));
    gate.open.set_value();
    finish(queue);
    CHECK_STR(log.text, "m1-replaced m2-replaced snapshot m3 ");
}
END_TEST

/// What stops the head goes before all that waits.
START_TEST(stopsFirst) {
    Log log;
    Gate gate;
    ControlQueue queue(nowhere);
    queue.add(gate.job());
    gate.reached.get_future().wait();
    queue.add(log.job("snapshot", false));
    queue.add(log.job("move", true));
    auto stop = log.job("stop", true);
    stop.urgent = true;
    queue.add(std::move(stop));
    gate.open.set_value();
    finish(queue);
    CHECK_STR(log.text, "move-replaced stop snapshot ");
}
END_TEST

/// Quirk P1: a move that only we can end is ended in its time, whatever waits. The queue opens the
/// camera for that here, and is not let in, which the stop keeps to itself.
START_TEST(haltsBetweenJobsP1) {
    Log log;
    Gate gate;
    int opened = 0;
    ControlQueue queue([&](const net::Cancel& cancel) {
        if (++opened == 2)
            throw base::Error(ErrorKind::NotAuthorized, "not now");
        return nowhere(cancel);
    });
    queue.add(gate.job());
    gate.reached.get_future().wait();
    queue.add({true, [](Camera&) { return milliseconds(1); }, [](const base::Error&) {}});
    queue.add({false,
               [&](Camera&) {
                   std::this_thread::sleep_for(milliseconds(20)); // until it is over
                   queue.reopen();
                   return milliseconds(0);
               },
               [](const base::Error&) {}});
    queue.add(log.job("snapshot", false));
    gate.open.set_value();
    finish(queue);
    CHECK_STR(log.text, "snapshot ");
    ck_assert_int_eq(opened, 3);
}
END_TEST

START_TEST(refusesTooMuch) {
    Log log;
    Gate gate;
    ControlQueue queue(nowhere);
    queue.add(gate.job());
    gate.reached.get_future().wait();
    for (std::size_t i = 0; i < ControlQueue::maxWaiting; i++)
        queue.add({false, [](Camera&) { return milliseconds(0); }, [](const base::Error&) {}});
    queue.add(log.job("late", false));
    CHECK_STR(log.text, "late-replaced ");
    gate.open.set_value();
}
END_TEST

START_TEST(failsWhatWaitsAtTheEnd) {
    Log log;
    Gate gate;
    {
        ControlQueue queue(nowhere);
        queue.add(gate.job());
        gate.reached.get_future().wait();
        queue.add(log.job("a", false));
        gate.open.set_value();
        queue.add(log.job("b", false));
        queue.stop();
        queue.stop();
        queue.add(log.job("c", false));
    }
    ck_assert_msg(log.text.find("c-replaced") != std::string::npos, "%s", log.text.c_str());
    ck_assert(log.text.find("b ") != std::string::npos ||
              log.text.find("b-failed") != std::string::npos);
}
END_TEST

START_TEST(opensAgainAfterSilence) {
    int opened = 0;
    ControlQueue queue([&](const net::Cancel& cancel) {
        opened++;
        return nowhere(cancel);
    });
    finish(queue);
    finish(queue);
    ck_assert_int_eq(opened, 1);
    std::promise<ErrorKind> failed;
    queue.add(
        {false,
         [](Camera&) -> milliseconds { throw base::Error(ErrorKind::Unreachable, "nobody there"); },
         [&](const base::Error& error) { failed.set_value(error.kind()); }});
    ck_assert(failed.get_future().get() == ErrorKind::Unreachable);
    finish(queue);
    ck_assert_int_eq(opened, 2);
}
END_TEST

START_TEST(errorsOfOpeningReachTheJob) {
    Log log;
    ControlQueue queue([](const net::Cancel&) -> std::unique_ptr<Camera> {
        throw base::Error(ErrorKind::Settings, "no location");
    });
    std::promise<std::string> failed;
    queue.add({true, [](Camera&) { return milliseconds(0); },
               [&](const base::Error& error) { failed.set_value(error.what()); }});
    CHECK_STR(failed.get_future().get(), "no location");
}
END_TEST

/// The last owner of a queue may be one of its own jobs.
START_TEST(endsInItsOwnThread) {
    std::promise<void> done;
    auto queue = std::make_shared<ControlQueue>(nowhere);
    std::weak_ptr<ControlQueue> weak = queue;
    std::promise<void> released;
    queue->add({false,
                [&, own = std::make_shared<std::shared_ptr<ControlQueue>>(queue)](Camera&) {
                    released.get_future().wait();
                    own->reset();
                    done.set_value();
                    return milliseconds(0);
                },
                [](const base::Error&) {}});
    queue.reset();
    released.set_value();
    done.get_future().wait();
    ck_assert(weak.expired());
}
END_TEST

CHECK_MAIN("controlqueue", worksInOrder, movesDoNotPileUp, stopsFirst, haltsBetweenJobsP1,
           refusesTooMuch, failsWhatWaitsAtTheEnd, opensAgainAfterSilence,
           errorsOfOpeningReachTheJob, endsInItsOwnThread)
