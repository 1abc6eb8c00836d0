#include "web/advertised.hpp"

#include "base/error.hpp"
#include "web/sdp.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <set>

namespace web {
namespace {

constexpr std::size_t most = 8; ///< of addresses

bool isV6(const std::string& address) { return address.find(':') != std::string::npos; }

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : " ") + part;
    return text;
}

} // namespace

std::vector<std::string> readAddresses(std::string_view list) {
    std::vector<std::string> addresses;
    std::string text(list);
    std::replace(text.begin(), text.end(), ',', ' ');
    for (const std::string& word : words(text)) {
        if (!g_hostname_is_ip_address(word.c_str()) || word.find('%') != std::string::npos)
            throw base::Error(base::ErrorKind::Settings,
                              "advertise-address has to be IP addresses, separated by commas; \"" +
                                  word + "\" is none.");
        addresses.push_back(word);
    }
    if (addresses.size() > most)
        throw base::Error(base::ErrorKind::Settings, "advertise-address has more than " +
                                                         std::to_string(most) + " addresses.");
    return addresses;
}

std::vector<std::string> advertise(std::vector<std::string> candidates,
                                   const std::vector<std::string>& addresses) {
    std::set<std::string> known;
    const std::size_t own = candidates.size();
    for (std::size_t i = 0; i < own; i++) {
        auto parts = words(candidates[i]);
        if (parts.size() < 8 || parts[7] != "host")
            continue;
        const bool v6 = isV6(parts[4]);
        const std::string foundation = parts[0];
        const unsigned long priority = std::strtoul(parts[3].c_str(), nullptr, 10);
        for (std::size_t a = 0; a < addresses.size(); a++) {
            if (isV6(addresses[a]) != v6)
                continue;
            parts[0] = foundation + "a" + std::to_string(a);
            parts[3] = std::to_string(priority > a + 1 ? priority - a - 1 : 1);
            parts[4] = addresses[a];
            if (known.insert(parts[2] + parts[4] + " " + parts[5]).second)
                candidates.push_back(joined(parts));
        }
    }
    return candidates;
}

} // namespace web
