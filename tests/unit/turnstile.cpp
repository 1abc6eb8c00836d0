#include "net/turnstile.hpp"

#include "check.hpp"

#include <vector>

using net::Turnstile;
using Pass = std::shared_ptr<Turnstile::Pass>;

namespace {

struct House {
    Turnstile turnstile;
    std::vector<Pass> passes;
    std::vector<std::size_t> evicted;

    House(std::size_t all, std::size_t each) : turnstile(all, each) {}
    bool enter(const std::string& address, bool privileged = false) {
        auto pass = turnstile.enter(address, privileged);
        if (!pass)
            return false;
        const std::size_t number = passes.size();
        pass->onEviction([this, number] {
            evicted.push_back(number);
            passes[number].reset(); // as whoever closes the connection does
        });
        passes.push_back(std::move(pass));
        return true;
    }
};

} // namespace

START_TEST(oneAddressHasItsShare) {
    House house(10, 2);
    ck_assert(house.enter("192.0.2.1") && house.enter("192.0.2.1") && house.enter("192.0.2.2"));
    ck_assert(house.enter("192.0.2.1")); // the first one of it goes
    ck_assert_uint_eq(house.evicted.size(), 1);
    ck_assert_uint_eq(house.evicted[0], 0);
    for (const std::size_t i : {1, 3})
        house.passes[i]->settle();
    ck_assert(!house.enter("192.0.2.1")); // nobody of it gives way
    house.passes[1].reset();
    ck_assert(house.enter("192.0.2.1"));
    ck_assert_uint_eq(house.turnstile.size(), 3);
    ck_assert(house.enter("192.0.2.1", true) && house.enter("192.0.2.1", true));
}
END_TEST

START_TEST(theCrowdGivesWay) {
    House house(4, 4);
    ck_assert(house.enter("192.0.2.9"));
    for (int i = 0; i < 3; i++)
        ck_assert(house.enter("192.0.2.1"));
    ck_assert(house.enter("192.0.2.2"));
    ck_assert_uint_eq(house.evicted.size(), 1);
    ck_assert_uint_eq(house.evicted[0], 1); // not the one who has waited longest of all
    for (const auto& pass : house.passes)
        if (pass)
            pass->settle();
    ck_assert(!house.enter("192.0.2.3"));
    ck_assert_uint_eq(house.turnstile.size(), 4);
}
END_TEST

START_TEST(passesOutliveTheHouse) {
    Pass pass;
    {
        Turnstile turnstile(1, 1);
        pass = turnstile.enter("::1");
    }
    pass->settle();
}
END_TEST

CHECK_MAIN("turnstile", oneAddressHasItsShare, theCrowdGivesWay, passesOutliveTheHouse)
