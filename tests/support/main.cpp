#include "base/error.hpp"
#include "support/commandline.hpp"
#include "support/gstvirtualcamera.hpp"

#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <csignal>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>

namespace {

/// Signals reach sigwait() alone, in this thread and in all that are made after it.
sigset_t blockSignals() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return ends;
}

void followParent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) // it ended before the line above
        std::raise(SIGTERM);
}

/// Answers lines of standard input until "quit", its end, or a signal.
void obey(const camera::Control& control, const sigset_t& ends) {
    const int signals = signalfd(-1, &ends, SFD_CLOEXEC);
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    std::string waiting;
    char part[4096];
    for (bool going = true; going && poll(sources, 2, -1) > 0 && !sources[1].revents;) {
        const ssize_t size = read(STDIN_FILENO, part, sizeof part);
        if (size <= 0)
            break;
        waiting.append(part, static_cast<std::size_t>(size));
        for (auto end = waiting.find('\n'); going && end != std::string::npos;
             end = waiting.find('\n')) {
            const std::string line = waiting.substr(0, end);
            waiting.erase(0, end + 1);
            going = line != "quit";
            std::printf("%s\n", going ? control.run(line).c_str() : "ok");
        }
        std::fflush(stdout);
    }
    close(signals);
}

void run(const camera::CommandLine& line, const sigset_t& ends) {
    camera::VirtualCamera camera(line.settings);
    std::printf("ready onvif=%s rtsp=%s rtsp-sub=%s snapshot=%s\n",
                camera.deviceServiceUrl().c_str(), camera.rtspUrl("main").c_str(),
                camera.rtspUrl("sub").c_str(), camera.snapshotUrl("main").c_str());
    if (!line.quiet)
        std::printf("%s%sPress Ctrl-C to stop.\n", camera.remark().c_str(),
                    camera.remark().empty() ? "" : " ");
    std::fflush(stdout);
    if (line.control) {
        obey(camera.control(), ends);
    } else {
        int signal = 0;
        sigwait(&ends, &signal);
    }
}

} // namespace

int main(int argc, char** argv) {
    const pid_t parent = getppid();
    const sigset_t ends = blockSignals();
    try {
        const auto line = camera::readCommandLine({argv + 1, argv + argc});
        if (line.help || line.version) {
            std::fputs(line.help ? camera::usage().c_str()
                                 : "virtual-camera " VIRTUAL_CAMERA_VERSION "\n",
                       stdout);
            return 0;
        }
        if (line.dieWithParent)
            followParent(parent);
        gst_init(nullptr, nullptr);
        run(line, ends);
        gst_rtsp_thread_pool_cleanup();
        return 0;
    } catch (const base::Error& error) {
        std::fprintf(stderr, "virtual-camera: %s\n", error.what());
        if (!error.details().empty())
            std::fprintf(stderr, "(%s)\n", error.details().c_str());
        return 1;
    }
}
