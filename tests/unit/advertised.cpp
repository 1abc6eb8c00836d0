#include "web/advertised.hpp"

#include "base/error.hpp"
#include "check.hpp"

using Texts = std::vector<std::string>;

START_TEST(addresses) {
    ck_assert(web::readAddresses("").empty());
    ck_assert(web::readAddresses("192.0.2.1") == (Texts{"192.0.2.1"}));
    ck_assert(web::readAddresses(" 192.0.2.1,2001:db8::1 ") == (Texts{"192.0.2.1", "2001:db8::1"}));
    for (const char* bad :
         {"camera.example", "192.0.2", "192.0.2.1:80", "fe80::1%eth0", "x\r\na=b",
          "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9"})
        try {
            web::readAddresses(bad);
            ck_abort_msg("%s was taken", bad);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::Settings);
        }
}
END_TEST

START_TEST(hostCandidatesAreToldTwice) {
    const Texts own = {
        "1 1 UDP 2015363327 10.0.0.2 40000 typ host",
        "2 1 TCP 1010827775 10.0.0.2 40001 typ host tcptype passive",
        "3 1 UDP 2015363583 fd00::2 40002 typ host",
        "4 1 UDP 1679819007 198.51.100.7 40000 typ srflx raddr 10.0.0.2 rport 40000"};
    ck_assert(web::advertise(own, {}) == own);
    Texts wanted = own;
    wanted.push_back("1a0 1 UDP 2015363326 192.0.2.1 40000 typ host");
    wanted.push_back("2a0 1 TCP 1010827774 192.0.2.1 40001 typ host tcptype passive");
    wanted.push_back("3a1 1 UDP 2015363581 2001:db8::1 40002 typ host");
    ck_assert(web::advertise(own, {"192.0.2.1", "2001:db8::1"}) == wanted);
    // Two interfaces with the same port are one door of the router.
    const Texts twice = {own[0], "5 1 UDP 2015363000 10.0.1.2 40000 typ host"};
    ck_assert_uint_eq(web::advertise(twice, {"192.0.2.1"}).size(), 3);
    const Texts odd = {"", "1 1 UDP", "1 1 UDP 0 10.0.0.2 1 typ host"};
    ck_assert_uint_eq(web::advertise(odd, {"192.0.2.1"}).size(), 4);
}
END_TEST

CHECK_MAIN("advertised", addresses, hostCandidatesAreToldTwice)
