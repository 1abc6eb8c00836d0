// Times go in by hand: nothing here waits.
#include "roster.hpp"

#include "check.hpp"

#include <algorithm>

using namespace onvif;
using std::chrono::milliseconds;
using Kind = Change::Kind;

/// A roster whose time passes as told.
struct Stage {
    Roster roster{3};
    Roster::Time now{std::chrono::hours(1)};
    std::vector<std::string> asked;

    void pass(int ms) { now += milliseconds(ms); }
    void answers(const std::string& endpoint, const std::string& sender,
                 const std::string& xaddr = "") {
        roster.answered({"urn:uuid:" + endpoint,
                         sender,
                         {"tds:Device"},
                         {"onvif://www.onvif.org/name/" + endpoint},
                         {xaddr.empty() ? "http://" + sender + "/onvif" : xaddr}},
                        now);
    }
    /// "+a@host -b ~c@host", in the order of their keys.
    std::string news() {
        std::string text;
        for (const Change& change : roster.changes(now)) {
            const char* sign = change.kind == Kind::Added     ? "+"
                               : change.kind == Kind::Changed ? "~"
                                                              : "-";
            text += (text.empty() ? "" : " ") + (sign + change.key) + "@" + change.camera.sender;
        }
        return text;
    }
    /// Time passes in small steps, questions go out and nobody answers; a round is begun as soon as
    /// one is wanted.
    std::string silence(int ms) {
        std::string text;
        for (const auto end = now + milliseconds(ms); now < end; pass(50)) {
            for (const std::string& host : roster.questions(now))
                asked.push_back(host);
            if (roster.wantsRound())
                roster.askedAll(now);
            const std::string more = news();
            text += (text.empty() || more.empty() ? "" : " ") + more;
        }
        return text;
    }
    std::string round(int ms = 0) {
        roster.beginRound(now);
        return silence(ms);
    }
};

START_TEST(addedOnceFromParts) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    CHECK_STR(stage.news(), "");
    stage.pass(60);
    stage.answers("a", "192.0.2.1", "https://192.0.2.1/onvif");
    stage.pass(60);
    const auto changes = stage.roster.changes(stage.now);
    ck_assert_uint_eq(changes.size(), 1);
    ck_assert(changes[0].kind == Kind::Added);
    ck_assert_uint_eq(changes[0].camera.xaddrs.size(), 2);
    CHECK_STR(changes[0].camera.name(), "a");
    for (int round = 0; round < 5; round++) {
        CHECK_STR(stage.round(), "");
        stage.answers("a", "192.0.2.1", "https://192.0.2.1/onvif");
        stage.answers("a", "192.0.2.1"); // in the other order
        CHECK_STR(stage.silence(500), "");
    }
    ck_assert(stage.asked.empty());
}
END_TEST

START_TEST(unseenForSeveralRounds) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.answers("b", "192.0.2.2");
    CHECK_STR(stage.silence(200), "+a@192.0.2.1 +b@192.0.2.2");
    for (int round = 0; round < 3; round++) {
        CHECK_STR(stage.round(), "");
        stage.answers("b", "192.0.2.2");
        CHECK_STR(stage.silence(500), "");
    }
    // It was asked by itself as well, since some networks lose multicast.
    ck_assert_int_ge(std::count(stage.asked.begin(), stage.asked.end(), "192.0.2.1"), 1);
    ck_assert_int_eq(std::count(stage.asked.begin(), stage.asked.end(), "192.0.2.2"), 0);
    CHECK_STR(stage.round(100), "-a@192.0.2.1");
    ck_assert_uint_eq(stage.roster.size(), 1);
}
END_TEST

START_TEST(answersInTheLastRound) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.silence(200);
    for (int round = 0; round < 10; round++) {
        CHECK_STR(stage.round(500), "");
        CHECK_STR(stage.round(500), "");
        CHECK_STR(stage.round(), "");
        stage.answers("a", "192.0.2.1");
        CHECK_STR(stage.silence(500), "");
    }
}
END_TEST

START_TEST(byeOfWhoIsSilent) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.silence(200);
    ck_assert(stage.roster.saidBye("uuid:A", stage.now));
    ck_assert(stage.roster.wantsRound());
    CHECK_STR(stage.silence(900), "");
    CHECK_STR(stage.silence(300), "-a@192.0.2.1");
    ck_assert_int_eq(std::count(stage.asked.begin(), stage.asked.end(), "192.0.2.1"), 3);
}
END_TEST

/// A Bye that somebody else says, again and again: the camera answers and stays.
START_TEST(forgedBye) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.silence(200);
    for (int i = 0; i < 1000; i++) {
        stage.roster.saidBye("urn:uuid:a", stage.now);
        const std::size_t before = stage.asked.size();
        CHECK_STR(stage.silence(50), "");
        if (stage.asked.size() > before)
            stage.answers("a", "192.0.2.1");
    }
    // 50 s: asked twice in 6 s at most.
    ck_assert_uint_le(stage.asked.size(), 18);
    ck_assert(!stage.roster.saidBye("urn:uuid:unknown", stage.now));
}
END_TEST

/// Some still answer when they say it, and are gone a moment later.
START_TEST(byeOfWhoStillAnswers) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.silence(200);
    stage.roster.saidBye("urn:uuid:a", stage.now);
    stage.silence(100);
    stage.answers("a", "192.0.2.1");
    CHECK_STR(stage.silence(2700), "");
    CHECK_STR(stage.silence(2500), "-a@192.0.2.1");
}
END_TEST

START_TEST(changesItsAddress) {
    Stage stage;
    stage.answers("a", "192.0.2.1");
    stage.silence(200);
    ck_assert(stage.roster.unknown("urn:uuid:a", "192.0.2.9"));
    ck_assert(!stage.roster.unknown("urn:uuid:a", "192.0.2.1"));
    stage.round(500); // the old address has been silent for this round
    stage.answers("a", "192.0.2.9");
    CHECK_STR(stage.silence(2000), "~a@192.0.2.9");
    ck_assert(stage.roster.unknown("urn:uuid:a", "192.0.2.1"));
}
END_TEST

/// On two networks at once it keeps both addresses, and loses the one that falls silent.
START_TEST(twoAddresses) {
    Stage stage;
    const auto answerTwice = [&] {
        stage.answers("a", "192.0.2.1");
        stage.answers("a", "198.51.100.1");
    };
    answerTwice();
    CHECK_STR(stage.silence(200), "+a@192.0.2.1");
    for (int round = 0; round < 5; round++) {
        stage.round();
        answerTwice();
        CHECK_STR(stage.silence(300), "");
    }
    stage.round();
    stage.answers("a", "198.51.100.1");
    CHECK_STR(stage.silence(300), "");
    stage.round();
    stage.answers("a", "198.51.100.1");
    CHECK_STR(stage.silence(1500), "~a@198.51.100.1");
}
END_TEST

/// On the same host, as after a restart on another port: the new port is believed at once.
START_TEST(changesItsPort) {
    Stage stage;
    stage.answers("a", "192.0.2.1", "http://192.0.2.1:80/x");
    stage.silence(200);
    stage.round();
    stage.answers("a", "192.0.2.1", "http://192.0.2.1:81/x");
    stage.pass(200);
    const auto changes = stage.roster.changes(stage.now);
    ck_assert_uint_eq(changes.size(), 1);
    CHECK_STR(changes[0].camera.address(), "http://192.0.2.1:81/x");
}
END_TEST

START_TEST(bounded) {
    Stage stage;
    for (int i = 0; i < 1000; i++)
        stage.answers("x" + std::to_string(i), "192.0.2.66");
    ck_assert_uint_eq(stage.roster.size(), 384);
    stage.answers("mine", "192.0.2.1");
    ck_assert_uint_eq(stage.roster.size(), 385);
    for (int i = 0; i < 1000; i++)
        stage.answers("y" + std::to_string(i), "10.0.0." + std::to_string(i % 250));
    ck_assert_uint_eq(stage.roster.size(), 512);
    for (int i = 0; i < 100; i++)
        stage.answers("mine", "10.1.0." + std::to_string(i));
    stage.pass(200);
    for (const Change& change : stage.roster.changes(stage.now))
        ck_assert_uint_le(change.camera.otherSenders.size(), 8);
}
END_TEST

CHECK_MAIN("roster", addedOnceFromParts, unseenForSeveralRounds, answersInTheLastRound,
           byeOfWhoIsSilent, forgedBye, byeOfWhoStillAnswers, changesItsAddress, twoAddresses,
           changesItsPort, bounded)
