#include "web/iceserver.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <ctime>

using web::IceServer;

START_TEST(links) {
    CHECK_STR(IceServer::parse("stun://stun.example:3478", "stun-server").link(),
              "<stun:stun.example:3478>; rel=\"ice-server\"");
    const auto turn =
        IceServer::parse("turn://b%40b:p%22%2Cw@[2001:db8::1]:3478?transport=tcp", "turn-server");
    CHECK_STR(turn.link(), "<turn:[2001:db8::1]:3478?transport=tcp>; rel=\"ice-server\"; "
                           "username=\"b@b\"; credential=\"p\\\",w\"; "
                           "credential-type=\"password\"");
    CHECK_STR(turn.uri(), "turn://b%40b:p%22%2Cw@[2001:db8::1]:3478?transport=tcp");
}
END_TEST

START_TEST(lists) {
    const auto all =
        IceServer::parseList("turn://a:b@c:1, turns://d:e@f:443?transport=tcp ", "turn-server");
    ck_assert_uint_eq(all.size(), 2);
    CHECK_STR(all[1].scheme, "turns");
    CHECK_STR(all[1].password, "e");
    ck_assert(IceServer::parseList("", "turn-server").empty());
    ck_assert(IceServer::links("", "").empty());
    ck_assert_uint_eq(IceServer::links("stun://a:1", "turn://a:b@c:1,turn://d:e@f:1").size(), 3);
}
END_TEST

START_TEST(whatIsNone) {
    for (const char* text :
         {"turn://host:1", "turn://secret@host", "stun://a:secret@b:1", "http://x:secret@y", "turn",
          "turn://a:secret@b:1?x=y", "turn://a:secret@", "turn://a:secret@b c",
          "turn://a:secret%00@b", "turn://a:secret%0d%0ax@b", "turn://a:secret%zz@b"}) {
        try {
            IceServer::parse(text, "turn-server");
            ck_abort_msg("%s was taken", text);
        } catch (const base::Error& error) {
            ck_assert(std::string(error.what()).find("secret") == std::string::npos);
            ck_assert(std::string(error.what()).find("turn-server") == 0);
        }
    }
}
END_TEST

// The password as openssl makes it: printf %s USER | openssl dgst -sha1 -hmac SECRET -binary |
// base64
START_TEST(loginsOfADay) {
    CHECK_STR(web::turnPassword("1700000000:ann", "north-wind"), "ARjkERj/JJ2hxMpHRrF/UTllt7k=");
    const std::string list = "turn://host:1, turn://a:b@host:2";
    const auto one = IceServer::turns(list, "north-wind"),
               other = IceServer::turns(list, "north-wind");
    ck_assert_uint_eq(one.size(), 2);
    CHECK_STR(one[1].user, "a");
    CHECK_STR(one[1].password, "b");
    CHECK_STR(one[0].password, web::turnPassword(one[0].user, "north-wind"));
    ck_assert(one[0].user != other[0].user); // nobody's but this session's
    const long left = std::stol(one[0].user) - static_cast<long>(std::time(nullptr));
    ck_assert(left > 23 * 3600 && left <= 24 * 3600);
    for (const std::string& link : IceServer::links("", list, "north-wind"))
        ck_assert(link.find("north-wind") == link.npos);
    try {
        IceServer::turns(list, "");
        ck_abort_msg("a server without a login was taken");
    } catch (const base::Error&) {
    }
}
END_TEST

CHECK_MAIN("iceserver", links, lists, whatIsNone, loginsOfADay)
