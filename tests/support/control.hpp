#pragma once

#include <functional>
#include <map>
#include <string>

namespace camera {

/// Commands that change a running camera, one line each: a table that every part of the camera adds
/// its own to. Add them all before the first is run; run from one thread at a time.
class Control {
public:
    /// Gets what stands behind the command's name, trimmed. Returns what to say behind "ok", mostly
    /// nothing. Throws base::Error for what cannot be done.
    using Handler = std::function<std::string(const std::string& arguments)>;

    Control();
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    /// `usage` is the line as the help shows it, e.g. "ill NAME[=VALUE]"; its first word is the
    /// command.
    void add(const std::string& usage, Handler handler);

    /// Does what the line says and returns one line: "ok", "ok …" or "error …".
    std::string run(const std::string& line) const;

private:
    struct Command {
        std::string usage;
        Handler handler;
    };
    std::string help() const;

    std::map<std::string, Command> commands_;
};

/// "on" or "off"; throws base::Error(Settings) for anything else.
bool onOrOff(const std::string& word);

} // namespace camera
