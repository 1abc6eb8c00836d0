#pragma once

#include <gio/gio.h>

#include <csignal>
#include <string>
#include <vector>

/// The virtual camera as a program of its own, for as long as this lives.
class CameraProgram {
public:
    explicit CameraProgram(std::vector<std::string> options, const std::string& password = "") {
        GSubprocessLauncher* launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
        if (!password.empty())
            g_subprocess_launcher_setenv(launcher, "VIRTUAL_CAMERA_PASSWORD", password.c_str(),
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

    std::string url; ///< its device service

private:
    void readAddress() {
        GDataInputStream* lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
        while (url.empty()) {
            char* line = g_data_input_stream_read_line(lines, nullptr, nullptr, nullptr);
            if (!line)
                g_error("the virtual camera did not become ready");
            const std::string text = line;
            g_free(line);
            const auto at = text.find("onvif=");
            if (text.find("ready ") == 0 && at != std::string::npos)
                url = text.substr(at + 6, text.find(' ', at) - at - 6);
        }
        g_object_unref(lines);
    }

    GSubprocess* process_;
};
