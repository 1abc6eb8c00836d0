#include "connectionwatch.hpp"

#include "check.hpp"
#include "net/cancel.hpp"

#include <thread>

using base::Error;
using base::ErrorKind;
using onvif::ConnectionWatch;
using namespace std::chrono_literals;

namespace {

const Error unplugged(ErrorKind::Unreachable, "somebody pulled the plug");

const auto nothingMissing = [](ConnectionWatch::Clock::time_point) { return std::nullopt; };

std::string whatUntilFlowing(ConnectionWatch& watch) {
    try {
        watch.untilFlowing();
    } catch (const Error& error) {
        return error.what();
    } catch (const net::Cancelled&) {
        return "cancelled";
    }
    return "flows";
}

/// A watch of a connection that was opened while the element plays.
struct Opened : ConnectionWatch {
    explicit Opened(std::chrono::milliseconds timeout = 10s) {
        start({timeout, false});
        setPlaying(true);
        forget();
        opened();
    }
};

} // namespace

START_TEST(wakesWhenThePictureComes) {
    Opened watch;
    std::thread camera([&] {
        watch.playAsked();
        watch.flows();
    });
    CHECK_STR(whatUntilFlowing(watch), "flows");
    camera.join();
}
END_TEST

/// Whoever is silent is told apart: one that answers nothing, one that sends no picture.
START_TEST(nothingComes) {
    Opened watch(20ms);
    ck_assert(whatUntilFlowing(watch).find("does not start") != std::string::npos);
    watch.playAsked();
    ck_assert(whatUntilFlowing(watch).find("sends no picture") != std::string::npos);
}
END_TEST

/// In PAUSED nothing is sent, so nothing is overdue, however long it takes.
START_TEST(nothingIsMissedInPaused) {
    Opened watch(1ms);
    watch.setPlaying(false);
    std::thread user([&] {
        std::this_thread::sleep_for(100ms);
        watch.finish();
    });
    CHECK_STR(whatUntilFlowing(watch), "cancelled");
    user.join();
}
END_TEST

/// The first reason is the one that helps; what follows from it does not replace it.
START_TEST(firstLossStays) {
    Opened watch;
    watch.lose(unplugged);
    ck_assert(watch.isGone());
    watch.lose(Error(ErrorKind::Failed, "a later one"));
    ck_assert_str_eq(watch.untilLost(nothingMissing).what(), unplugged.what());
    watch.forget();
    ck_assert(!watch.isGone());
    watch.flows();
    CHECK_STR(whatUntilFlowing(watch), "flows");
}
END_TEST

START_TEST(ownClosingIsNoLoss) {
    Opened watch;
    watch.setClosing(true);
    watch.lose(unplugged);
    ck_assert(watch.isGone());
    watch.setClosing(false);
    watch.flows();
    CHECK_STR(whatUntilFlowing(watch), "flows");
}
END_TEST

/// The question for what is missing may ask the watch itself: no lock is held.
START_TEST(silenceIsALoss) {
    Opened watch;
    const auto silent = [&](ConnectionWatch::Clock::time_point) -> std::optional<Error> {
        return watch.isGone() ? std::nullopt : std::optional(unplugged);
    };
    ck_assert_str_eq(watch.untilLost(silent).what(), unplugged.what());
}
END_TEST

START_TEST(retractedIsLostOnPurpose) {
    Opened watch;
    watch.retract();
    ck_assert(watch.isRetracted());
    ck_assert(whatUntilFlowing(watch) != "flows");
    watch.forget();
    ck_assert(!watch.isRetracted());
}
END_TEST

START_TEST(finishEndsEveryWait) {
    Opened watch;
    std::thread user([&] {
        std::this_thread::sleep_for(20ms);
        ck_assert(watch.finish());
    });
    bool cancelled = false;
    try {
        watch.pause(1h);
    } catch (const net::Cancelled&) {
        cancelled = true;
    }
    user.join();
    ck_assert(cancelled);
    ck_assert(!watch.finish());
    CHECK_STR(whatUntilFlowing(watch), "cancelled");
}
END_TEST

CHECK_MAIN("connectionwatch", wakesWhenThePictureComes, nothingComes, nothingIsMissedInPaused,
           firstLossStays, ownClosingIsNoLoss, silenceIsALoss, retractedIsLostOnPurpose,
           finishEndsEveryWait)
