#include "support/serverprogram.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace support {
namespace {

using namespace std::chrono_literals;

int entries(const std::string& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<int>(std::distance(begin(all), end(all)));
}

void dieWithParent(gpointer) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

/// User and system time in /proc/PID/stat; the name before may have spaces in it.
double cpuSeconds(const std::string& folder) {
    std::ifstream file(folder + "/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; i++) // from the state on, the third field of proc(5)
        fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double residentMegabytes(const std::string& folder) {
    double pages = 0, resident = 0;
    std::ifstream(folder + "/statm") >> pages >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

} // namespace

ServerProgram::ServerProgram(std::vector<std::string> command) {
    std::vector<const char*> arguments;
    for (const std::string& argument : command)
        arguments.push_back(argument.c_str());
    arguments.push_back(nullptr);
    GSubprocessLauncher* launcher = g_subprocess_launcher_new(static_cast<GSubprocessFlags>(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE));
    g_subprocess_launcher_set_child_setup(launcher, dieWithParent, nullptr, nullptr);
    GError* error = nullptr;
    process_ = g_subprocess_launcher_spawnv(launcher, arguments.data(), &error);
    g_object_unref(launcher);
    if (!process_) {
        const std::string said = error->message;
        g_error_free(error);
        throw std::runtime_error(said);
    }
    pid_ = g_subprocess_get_identifier(process_);
    reader_ = std::thread([this] { read(); });
}

ServerProgram::~ServerProgram() {
    g_subprocess_send_signal(process_, SIGINT);
    for (int i = 0; i < 100 && g_subprocess_get_identifier(process_); i++)
        std::this_thread::sleep_for(100ms);
    g_subprocess_force_exit(process_);
    reader_.join();
    g_subprocess_wait(process_, nullptr, nullptr);
    g_object_unref(process_);
}

void ServerProgram::read() {
    GInputStream* from = g_subprocess_get_stdout_pipe(process_);
    char part[4096];
    for (;;) {
        const gssize size = g_input_stream_read(from, part, sizeof part, nullptr, nullptr);
        if (size <= 0)
            return;
        const std::lock_guard<std::mutex> lock(mutex_);
        output_.append(part, static_cast<std::size_t>(size));
    }
}

std::string ServerProgram::output() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return output_;
}

std::string ServerProgram::awaits(const std::regex& pattern, std::chrono::seconds limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const std::string said = output();
        std::smatch found;
        if (std::regex_search(said, found, pattern))
            return found[1];
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error("the server never said what was expected, but:\n" + said);
        std::this_thread::sleep_for(50ms);
    }
}

std::string ServerProgram::page() const {
    static const std::regex ready(R"(whepsink-ready.*url=\(string\)\"?([^\",;]+))");
    std::string url = awaits(ready);
    url.erase(std::remove(url.begin(), url.end(), '\\'), url.end());
    return url;
}

ServerProgram::Load ServerProgram::load() const {
    const std::string folder = "/proc/" + pid_;
    return {cpuSeconds(folder), residentMegabytes(folder), entries(folder + "/task"),
            entries(folder + "/fd")};
}

} // namespace support
