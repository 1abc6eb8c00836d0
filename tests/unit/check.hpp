#pragma once

#include <check.h>
// An old macro of Check's, and a member of every C++ stream.
#undef fail

#include <cstdlib>
#include <initializer_list>
#include <string>

inline int runSuite(const char* name, std::initializer_list<const TTest*> list) {
    Suite* suite = suite_create(name);
    TCase* tests = tcase_create(name);
    suite_add_tcase(suite, tests);
    for (const TTest* test : list)
        tcase_add_test(tests, test);
    SRunner* runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/// One file, one suite: list the tests, get a main(). START_TEST(name) … END_TEST as Check has
/// them.
#define CHECK_MAIN(suiteName, ...)                                                                 \
    int main() { return runSuite(suiteName, {__VA_ARGS__}); }

/// Compares strings that may be temporaries; ck_assert_str_eq would keep a dangling pointer to
/// them.
#define CHECK_STR(actual, expected)                                                                \
    do {                                                                                           \
        const std::string actual_ = (actual), expected_ = (expected);                              \
        ck_assert_str_eq(actual_.c_str(), expected_.c_str());                                      \
    } while (0)

/// The folder of real networks, footage and recorded answers, or empty where it is absent. A test
/// that needs it prints that it skips and exits with 77, which Meson counts as skipped.
inline std::string sharedDir() {
    const char* dir = std::getenv("VIDEO_STREAM_SHARED_DIR");
    return dir ? dir : "";
}
