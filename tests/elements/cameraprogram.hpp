#pragma once

#include "support/freeport.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

/// The virtual camera as a program of its own, for as long as this lives.
class CameraProgram {
public:
    explicit CameraProgram(std::vector<std::string> options, const std::string& password = "")
        : options_(std::move(options)), password_(password) {
        for (const char* port : {"--port", "--rtsp-port"})
            if (std::find(options_.begin(), options_.end(), port) == options_.end())
                options_.insert(options_.end(), {port, std::to_string(support::freePort())});
        start(options_);
    }
    ~CameraProgram() {
        end();
        g_object_unref(process_);
    }
    CameraProgram(const CameraProgram&) = delete;
    CameraProgram& operator=(const CameraProgram&) = delete;

    /// As a camera that loses its power.
    void end() {
        g_subprocess_force_exit(process_);
        g_subprocess_wait(process_, nullptr, nullptr);
    }
    /// As one that is switched off.
    void leave() {
        g_subprocess_send_signal(process_, SIGTERM);
        g_subprocess_wait(process_, nullptr, nullptr);
    }
    /// As one that has it again, at the address that it had; with `more` in its settings.
    void startAgain(const std::vector<std::string>& more = {}) {
        std::vector<std::string> options = options_;
        options.insert(options.end(), more.begin(), more.end());
        g_object_unref(process_);
        start(std::move(options));
    }
    /// As one that hangs (SIGSTOP), and goes on (SIGCONT).
    void signal(int number) { g_subprocess_send_signal(process_, number); }

    std::string url;  ///< its device service
    std::string rtsp; ///< its main stream

private:
    void start(std::vector<std::string> options) {
        GSubprocessLauncher* launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
        if (!password_.empty())
            g_subprocess_launcher_setenv(launcher, "VIRTUAL_CAMERA_PASSWORD", password_.c_str(),
                                         TRUE);
        options.insert(options.begin(),
                       {g_getenv("VIRTUAL_CAMERA"), "--quiet", "--die-with-parent"});
        std::vector<const char*> arguments;
        for (const std::string& option : options)
            arguments.push_back(option.c_str());
        arguments.push_back(nullptr);
        GError* error = nullptr;
        process_ = g_subprocess_launcher_spawnv(launcher, arguments.data(), &error);
        g_object_unref(launcher);
        if (!process_)
            g_error("%s", error->message);
        readAddress();
    }
    void readAddress() {
        GDataInputStream* lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
        std::string text;
        while (text.find("ready ") != 0) {
            char* line = g_data_input_stream_read_line(lines, nullptr, nullptr, nullptr);
            if (!line)
                g_error("the virtual camera did not become ready");
            text = line;
            g_free(line);
        }
        g_object_unref(lines);
        const auto valueOf = [&](const std::string& name) {
            const auto at = text.find(" " + name + "=") + name.size() + 2;
            return text.substr(at, text.find(' ', at) - at);
        };
        url = valueOf("onvif");
        rtsp = valueOf("rtsp");
    }

    std::vector<std::string> options_;
    std::string password_;
    GSubprocess* process_ = nullptr;
};
