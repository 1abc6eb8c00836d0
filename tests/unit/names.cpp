#include "yolo/names.hpp"

#include "base/error.hpp"
#include "check.hpp"

namespace {

const std::vector<std::string> some = {"person", "Traffic light", "car", "người"};

std::string refusal(const std::string& list, const std::vector<std::string>& names, int classes) {
    try {
        yolo::parseClasses(list, names, classes);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        return error.what();
    }
    ck_abort_msg("'%s' was taken", list.c_str());
}

} // namespace

START_TEST(cocoHasEighty) {
    ck_assert_uint_eq(yolo::cocoNames().size(), 80);
    ck_assert_str_eq(yolo::cocoNames()[0].c_str(), "person");
    ck_assert_str_eq(yolo::cocoNames()[16].c_str(), "dog");
    ck_assert_str_eq(yolo::cocoNames()[79].c_str(), "toothbrush");
}
END_TEST

START_TEST(classesWithoutNameHaveNumbers) {
    ck_assert(yolo::nameOf(some, 2) == "car");
    ck_assert(yolo::nameOf(some, 4) == "class-4");
    ck_assert(yolo::nameOf({"a", ""}, 1) == "class-1");
    ck_assert(yolo::nameOf({}, -1) == "class--1");
}
END_TEST

START_TEST(namesAndNumbers) {
    ck_assert((yolo::parseClasses(" car, PERSON ,1,", some, 4) == std::vector<int>{0, 1, 2}));
    ck_assert((yolo::parseClasses("traffic light,người", some, 4) == std::vector<int>{1, 3}));
    ck_assert(yolo::parseClasses("", some, 4).empty());
    ck_assert((yolo::parseClasses("700", {}, 0) == std::vector<int>{700}));
}
END_TEST

START_TEST(unknownOnesAreNamed) {
    const std::string text = refusal("person,dog", some, 4);
    ck_assert_msg(text.find("'dog'") != text.npos && text.find("Traffic light") != text.npos, "%s",
                  text.c_str());
    refusal("4", some, 4);
    refusal("-1", some, 4);
    refusal("99999999999999", some, 4);
    refusal("1.5", {}, 0);
}
END_TEST

CHECK_MAIN("names", cocoHasEighty, classesWithoutNameHaveNumbers, namesAndNumbers,
           unknownOnesAreNamed)
