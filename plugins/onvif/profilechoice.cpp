#include "profilechoice.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <tuple>

namespace onvif {

namespace {

using Profiles = std::vector<Profile>;

constexpr std::size_t maxListed = 24; ///< in an error that people read

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? ""
                                      : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

int area(const Profile& p) { return p.width * p.height; }

/// Smaller is better.
std::tuple<int, int, int> rank(const Profile& p) {
    const std::string encoding = lower(p.encoding);
    const int kind = encoding.empty() ? 2 : encoding == "jpeg" ? 1 : 0;
    return {kind, -area(p), encoding == "h264" ? 0 : 1};
}

Profiles bestFirst(Profiles profiles) {
    std::stable_sort(profiles.begin(), profiles.end(),
                     [](const Profile& a, const Profile& b) { return rank(a) < rank(b); });
    return profiles;
}

/// Of the same kind as main, so that a JPEG beside H.264 does not pass for its sub stream.
Profiles subFirst(const Profiles& profiles) {
    Profiles sorted = bestFirst(profiles);
    if (sorted.empty())
        return sorted;
    const Profile main = sorted.front();
    std::stable_partition(sorted.begin(), sorted.end(), [&](const Profile& p) {
        return std::get<0>(rank(p)) == std::get<0>(rank(main)) && area(p) < area(main);
    });
    return sorted;
}

struct Wish {
    std::string codec, audio;
    int minWidth = 0, maxWidth = 0, minHeight = 0, maxHeight = 0, minFps = 0,
        maxFps = 0; ///< 0: any
};

struct NumberRow {
    const char* key;
    int Wish::*field;
    int most;
};
constexpr std::array<NumberRow, 6> numbers = {{{"min-width", &Wish::minWidth, 32768},
                                               {"max-width", &Wish::maxWidth, 32768},
                                               {"min-height", &Wish::minHeight, 32768},
                                               {"max-height", &Wish::maxHeight, 32768},
                                               {"min-fps", &Wish::minFps, 1000},
                                               {"max-fps", &Wish::maxFps, 1000}}};

[[noreturn]] void fail(const std::string& part) {
    throw base::Error(base::ErrorKind::Settings,
                      "profile has '" + part +
                          "', which is no wish: write a token or name, main, sub, or some of "
                          "codec=h264|h265|jpeg|mpeg4, min-width, max-width, min-height, "
                          "max-height, min-fps, max-fps=NUMBER, "
                          "audio=yes|no|g711|g726|aac|opus, separated by commas.");
}

std::optional<int> number(const std::string& text, int most) {
    if (text.empty() || text.size() > 5 ||
        !std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }))
        return std::nullopt;
    const int value = std::stoi(text);
    return value >= 1 && value <= most ? std::optional<int>(value) : std::nullopt;
}

/// What people and devices write, in one word for each.
std::string codecWord(std::string text) {
    text = lower(std::move(text));
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](char c) { return c == '.' || c == '-' || c == '_'; }),
               text.end());
    return text == "hevc" ? "h265" : text == "avc" ? "h264" : text == "mjpeg" ? "jpeg" : text;
}

/// Media1 says G711, AAC; Media2 says PCMU, MP4A-LATM, as RTP does.
std::string audioWord(std::string text) {
    text = codecWord(std::move(text));
    if (text == "pcmu" || text == "pcma")
        return "g711";
    return text == "mp4alatm" || text == "mpeg4generic" ? "aac" : text;
}

template <std::size_t N>
bool oneOf(const std::string& word, const std::array<const char*, N>& set) {
    return std::find(set.begin(), set.end(), word) != set.end();
}

void readPart(const std::string& part, Wish& wish) {
    constexpr std::array<const char*, 4> codecs = {"h264", "h265", "jpeg", "mpeg4"};
    constexpr std::array<const char*, 6> sounds = {"yes", "no", "g711", "g726", "aac", "opus"};
    const auto equals = part.find('=');
    const std::string key = lower(trimmed(part.substr(0, equals)));
    const std::string value = equals == std::string::npos ? "" : trimmed(part.substr(equals + 1));
    if (key == "codec" && oneOf(codecWord(value), codecs)) {
        wish.codec = codecWord(value);
        return;
    }
    if (key == "audio" && oneOf(audioWord(value), sounds)) {
        wish.audio = audioWord(value);
        return;
    }
    for (const NumberRow& row : numbers)
        if (key == row.key)
            if (const auto n = number(value, row.most)) {
                wish.*row.field = *n;
                return;
            }
    fail(part);
}

Wish readWish(std::string text) {
    Wish wish;
    for (text += ','; !text.empty(); text.erase(0, text.find(',') + 1))
        readPart(text.substr(0, text.find(',')), wish);
    return wish;
}

bool within(double value, int least, int most) {
    return value <= 0 || (value >= least && (most == 0 || value <= most));
}

bool fits(const Profile& profile, const Wish& wish) {
    const std::string sound = audioWord(profile.audioEncoding);
    const bool soundFits = wish.audio.empty() || (wish.audio == "yes"  ? !sound.empty()
                                                  : wish.audio == "no" ? sound.empty()
                                                                       : sound == wish.audio);
    return soundFits && (wish.codec.empty() || codecWord(profile.encoding) == wish.codec) &&
           within(profile.width, wish.minWidth, wish.maxWidth) &&
           within(profile.height, wish.minHeight, wish.maxHeight) &&
           within(profile.frameRate, wish.minFps, wish.maxFps);
}

} // namespace

std::vector<Profile> choose(const std::vector<Profile>& profiles, const std::string& wish) {
    if (wish.empty())
        return bestFirst(profiles);
    for (const Profile& profile : profiles)
        if (profile.token == wish)
            return {profile};
    Profiles chosen;
    for (const Profile& profile : profiles)
        if (lower(profile.name) == lower(wish))
            chosen.push_back(profile);
    if (!chosen.empty())
        return chosen;
    if (lower(wish) == "main")
        return bestFirst(profiles);
    if (lower(wish) == "sub")
        return subFirst(profiles);
    if (wish.find('=') == std::string::npos)
        return {};
    const Wish read = readWish(wish);
    for (const Profile& profile : profiles)
        if (fits(profile, read))
            chosen.push_back(profile);
    return bestFirst(std::move(chosen));
}

std::vector<Profile> mustChoose(const std::vector<Profile>& profiles, const std::string& wish) {
    std::vector<Profile> chosen = choose(profiles, wish);
    if (chosen.empty())
        throw base::Error(base::ErrorKind::NotFound,
                          "The camera has no profile '" + wish +
                              "'; set profile to main, sub or one of: " + listOf(profiles) + ".");
    return chosen;
}

std::string listOf(const std::vector<Profile>& profiles) {
    std::string text;
    for (std::size_t i = 0; i < std::min(profiles.size(), maxListed); i++)
        text += (i == 0 ? "" : ", ") + profiles[i].text();
    if (profiles.size() > maxListed)
        text += " and " + std::to_string(profiles.size() - maxListed) + " more";
    return text;
}

} // namespace onvif
