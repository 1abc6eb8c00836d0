// That no camera locks its user out for being asked, each by its code in the notes.
#include "soapscript.hpp"

#include <atomic>
#include <memory>
#include <thread>

using namespace script;

/// Quirk A5: one rejection ends it, whatever is asked afterwards.
START_TEST(lockOutA5) {
    for (const bool digest : {true, false}) {
        Script device;
        if (digest)
            device.answers = {challenge(), challenge("", "n2")};
        else
            device.answers = {fault(400, "ter:NotAuthorized"), fault(400, "ter:NotAuthorized")};
        auto client = device.client(admin);
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
        ck_assert_uint_eq(device.asked.size(), 2);
    }
}
END_TEST

/// Quirk A5: nor by the next client of this process, until the password is another one.
START_TEST(lockOutIsRememberedA5) {
    Script device;
    device.answers = {challenge(), challenge("", "n2")};
    auto first = device.client(admin);
    ck_assert(refusal(first) == ErrorKind::NotAuthorized);
    device.answers = {challenge(), challenge()};
    auto again = device.client(admin);
    ck_assert(refusal(again) == ErrorKind::NotAuthorized);
    ck_assert(refusal(again) == ErrorKind::NotAuthorized);
    ck_assert(device.bare(2) && device.bare(3));
    device.answers = {challenge(), fine()};
    auto corrected = device.client({"admin", "b3tter"});
    call(corrected);
    ck_assert(!device.bare(5));
}
END_TEST

/// Quirk A5: the password is another one since. One wrong login by the nonce of before, one by the
/// new one, and no more: of this client, nor of the next.
START_TEST(passwordChangedA5) {
    Script device;
    device.answers = {challenge(), fine(), challenge("", "n2"), challenge("", "n3")};
    auto client = device.client(admin);
    call(client);
    for (int i = 0; i < 4; i++)
        ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 4);
    device.answers = {challenge()};
    auto next = device.client(admin);
    ck_assert(refusal(next) == ErrorKind::NotAuthorized);
    ck_assert(device.bare(4));
}
END_TEST

/// Quirk A5: another client that was let in before does not answer a new challenge either.
START_TEST(toldByAnotherA5) {
    Script device;
    device.answers = {challenge(), fine(), challenge(), fine(), challenge(), challenge()};
    auto first = device.client(admin), second = device.client(admin);
    call(first);
    call(second);
    ck_assert(refusal(first) == ErrorKind::NotAuthorized);
    device.answers = {challenge()};
    ck_assert(refusal(second) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 7);
}
END_TEST

/// Quirk A5: by a token the same, where the device says that it was the password.
START_TEST(passwordChangedByTokenA5) {
    Script device;
    device.answers = {fault(400, "ter:NotAuthorized"), fine(),
                      fault(400, "wsse:FailedAuthentication")};
    auto client = device.client(admin);
    call(client);
    for (const char* name : {"GetProfiles", "GetStatus", "Stop"})
        ck_assert(refusal(client, name) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 3);
}
END_TEST

/// What was refused is tried again when its time is over, bare first.
START_TEST(refusalsEndA5) {
    Script device;
    device.answers = {challenge(), challenge()};
    auto client = device.client(admin);
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert(refusal(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(device.asked.size(), 2);
    device.refusals.refused("http://192.0.2.1:80", admin, Refusals::Clock::now() - Refusals::pause);
    device.answers = {challenge(), fine()};
    call(client);
    ck_assert(device.bare(2) && !device.bare(3));
}
END_TEST

/// Quirk A5: elements that are started together with a wrong password are one wrong login.
START_TEST(startedTogetherA5) {
    Refusals refusals;
    std::atomic<int> logins{0};
    const Exchange device = [&](const net::HttpRequest& request) {
        if (request.sealed)
            logins++;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return challenge();
    };
    std::vector<std::thread> elements;
    for (int i = 0; i < 12; i++)
        elements.emplace_back([&] {
            SoapClient client(device, admin, {}, refusals);
            refusal(client);
        });
    for (auto& element : elements)
        element.join();
    ck_assert_int_eq(logins, 1);
}
END_TEST

/// Quirk A7: the user is known and may not do this, however often it is asked: no new login, other
/// operations go on, and so do others of this account. By a token every question is a login, and
/// the password might be another one since: the same is not asked again at once.
START_TEST(lackOfRightsA7) {
    for (const bool digest : {true, false}) {
        Script device;
        device.answers = {digest ? challenge() : fault(400, "ter:NotAuthorized"), fine()};
        auto client = device.client(admin);
        call(client);
        for (int i = 0; i < 5; i++)
            for (const char* move : {"ContinuousMove", "Stop", "GetStatus"}) {
                device.answers = {fault(400, "ter:NotAuthorized")};
                ck_assert(refusal(client, move) == ErrorKind::NotAuthorized);
            }
        device.answers = {fine()};
        call(client);
        ck_assert(!device.bare(device.asked.size() - 1));
        ck_assert_uint_eq(device.asked.size(), digest ? 18 : 6);
        ck_assert(!device.refusals.wait("http://192.0.2.1:80", admin));
    }
}
END_TEST

CHECK_MAIN("soaplockout", lockOutA5, lockOutIsRememberedA5, passwordChangedA5, toldByAnotherA5,
           passwordChangedByTokenA5, refusalsEndA5, startedTogetherA5, lackOfRightsA7)
