#include "commandline.hpp"

#include "base/error.hpp"
#include "xmlvalue.hpp"

#include <functional>
#include <map>

const char* const usage =
    R"(usage: onvif-tool COMMAND [CAMERA] [WORD…] [OPTION…]

CAMERA is HOST, HOST:PORT, onvif://HOST:PORT or http://HOST:PORT/onvif/device_service.

  discover [HOST]             who answers on the network, or at HOST
  info CAMERA                 what it is and what it offers
  profiles CAMERA             its streams
  uri CAMERA                  the address of a stream
  snapshot CAMERA [FILE]      a picture, as JPEG to FILE or to standard output
  ptz CAMERA                  what its head can do
  ptz CAMERA move PAN TILT ZOOM   goes on at a speed of -1..1 (for one second, or --for)
  ptz CAMERA to PAN TILT ZOOM     a position: -1..1, zoom 0..1; - leaves an axis
  ptz CAMERA by PAN TILT ZOOM     a distance: -1..1; - leaves an axis
  ptz CAMERA stop | home | set-home | status | presets
  ptz CAMERA goto PRESET      a preset by name or token
  ptz CAMERA set NAME         keeps where it looks as a preset
  ptz CAMERA remove PRESET
  imaging CAMERA [NAME=VALUE…]    brightness, contrast, saturation, sharpness (numbers),
                              focus (auto, manual), ir-cut (on, off, auto), focus-speed (-1..1)
  relay CAMERA [TOKEN on|off] its switches
  events CAMERA               what it notices, a line each, until Ctrl-C
  reboot CAMERA

  --user NAME                 the password is taken from --password-file, else from the
                              environment variable ONVIF_PASSWORD, else asked for
  --password-file FILE        its first line
  --profile NAME              media profile by token or name (the best)
  --transport WAY             udp, multicast, tcp or http, for uri (tcp)
  --for SECONDS               how long ptz move goes on; 0 until it is stopped (1)
  --speed S                   0..1, of ptz to, by, goto and home (the camera's own)
  --count N                   events: ends after N
  --interfaces I,J            discover: these network interfaces
  --timeout SECONDS           for one answer (5)
  --insecure                  takes any certificate over https
  --json                      prints JSON
  --help, --version

Ends with 0; 1 when the camera refused, 2 when it was called wrongly, 3 when there is no camera,
4 when the camera wants another user or password.
)";

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

[[noreturn]] void wrong(const std::string& why) {
    throw Error(ErrorKind::Settings, why + " See onvif-tool --help.");
}

milliseconds secondsFrom(const std::string& what, const std::string& text, double low,
                         double high) {
    return milliseconds(static_cast<long>(1000 * numberFrom(what, text, low, high)));
}

using Setters = std::map<std::string, std::function<void(const std::string&)>>;

Setters valueOptions(CommandLine& line) {
    const auto text = [](std::string& field) {
        return [&field](const std::string& given) { field = given; };
    };
    return {
        {"--user", text(line.user)},
        {"--password-file", text(line.passwordFile)},
        {"--profile", text(line.profile)},
        {"--interfaces", text(line.interfaces)},
        {"--transport", text(line.transport)},
        {"--timeout",
         [&](const std::string& t) { line.timeout = secondsFrom("--timeout", t, 0.1, 600); }},
        {"--for", [&](const std::string& t) { line.duration = secondsFrom("--for", t, 0, 3600); }},
        {"--speed", [&](const std::string& t) { line.speed = numberFrom("--speed", t, 0, 1); }},
        {"--count",
         [&](const std::string& t) {
             line.count = static_cast<unsigned>(numberFrom("--count", t, 1, 1e9));
         }},
    };
}

std::map<std::string, bool*> switches(CommandLine& line) {
    return {{"--json", &line.json},
            {"--insecure", &line.insecure},
            {"--help", &line.help},
            {"-h", &line.help},
            {"--version", &line.version}};
}

bool isOption(const std::string& argument) {
    return argument.size() > 1 && argument[0] == '-' && !onvif::readDecimal(argument);
}

} // namespace

double numberFrom(const std::string& what, const std::string& text, double low, double high) {
    const auto number = onvif::readDecimal(text);
    if (!number || *number < low || *number > high)
        wrong(what + " is a number from " + onvif::decimalText(low) + " to " +
              onvif::decimalText(high) + ", not '" + text + "'.");
    return *number;
}

CommandLine readCommandLine(const std::vector<std::string>& arguments) {
    CommandLine line;
    const Setters values = valueOptions(line);
    const auto flags = switches(line);
    for (std::size_t i = 0; i < arguments.size(); i++) {
        const std::string& argument = arguments[i];
        if (!isOption(argument)) {
            line.command.empty() ? line.command = argument : line.words.emplace_back(argument);
            continue;
        }
        if (const auto flag = flags.find(argument); flag != flags.end()) {
            *flag->second = true;
            continue;
        }
        const auto equals = argument.find('=');
        const std::string name = argument.substr(0, equals);
        const auto value = values.find(name);
        if (value == values.end())
            wrong("There is no option " + name + ".");
        if (equals == std::string::npos && i + 1 == arguments.size())
            wrong(name + " wants a value.");
        value->second(equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1));
    }
    if (line.command.empty() && !line.help && !line.version)
        wrong("Say what to do.");
    return line;
}
