#include "launchfile.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <map>

static std::string expand(const std::string& text, std::map<std::string, std::string> given = {}) {
    return pipelines::expand(text, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = given.find(name);
        return found == given.end() ? std::nullopt : std::optional<std::string>(found->second);
    });
}

START_TEST(commentsGo) {
    CHECK_STR(expand("# You will see\n  # this\na ! b\n\n! c\n"), "a ! b\n! c\n");
}
END_TEST

START_TEST(settingsAndDefaults) {
    CHECK_STR(expand("a port=${PORT:-8080}", {}), "a port=8080\n");
    CHECK_STR(expand("a port=${PORT:-8080}", {{"PORT", "1"}}), "a port=1\n");
    CHECK_STR(expand("a port=${PORT:-8080}", {{"PORT", ""}}), "a port=8080\n");
    CHECK_STR(expand("a x=\"${X:-}\"", {}), "a x=\"\"\n");
}
END_TEST

START_TEST(valuesStayOneValue) {
    CHECK_STR(expand("f l=${F}", {{"F", "my clip! \"1\".mp4"}}),
              "f l=my\\ clip\\!\\ \\\"1\\\".mp4\n");
    CHECK_STR(expand("f l=\"${F}\"", {{"F", "a \"b\" \\c"}}), "f l=\"a \\\"b\\\" \\\\c\"\n");
}
END_TEST

/// A description inside a value is read twice: once as the value, once as a description.
START_TEST(valuesInsideABranch) {
    CHECK_STR(expand("r branch=\"s location=${U}\"", {{"U", "rtmp://h/k3y!"}}),
              "r branch=\"s location=rtmp://h/k3y\\\\!\"\n");
    CHECK_STR(expand("r branch=\"s user-id=${U:-} x=1\"", {}),
              "r branch=\"s user-id=\\\"\\\" x=1\"\n");
    CHECK_STR(expand("r a=\"b\" location=${U}", {{"U", "k!"}}), "r a=\"b\" location=k\\!\n");
}
END_TEST

START_TEST(piecesArePieces) {
    CHECK_STR(expand("a ! ${SINK:-autovideosink}", {{"SINK", "fakesink sync=true"}}),
              "a ! fakesink sync=true\n");
}
END_TEST

START_TEST(whatIsMissingIsNamed) {
    try {
        expand("filesrc location=${FILE}");
        ck_abort_msg("not refused");
    } catch (const base::Error& error) {
        ck_assert(std::string(error.what()).find("FILE") != std::string::npos);
    }
    try {
        expand("a b=${OPEN");
        ck_abort_msg("not refused");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
    }
}
END_TEST

START_TEST(usedSettingsAreKnown) {
    const std::string file = "# ${COMMENT}\na b=${B} c=${CC:-1}\n";
    ck_assert(pipelines::uses(file, "B"));
    ck_assert(pipelines::uses(file, "CC"));
    ck_assert(!pipelines::uses(file, "C"));
    ck_assert(!pipelines::uses(file, "COMMENT"));
}
END_TEST

CHECK_MAIN("launchfile", usedSettingsAreKnown, commentsGo, settingsAndDefaults, valuesStayOneValue,
           valuesInsideABranch, piecesArePieces, whatIsMissingIsNamed)
