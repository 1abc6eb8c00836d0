#include "infer/device.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace infer {

std::string Device::text() const { return number > 0 ? name + ":" + std::to_string(number) : name; }

std::string Device::on() const { return cpu() ? std::string() : " on device=" + text(); }

Device Device::parse(const std::string& text) {
    constexpr const char* letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
    constexpr std::size_t longest = 32;
    Device device;
    if (text.empty())
        return device;
    const auto colon = text.find(':');
    device.name = text.substr(0, colon);
    // DL Streamer's users write CPU.
    for (char& c : device.name)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    const std::string number = colon == text.npos ? "0" : text.substr(colon + 1);
    const bool named = !device.name.empty() && device.name.size() <= longest &&
                       device.name.find_first_not_of(letters) == std::string::npos;
    const bool numbered = !number.empty() && number.size() <= 2 &&
                          number.find_first_not_of("0123456789") == std::string::npos;
    if (!named || !numbered || (device.cpu() && std::stoi(number) > 0))
        throw base::Error(base::ErrorKind::Settings,
                          "'" + text.substr(0, 2 * longest) +
                              "' names no device: set device to a name such as cpu or cuda, with a "
                              "number behind it where there are several: cuda:1.");
    device.number = std::stoi(number);
    return device;
}

} // namespace infer
