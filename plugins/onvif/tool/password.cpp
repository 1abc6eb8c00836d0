#include "password.hpp"

#include "base/error.hpp"

#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t longest = 1024;

std::string firstLine(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line))
        throw Error(ErrorKind::Settings, "There is no password in " + path + ".");
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    return line;
}

/// The terminal without its echo, for a scope.
class Unseen {
public:
    explicit Unseen(int terminal) : terminal_(terminal) {
        tcgetattr(terminal_, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(terminal_, TCSAFLUSH, &silent);
    }
    ~Unseen() { tcsetattr(terminal_, TCSAFLUSH, &before_); }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    int terminal_;
    termios before_{};
};

struct Terminal {
    int descriptor;
    ~Terminal() { close(descriptor); }
};

void say(int terminal, const std::string& text) {
    // A prompt that nobody sees is no reason to stop.
    [[maybe_unused]] const auto written = write(terminal, text.data(), text.size());
}

/// Until there is something to read, or Ctrl-C.
void wait(int terminal, const net::Cancel& cancel) {
    GPollFD either[2] = {{terminal, G_IO_IN, 0}, {}};
    const bool both = g_cancellable_make_pollfd(cancel.get(), &either[1]);
    g_poll(either, both ? 2 : 1, -1);
    if (both)
        g_cancellable_release_fd(cancel.get());
    cancel.check();
}

std::string typed(int terminal, const std::string& user, const net::Cancel& cancel) {
    say(terminal, "Password of " + user + ": ");
    std::string line;
    {
        const Unseen unseen(terminal);
        char c = 0;
        for (wait(terminal, cancel);
             line.size() < longest && read(terminal, &c, 1) == 1 && c != '\n';
             wait(terminal, cancel))
            line += c;
    }
    say(terminal, "\n");
    return line;
}

} // namespace

std::string passwordFor(const std::string& user, const std::string& file,
                        const net::Cancel& cancel) {
    if (!file.empty())
        return firstLine(file);
    if (const char* given = std::getenv("ONVIF_PASSWORD"))
        return given;
    const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        throw Error(ErrorKind::Settings, "The password of " + user +
                                             " is not known: set the environment variable "
                                             "ONVIF_PASSWORD or give --password-file.");
    const Terminal closed{terminal};
    return typed(terminal, user, cancel);
}
