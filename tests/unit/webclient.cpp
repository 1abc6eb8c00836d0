#include "webclient.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <deque>

using namespace onvif;
using base::ErrorKind;

/// A web server that answers what it is told to, in order.
struct Script {
    std::deque<net::HttpResponse> answers{};
    std::vector<net::HttpRequest> asked{};
    Refusals refusals{};

    WebClient client(const net::Credentials& credentials) {
        return WebClient(
            [this](const net::HttpRequest& request) {
                asked.push_back(request);
                ck_assert_msg(!answers.empty(), "asked once too often: %s", request.url.c_str());
                net::HttpResponse next = answers.front();
                answers.pop_front();
                return next;
            },
            credentials, {}, refusals);
    }
    std::string authorization(std::size_t i) const {
        const auto& headers = asked.at(i).headers;
        return headers.empty() ? "" : headers.front().second;
    }
};

static const char* uri = "http://192.0.2.1:81/snap.jpg?user=a&password=s3cret";
static const net::Credentials admin = {"admin", "s3cret"};

static net::HttpResponse picture() { return {200, "", {}, "JPEG"}; }
static net::HttpResponse challenge(const std::string& more = "") {
    return {401, "", {{"WWW-Authenticate", "Digest realm=\"web\", nonce=\"n\"" + more}}, ""};
}
static ErrorKind failure(WebClient& client) {
    try {
        client.get(uri, "the snapshot");
    } catch (const base::Error& error) {
        const std::string all = error.what() + error.details();
        ck_assert_msg(all.find("s3cret") == std::string::npos, "%s", all.c_str());
        ck_assert_msg(all.find("the snapshot") != std::string::npos, "%s", all.c_str());
        return error.kind();
    }
    ck_abort_msg("it did not fail");
    return ErrorKind::Failed;
}

/// Quirk M7: a login of its own, and the address byte for byte.
START_TEST(digestM7) {
    Script server;
    server.answers = {challenge(), picture(), picture()};
    auto client = server.client(admin);
    CHECK_STR(client.get(uri, "the snapshot").body, "JPEG");
    CHECK_STR(client.get(uri, "the snapshot").body, "JPEG");
    CHECK_STR(server.asked[0].url, uri);
    CHECK_STR(server.authorization(0), "");
    ck_assert(server.authorization(1).find("uri=\"/snap.jpg?user=a&password=s3cret\"") !=
              std::string::npos);
    ck_assert(server.authorization(2).find("Digest ") == 0);
    ck_assert(server.asked[1].sealed && !server.asked[0].sealed);
}
END_TEST

/// Quirk A5: one try, for this client and the next.
START_TEST(oneTryA5) {
    Script server;
    server.answers = {challenge(), challenge()};
    auto client = server.client(admin);
    ck_assert(failure(client) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(server.asked.size(), 2);
    server.answers = {challenge(), challenge()};
    auto next = server.client(admin);
    ck_assert(failure(next) == ErrorKind::NotAuthorized);
    ck_assert(failure(client) == ErrorKind::NotAuthorized); // nor by this one once more
    CHECK_STR(server.authorization(2), "");
    CHECK_STR(server.authorization(3), "");
}
END_TEST

/// Quirk A5: the password is another one since, which one of two clients was told already.
START_TEST(passwordChangedA5) {
    Script server;
    server.answers = {challenge(), picture(), challenge(), picture()};
    auto first = server.client(admin), second = server.client(admin);
    first.get(uri, "the snapshot");
    second.get(uri, "the snapshot");
    server.answers = {challenge(), challenge()};
    ck_assert(failure(first) == ErrorKind::NotAuthorized);
    ck_assert(failure(second) == ErrorKind::NotAuthorized);
    ck_assert_uint_eq(server.asked.size(), 6);
}
END_TEST

START_TEST(anAgedNonceIsNoRejection) {
    Script server;
    server.answers = {challenge(), challenge(", stale=true"), picture()};
    auto client = server.client(admin);
    CHECK_STR(client.get(uri, "the snapshot").body, "JPEG");
}
END_TEST

START_TEST(aRedirectToAnotherPortStartsBare) {
    net::HttpResponse moved{302, "", {}, ""};
    moved.movedTo = "https://192.0.2.1/snap.jpg";
    Script server;
    server.answers = {challenge(), moved, challenge(", algorithm=SHA-256"), picture()};
    auto client = server.client(admin);
    CHECK_STR(client.get(uri, "the snapshot").body, "JPEG");
    CHECK_STR(server.authorization(2), "");
    CHECK_STR(server.asked[3].url, "https://192.0.2.1/snap.jpg");
    ck_assert(server.authorization(3).find("SHA-256") != std::string::npos);
}
END_TEST

START_TEST(whatIsNoPicture) {
    struct Row {
        net::HttpResponse answer;
        ErrorKind kind;
    };
    const Row rows[] = {
        {{404, "", {}, ""}, ErrorKind::NotFound},
        {{503, "", {}, ""}, ErrorKind::Failed},
        {{403, "", {}, ""}, ErrorKind::NotAuthorized},
        {{401, "", {{"WWW-Authenticate", "Basic realm=\"x\""}}, ""}, ErrorKind::Unsupported}};
    for (const Row& row : rows) {
        Script server;
        server.answers = {row.answer};
        auto client = server.client(admin);
        ck_assert(failure(client) == row.kind);
    }
    Script server;
    server.answers = {challenge()};
    auto client = server.client({});
    ck_assert(failure(client) == ErrorKind::NotAuthorized);
}
END_TEST

CHECK_MAIN("webclient", digestM7, oneTryA5, passwordChangedA5, anAgedNonceIsNoRejection,
           aRedirectToAnotherPortStartsBare, whatIsNoPicture)
