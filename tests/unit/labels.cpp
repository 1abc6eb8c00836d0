#include "infer/labels.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <cstdio>
#include <fstream>
#include <unistd.h>

static std::vector<std::string> read(const std::string& text) {
    const std::string path = "labels-" + std::to_string(getpid()) + ".names";
    std::ofstream(path, std::ios::binary) << text;
    struct Remove {
        const std::string& path;
        ~Remove() { std::remove(path.c_str()); }
    } remove{path};
    return infer::readLabels(path);
}

START_TEST(linesAreNames) {
    const auto names =
        read("\xEF\xBB\xBFperson\r\n traffic light \r\n\r\n\xD0\xBA\xD0\xBE\xD1\x82\n\n\n");
    ck_assert_uint_eq(names.size(), 4);
    ck_assert_str_eq(names[0].c_str(), "person");
    ck_assert_str_eq(names[1].c_str(), "traffic light");
    ck_assert_str_eq(names[2].c_str(), "");
    ck_assert_str_eq(names[3].c_str(), "\xD0\xBA\xD0\xBE\xD1\x82");
}
END_TEST

static base::ErrorKind refusal(const std::string& text) {
    try {
        read(text);
    } catch (const base::Error& error) {
        return error.kind();
    }
    return base::ErrorKind::Failed;
}

START_TEST(rubbishIsRefused) {
    ck_assert(refusal("") == base::ErrorKind::BadData);
    ck_assert(refusal("\n\r\n \n") == base::ErrorKind::BadData);
    ck_assert(refusal("one\nt\xFFwo\n") == base::ErrorKind::BadData);
    ck_assert(refusal("one\n\xC0\xAF\n") == base::ErrorKind::BadData);     // overlong
    ck_assert(refusal("one\n\xED\xA0\x80\n") == base::ErrorKind::BadData); // surrogate
    ck_assert(refusal(std::string("a\0b", 3)) == base::ErrorKind::BadData);
    ck_assert(refusal(std::string(100000, 'x')) == base::ErrorKind::BadData);
    for (const char* path : {"no-such-file.names", "/"}) {
        try {
            infer::readLabels(path);
            ck_abort_msg("%s was read", path);
        } catch (const base::Error& error) {
            ck_assert(error.kind() == base::ErrorKind::NotFound);
        }
    }
}
END_TEST

START_TEST(pythonNames) {
    auto names = infer::parseNames("{0: 'person', 1: \"driver's seat\", 3: 'a\\'b'}");
    ck_assert_uint_eq(names.size(), 4);
    ck_assert_str_eq(names[0].c_str(), "person");
    ck_assert_str_eq(names[1].c_str(), "driver's seat");
    ck_assert_str_eq(names[2].c_str(), "");
    ck_assert_str_eq(names[3].c_str(), "a'b");
    names = infer::parseNames("['x', 'y',]");
    ck_assert_uint_eq(names.size(), 2);
    ck_assert_uint_eq(infer::parseNames("{'0': 'x'}").size(), 1);
    for (const char* bad : {"", "{", "{0", "{0:", "{0: 'a", "{0: 'a' 1: 'b'}", "{x: 'a'}", "person",
                            "{99999999: 'a'}", "{0: 'a\\", "[1, 2]", "{-1: 'a'}"})
        ck_assert_uint_eq(infer::parseNames(bad).size(), 0);
}
END_TEST

CHECK_MAIN("labels", linesAreNames, rubbishIsRefused, pythonNames)
