// onvif-tool: an ONVIF camera for people without code.
#include "base/error.hpp"
#include "commands.hpp"

#include <csignal>
#include <cstdio>
#include <thread>

namespace {

constexpr int refused = 1, calledWrongly = 2, noCamera = 3, notAuthorized = 4;

int statusOf(base::ErrorKind kind) {
    switch (kind) {
    case base::ErrorKind::Settings:
        return calledWrongly;
    case base::ErrorKind::NotFound:
    case base::ErrorKind::Unreachable:
        return noCamera;
    case base::ErrorKind::NotAuthorized:
        return notAuthorized;
    default:
        return refused;
    }
}

/// Ctrl-C ends whatever waits, in good order. Before any other thread is made.
net::Cancel& cancelOnSignal() {
    // Outlives the thread that throws it, which nothing ends.
    static auto& cancel = *new net::Cancel;
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::thread([ends] {
        int signal = 0;
        sigwait(&ends, &signal);
        cancel.cancel();
    }).detach();
    return cancel;
}

void print(bool json, const Record& result, const std::string& asLine) {
    if (json)
        std::printf("%s\n", result.json().c_str());
    else if (!asLine.empty())
        std::printf("%s\n", asLine.c_str());
    else
        std::printf("%s", result.lines().c_str());
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    try {
        const CommandLine line = readCommandLine({argv + 1, argv + argc});
        if (line.help || line.version) {
            std::fputs(line.help ? usage : "onvif-tool " ONVIF_TOOL_VERSION "\n", stdout);
            return 0;
        }
        const net::Cancel& cancel = cancelOnSignal();
        runCommand({line, cancel, [&](const Record& result, const std::string& asLine) {
                        print(line.json, result, asLine);
                    }});
        return 0;
    } catch (const net::Cancelled&) {
        return 128 + SIGINT;
    } catch (const base::Error& error) {
        std::fprintf(stderr, "onvif-tool: %s\n", error.what());
        const int status = statusOf(error.kind());
        if (status == notAuthorized) // the sentence speaks of the element's properties
            std::fputs("Here user-id is --user, and user-pw is asked for, or taken from "
                       "ONVIF_PASSWORD or --password-file.\n",
                       stderr);
        return status;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "onvif-tool: something unexpected happened: %s\n", error.what());
        return refused;
    }
}
