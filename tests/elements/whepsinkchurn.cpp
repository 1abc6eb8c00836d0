// A crowd that comes and goes: what a viewer takes of the server goes with it, also when it leaves
// without a word. The server is a program of its own, so that nothing of its viewers is counted.
//     whepsinkchurn [VISITS]
#include "support/serverprogram.hpp"
#include "support/whepclient.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <gst/check/gstcheck.h>

using namespace support;
using namespace std::chrono_literals;

namespace {

int visits = 100;

std::vector<std::string> server() {
    return {"gst-launch-1.0",
            "-m",
            "videotestsrc",
            "is-live=true",
            "!",
            "video/x-raw,format=I420,width=320,height=180,framerate=25/1",
            "!",
            "vp8enc",
            "deadline=1",
            "cpu-used=16",
            "target-bitrate=300000",
            "keyframe-max-dist=3000",
            "!",
            "whepsink",
            "port=0",
            "max-viewers=100",
            "silence-timeout=6"};
}

int viewersAt(const std::string& page) {
    const std::string status = WhepClient::ask("GET", page + "status").body;
    std::smatch found;
    static const std::regex viewers(R"re("viewers"\s*:\s*(\d+))re");
    return std::regex_search(status, found, viewers) ? std::atoi(found[1].str().c_str()) : -1;
}

template <class Condition>
bool eventually(std::chrono::seconds limit, Condition condition) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(100ms);
    }
    return true;
}

/// One looks in; every seventh leaves without saying so. False when it was not let in or saw
/// nothing.
bool visit(const std::string& page, int number) {
    WhepClient::Options options;
    options.encoding = "VP8";
    WhepClient client(page + "whep", options);
    const bool saw = client.join() == 201 && client.sees(1, 90s);
    return saw && (number % 7 == 0 || client.leave() == 200);
}

/// So many visits, several at a time. The number of those that went well.
int crowd(const std::string& page, int count) {
    std::atomic<int> next{0}, good{0};
    std::vector<std::thread> people;
    for (int i = 0; i < 6; i++)
        people.emplace_back([&] {
            for (int number = next++; number < count; number = next++)
                good += visit(page, number);
        });
    for (std::thread& person : people)
        person.join();
    return good;
}

/// What it holds once all have left; pools of threads shrink by themselves within a moment.
ServerProgram::Load settled(const ServerProgram& server, const std::string& page) {
    fail_unless(eventually(120s, [&] { return viewersAt(page) == 0; }), "%d viewers stay",
                viewersAt(page));
    std::this_thread::sleep_for(2s);
    return server.load();
}

} // namespace

GST_START_TEST(allIsGivenBack) {
    const ServerProgram program(server());
    const std::string page = program.page();
    fail_unless(eventually(90s, [&] { return visit(page, 1); }), "%s", program.output().c_str());
    // What is made once for all, and what malloc keeps of a crowd for the next one.
    fail_unless_equals_int(crowd(page, 80), 80);
    const ServerProgram::Load before = settled(program, page);
    for (int part = 1; part <= 5; part++) {
        fail_unless_equals_int(crowd(page, visits / 5), visits / 5);
        std::printf("%d visits: %.1f MB\n", visits * part / 5, program.load().megabytes);
        std::fflush(stdout);
    }
    const ServerProgram::Load after = settled(program, page);
    std::printf("%d visits: %d descriptors became %d, %d threads %d, %.1f MB %.1f MB, "
                "%.1f ms of CPU a visit\n",
                visits, before.descriptors, after.descriptors, before.threads, after.threads,
                before.megabytes, after.megabytes,
                1e3 * (after.cpuSeconds - before.cpuSeconds) / visits);
    std::fflush(stdout);
    fail_unless(after.descriptors <= before.descriptors, "%d descriptors became %d",
                before.descriptors, after.descriptors);
    fail_unless(after.threads <= before.threads + 2, "%d threads became %d", before.threads,
                after.threads);
    fail_unless(after.megabytes <= before.megabytes + 30, "%.1f MB became %.1f", before.megabytes,
                after.megabytes);
}
GST_END_TEST

static Suite* whepsinkchurn_suite() {
    Suite* suite = suite_create("whepsinkchurn");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, allIsGivenBack);
    return suite;
}

int main(int argc, char** argv) {
    if (argc > 1)
        visits = std::atoi(argv[1]);
    gst_check_init(&argc, &argv);
    return gst_check_run_suite(whepsinkchurn_suite(), "whepsinkchurn", __FILE__);
}
