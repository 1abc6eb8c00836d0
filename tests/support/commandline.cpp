#include "support/commandline.hpp"

#include "base/error.hpp"
#include "net/address.hpp"
#include "support/ills.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>

namespace camera {

namespace {

const char* const options =
    R"(usage: virtual-camera [OPTION…] [FILE]

An ONVIF camera on this machine: it shows FILE in a loop, the picture of a
GStreamer pipeline, or a drawn scene.
When it is ready it prints one line:
  ready onvif=http://HOST:PORT/onvif/device_service rtsp=rtsp://HOST:PORT/main
        rtsp-sub=rtsp://HOST:PORT/sub snapshot=http://HOST:PORT/snapshot/main

  --address A       bind to this address (127.0.0.1); 0.0.0.0 for all interfaces, :: with IPv6
  --port P          of the ONVIF services (0: any free one)
  --rtsp-port P     of the streams (0: any free one)
  --auth MODE       none, digest, wsse, both, digest-sha256 or digest-both (none);
                    digest offers MD5 first, digest-both SHA-256 first
  --user NAME       (admin)
  --password WORD   wanted with --auth; better given as VIRTUAL_CAMERA_PASSWORD
  --name TEXT       what the camera calls itself (Virtual camera)
  --launch LINE     show the picture of this pipeline, as gst-launch-1.0 takes it and
                    without its sink: "v4l2src device=/dev/video0"; it has no sound
  --width W         of the main stream (1280; a file keeps its own size)
  --height H        (720)
  --fps N           frames a second (25; a file keeps its own)
  --audio KIND      aac, opus, pcma, pcmu or none (aac; pcmu where no encoder is installed)
  --backchannel C   what viewers can say into the camera: pcmu, pcma, aac or none (pcmu)
  --metadata M      on or none: a track that tells what is in the drawn scene (on)
  --multicast       streams go to a multicast group for those who ask for it
  --tls             streams come by RTSPS alone, with a certificate made at the start
  --interfaces I,J  answer WS-Discovery on these network interfaces, e.g. lo
                    (ONVIF_INTERFACES, or those that own the address)
  --no-discovery    do not answer WS-Discovery
  --ill NAME[=VALUE]
                    do something wrong that real cameras do; may be given again
  --control         read commands from standard input, one a line, and answer each
                    with "ok" or "error" and why: help tells which there are; ends
                    with "quit" and with the input
  --record FILE     append every request to the web port to FILE, as lines of JSON
  --no-motion       no motion events but those of the command "event"
  --reboot-time MS  how long the camera is gone when it is restarted (3000)
  --quiet           print nothing but the ready line and errors
  --die-with-parent end when the program that started this one ends
  --version, --help
)";

[[noreturn]] void wrong(const std::string& message) {
    throw base::Error(base::ErrorKind::Settings, message + " Try virtual-camera --help.");
}

int number(const std::string& option, const std::string& value, int low, int high) {
    char* end = nullptr;
    const long parsed = std::strtol(value.c_str(), &end, 10);
    if (value.empty() || *end || parsed < low || parsed > high)
        wrong(option + " wants a number from " + std::to_string(low) + " to " +
              std::to_string(high) + ".");
    return static_cast<int>(parsed);
}

template <class Enum>
Enum oneOf(const std::string& option, const std::string& value,
           const std::map<std::string, Enum>& all) {
    const auto found = all.find(value);
    if (found != all.end())
        return found->second;
    std::string names;
    for (const auto& [name, meaning] : all)
        names += (names.empty() ? "" : ", ") + name;
    wrong(option + " wants one of " + names + ".");
}

std::vector<std::string> list(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');)
        if (!word.empty())
            all.push_back(word);
    return all;
}

void fromEnvironment(Settings& settings) {
    if (const char* interfaces = std::getenv("ONVIF_INTERFACES"))
        settings.interfaces = list(interfaces);
    if (const char* password = std::getenv("VIRTUAL_CAMERA_PASSWORD"))
        settings.password = password;
}

void checkIlls(const Settings& settings) {
    try {
        const Ills trial(settings.ills);
    } catch (const base::Error& error) {
        wrong(error.what());
    }
}

void check(const CommandLine& line) {
    const Settings& s = line.settings;
    if (s.width % 2 || s.height % 2)
        wrong("--width and --height must be even numbers.");
    if (!net::SocketAddress::parse(s.address, 0))
        wrong("--address wants an IP address, such as 127.0.0.1, 0.0.0.0 or ::.");
    const double aspect = static_cast<double>(s.width) / s.height;
    if (aspect < 0.5 || aspect > 4)
        wrong("--width to --height must be between 1:2 and 4:1.");
    if (s.auth != Auth::None && (s.user.empty() || s.password.empty()))
        wrong("--auth wants --user and --password.");
    if (s.user.find_first_of("\":\\\r\n") != std::string::npos)
        wrong("--user must not hold quotes, colons or line breaks.");
    if (!s.file.empty() && !s.launch.empty())
        wrong("A file and --launch cannot both be shown.");
    checkIlls(s);
}

using Setter = std::function<void(const std::string& value)>;

std::map<std::string, Setter> valueOptions(Settings& s) {
    return {
        {"--address", [&](auto& v) { s.address = v == "localhost" ? "127.0.0.1" : v; }},
        {"--port", [&](auto& v) { s.port = static_cast<unsigned>(number("--port", v, 0, 65535)); }},
        {"--rtsp-port",
         [&](auto& v) { s.rtspPort = static_cast<unsigned>(number("--rtsp-port", v, 0, 65535)); }},
        {"--auth",
         [&](auto& v) {
             s.auth = oneOf<Auth>("--auth", v,
                                  {{"none", Auth::None},
                                   {"digest", Auth::Digest},
                                   {"wsse", Auth::Wsse},
                                   {"both", Auth::Both},
                                   {"digest-sha256", Auth::DigestSha256},
                                   {"digest-both", Auth::DigestBoth}});
         }},
        {"--user", [&](auto& v) { s.user = v; }},
        {"--password", [&](auto& v) { s.password = v; }},
        {"--name", [&](auto& v) { s.name = v; }},
        {"--width",
         [&](auto& v) {
             s.width = number("--width", v, 64, 7680);
             s.sizeGiven = true;
         }},
        {"--height",
         [&](auto& v) {
             s.height = number("--height", v, 64, 4320);
             s.sizeGiven = true;
         }},
        {"--fps",
         [&](auto& v) {
             s.fps = number("--fps", v, 1, 60);
             s.fpsGiven = true;
         }},
        {"--audio",
         [&](auto& v) {
             s.audio = oneOf<Audio>("--audio", v,
                                    {{"aac", Audio::Aac},
                                     {"opus", Audio::Opus},
                                     {"pcma", Audio::Pcma},
                                     {"pcmu", Audio::Pcmu},
                                     {"none", Audio::None}});
         }},
        {"--backchannel",
         [&](auto& v) {
             s.backchannel = oneOf<Backchannel>("--backchannel", v,
                                                {{"aac", Backchannel::Aac},
                                                 {"pcma", Backchannel::Pcma},
                                                 {"pcmu", Backchannel::Pcmu},
                                                 {"none", Backchannel::None}});
         }},
        {"--metadata",
         [&](auto& v) {
             s.metadata = oneOf<bool>("--metadata", v, {{"on", true}, {"none", false}});
         }},
        {"--ill",
         [&](auto& v) { s.ills.insert_or_assign(illFromText(v).first, illFromText(v).second); }},
        {"--reboot-time", [&](auto& v) { s.rebootMs = number("--reboot-time", v, 0, 600000); }},
        {"--launch", [&](auto& v) { s.launch = v; }},
        {"--record", [&](auto& v) { s.record = v; }},
        {"--interfaces", [&](auto& v) { s.interfaces = list(v); }},
    };
}

std::map<std::string, bool*> flags(CommandLine& line) {
    return {{"--help", &line.help},
            {"-h", &line.help},
            {"--version", &line.version},
            {"--quiet", &line.quiet},
            {"--control", &line.control},
            {"--die-with-parent", &line.dieWithParent},
            {"--multicast", &line.settings.multicast},
            {"--tls", &line.settings.tls}};
}

} // namespace

std::string usage() {
    std::string text = options;
    text += "\nIlls:\n";
    for (const IllKind& kind : illKinds()) {
        std::string name = kind.name;
        if (kind.value == IllKind::Value::Optional)
            name += "[=" + std::string(kind.placeholder) + "]";
        else if (kind.value != IllKind::Value::None)
            name += "=" + std::string(kind.placeholder);
        name.resize(std::max<std::size_t>(name.size() + 1, 26), ' ');
        text += "  " + name + kind.meaning + "\n";
    }
    return text;
}

CommandLine readCommandLine(const std::vector<std::string>& arguments) {
    CommandLine line;
    fromEnvironment(line.settings);
    const auto options = valueOptions(line.settings);
    const auto switches = flags(line);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument.compare(0, 1, "-") != 0) {
            if (!line.settings.file.empty())
                wrong("Only one file can be shown.");
            line.settings.file = argument;
        } else if (argument == "--no-discovery") {
            line.settings.discovery = false;
        } else if (argument == "--no-motion") {
            line.settings.motion = false;
        } else if (const auto flag = switches.find(argument); flag != switches.end()) {
            *flag->second = true;
        } else {
            const auto equals = argument.find('=');
            const std::string name = argument.substr(0, equals);
            const auto option = options.find(name);
            if (option == options.end())
                wrong("There is no option " + name + ".");
            if (equals == std::string::npos && i + 1 == arguments.size())
                wrong(name + " wants a value.");
            option->second(equals == std::string::npos ? arguments[++i]
                                                       : argument.substr(equals + 1));
        }
    }
    if (!line.help && !line.version)
        check(line);
    return line;
}

} // namespace camera
