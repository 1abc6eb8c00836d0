// What onvif-tool makes of its words, and how it prints what it found out.
#include "base/error.hpp"
#include "check.hpp"
#include "commandline.hpp"
#include "record.hpp"

static std::string complaint(const std::vector<std::string>& arguments) {
    try {
        readCommandLine(arguments);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        return error.what();
    }
    return {};
}

/// A negative number is a word, wherever the options stand.
START_TEST(wordsAndOptions) {
    const CommandLine line = readCommandLine({"--json", "ptz", "cam", "move", "-0.5", "-", "--for",
                                              "2.5", "1", "--user=me", "--speed", "0.5"});
    CHECK_STR(line.command, "ptz");
    ck_assert(line.words == std::vector<std::string>({"cam", "move", "-0.5", "-", "1"}));
    ck_assert(line.json && !line.insecure);
    ck_assert_int_eq(line.duration->count(), 2500);
    ck_assert_double_eq(*line.speed, 0.5);
    CHECK_STR(line.user, "me");
    ck_assert(readCommandLine({"--help"}).help && readCommandLine({"-h"}).help);
}
END_TEST

START_TEST(complaintsSayWhatToWrite) {
    const struct {
        std::vector<std::string> arguments;
        const char* words;
    } table[] = {
        {{}, "Say what to do."},
        {{"info", "--colour"}, "There is no option --colour."},
        {{"info", "--user"}, "--user wants a value."},
        {{"ptz", "--speed", "fast"}, "--speed is a number from 0 to 1, not 'fast'."},
        {{"info", "--timeout", "0"}, "--timeout is a number from 0.1 to 600, not '0'."},
        {{"ptz", "--for=-1"}, "--for is a number from 0 to 3600"},
        {{"events", "--count", "0"}, "--count is a number from 1"},
        {{"info", "--timeout", "nan"}, "--timeout is a number"},
    };
    for (const auto& row : table)
        ck_assert_msg(complaint(row.arguments).find(row.words) != std::string::npos, "%s",
                      complaint(row.arguments).c_str());
}
END_TEST

static Record sample() {
    Record::List list;
    list.push_back(Record().text("token", "1").text("name", "A \x1b[31m\"B\""));
    list.push_back(Record().text("token", "2"));
    return Record()
        .text("name", "Tor")
        .text("nothing", "")
        .number("clock", -2.5)
        .number("unknown", {})
        .flag("ptz", false)
        .words("services", {"a", "b"})
        .record("can-be", Record().number("min", 0).number("max", 100))
        .record("empty", {})
        .records("presets", std::move(list))
        .records("relays", {});
}

/// Nothing that a terminal would obey gets through.
START_TEST(linesForPeople) {
    CHECK_STR(sample().lines(), "name: Tor\n"
                                "clock: -2.5\n"
                                "ptz: no\n"
                                "services: a, b\n"
                                "can-be:\n"
                                "  min: 0\n"
                                "  max: 100\n"
                                "presets:\n"
                                "  - token: 1\n"
                                "    name: A  [31m\"B\"\n"
                                "  - token: 2\n"
                                "relays: none\n");
    CHECK_STR(Record()
                  .text("name", "\xc2\x9b"
                                "2J\xc3\x9b")
                  .lines(),
              "name:  2J\xc3\x9b\n");
}
END_TEST

START_TEST(jsonForPrograms) {
    CHECK_STR(sample().json(),
              "{\"name\":\"Tor\",\"clock\":-2.5,\"ptz\":false,\"services\":[\"a\",\"b\"],"
              "\"can-be\":{\"min\":0.0,\"max\":100.0},\"presets\":[{\"token\":\"1\",\"name\":\"A "
              "\\u001b[31m\\\"B\\\"\"},{\"token\":\"2\"}],\"relays\":[]}");
    CHECK_STR(Record().text("name", "\xff").json(), "{\"name\":\"\xef\xbf\xbd\"}");
}
END_TEST

CHECK_MAIN("onviftool", wordsAndOptions, complaintsSayWhatToWrite, linesForPeople, jsonForPrograms)
