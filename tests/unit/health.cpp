#include "web/health.hpp"

#include "check.hpp"

#include <json-glib/json-glib.h>

#include <memory>

using namespace std::chrono_literals;
using web::Health;

/// A viewer who has nothing to complain of.
static Health fine() {
    Health h;
    h.codec = "H264";
    h.silent = 20ms;
    h.key = 900ms;
    h.loss = 0.01;
    h.roundTrip = 12ms;
    h.viewers = 3;
    h.places = 64;
    return h;
}

static bool says(const Health& h, const char* words) {
    const auto all = web::warningsOf(h);
    return all.size() == 1 && all[0].find(words) != std::string::npos;
}

START_TEST(nothingToSay) {
    ck_assert_uint_eq(web::warningsOf(fine()).size(), 0);
    ck_assert_uint_eq(web::warningsOf(Health()).size(), 0);
    Health h = fine();
    h.key = 300s; // an encoder that makes one when it is asked
    h.jam = 60s;  // long ago
    h.places = 0; // any number
    ck_assert_uint_eq(web::warningsOf(h).size(), 0);
}
END_TEST

START_TEST(oneForEachTrouble) {
    Health h = fine();
    h.silent = 12345ms;
    ck_assert(says(h, "nothing for 12 s"));
    h = fine();
    h.faults = {"This H.264 has B-frames."};
    ck_assert(says(h, "B-frames"));
    h = fine();
    h.asksInVain = true;
    ck_assert_uint_eq(web::warningsOf(h).size(), 0);
    h.key = 12s;
    ck_assert(says(h, "No key frame has come for 12 s"));
    h = fine();
    h.jam = 1s;
    ck_assert(says(h, "takes less than the picture needs"));
    h = fine();
    h.loss = 0.074;
    ck_assert(says(h, "loses 7 % of the packets"));
    h = fine();
    h.roundTrip = 620ms;
    ck_assert(says(h, "620 ms"));
    h = fine();
    h.viewers = 64;
    ck_assert(says(h, "All 64 places"));
}
END_TEST

/// Of a camera that is away nobody wants to hear that it makes no key frames.
START_TEST(theWorstFirst) {
    Health h = fine();
    h.silent = h.key = 30s;
    h.asksInVain = true;
    h.loss = 0.5;
    const auto all = web::warningsOf(h);
    ck_assert_uint_eq(all.size(), 2);
    ck_assert(all[0].find("nothing for 30 s") != std::string::npos);
}
END_TEST

START_TEST(asJson) {
    Health h = fine();
    h.faults = {"a \"fault\"\n"};
    h.silent.reset();
    h.loss = 0.0125;
    const std::string text = web::healthJson(h);
    const std::unique_ptr<JsonNode, decltype(&json_node_unref)> root(
        json_from_string(text.c_str(), nullptr), json_node_unref);
    ck_assert_ptr_nonnull(root.get());
    JsonObject* object = json_node_get_object(root.get());
    CHECK_STR(json_object_get_string_member(object, "codec"), "H264");
    ck_assert_double_eq_tol(json_object_get_double_member(object, "loss"), 0.0125, 0.001);
    ck_assert_int_eq(json_object_get_int_member(object, "roundTrip"), 12);
    ck_assert(json_object_get_null_member(object, "silent"));
    JsonArray* warnings = json_object_get_array_member(object, "warnings");
    ck_assert_uint_eq(json_array_get_length(warnings), 1);
    CHECK_STR(json_array_get_string_element(warnings, 0), "a \"fault\"\n");
}
END_TEST

CHECK_MAIN("health", nothingToSay, oneForEachTrouble, theWorstFirst, asJson)
