#include "probe.hpp"

#include "base/error.hpp"
#include "net/random.hpp"
#include "net/xml.hpp"

#include <algorithm>
#include <cctype>

namespace onvif {

namespace {

constexpr std::size_t maxMatches = 16, maxWords = 64, maxWord = 1024, maxDatagram = 64 * 1024;

std::vector<std::string> words(const std::string& text) {
    constexpr const char* space = " \t\r\n";
    std::vector<std::string> out;
    for (auto at = text.find_first_not_of(space);
         at != std::string::npos && out.size() < maxWords;) {
        const auto end = std::min(text.find_first_of(space, at), text.size());
        if (end - at <= maxWord)
            out.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(space, end);
    }
    return out;
}

bool startsWith(const std::string& text, std::string_view start) {
    return text.compare(0, start.size(), start) == 0;
}

/// "scheme:something"
bool isUri(const std::string& word) {
    const auto colon = word.find(':');
    return colon != std::string::npos && colon > 0 && colon + 1 < word.size() &&
           std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-'; });
}

/// Some leave the blank of "name/Front door" as it is: what is no URI goes on with the last one.
std::vector<std::string> scopesOf(const std::string& text) {
    std::vector<std::string> out;
    for (std::string& word : words(text)) {
        if (out.empty() || isUri(word))
            out.push_back(std::move(word));
        else if (out.back().size() + word.size() < maxWord)
            out.back() += "%20" + word;
    }
    return out;
}

std::string_view localName(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// "tds:Device", or any other prefix that stands for ONVIF's device service.
bool isOnvifDevice(const std::string& type, std::string_view datagram) {
    if (localName(type) != "Device" || type == "Device")
        return false;
    const std::string prefix = type.substr(0, type.size() - std::string_view(":Device").size());
    const auto declared = datagram.find("xmlns:" + prefix + "=");
    constexpr std::string_view space = "http://www.onvif.org/ver10/device/wsdl";
    return prefix == "tds" ||
           (declared != std::string_view::npos &&
            datagram.substr(declared + prefix.size() + 8, space.size()) == space);
}

/// Most devices answer a probe for a printer too, and printers say "wsdp:Device": a camera is who
/// says NetworkVideoTransmitter, or Device in ONVIF's words.
bool isCamera(const Found& found, std::string_view datagram) {
    return std::any_of(found.scopes.begin(), found.scopes.end(),
                       [](const std::string& s) { return startsWith(s, "onvif://"); }) ||
           std::any_of(found.types.begin(), found.types.end(), [&](const std::string& type) {
               return localName(type) == "NetworkVideoTransmitter" || isOnvifDevice(type, datagram);
           });
}

Found readMatch(const net::XmlNode& match, const std::string& sender) {
    Found found;
    found.sender = sender;
    found.endpoint = match.textAt("EndpointReference/Address").substr(0, maxWord);
    found.types = words(match.textAt("Types"));
    found.scopes = scopesOf(match.textAt("Scopes"));
    found.xaddrs = words(match.textAt("XAddrs"));
    return found;
}

} // namespace

std::string newMessageId() {
    std::string text = net::randomHex(16);
    for (const std::size_t at : {20, 16, 12, 8})
        text.insert(at, 1, '-');
    return text;
}

std::string probeMessage(ProbeType type, const std::string& messageId) {
    const bool nvt = type == ProbeType::NetworkVideoTransmitter;
    return std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                       "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
                       " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
                       " xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"") +
           (nvt ? " xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\">"
                : " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\">") +
           "<s:Header>"
           "<a:Action s:mustUnderstand=\"1\">"
           "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
           "<a:MessageID>urn:uuid:" +
           messageId +
           "</a:MessageID>"
           "<a:ReplyTo><a:Address>"
           "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
           "<a:To s:mustUnderstand=\"1\">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
           "</s:Header><s:Body><d:Probe><d:Types>" +
           (nvt ? "dn:NetworkVideoTransmitter" : "tds:Device") +
           "</d:Types></d:Probe></s:Body></s:Envelope>";
}

std::vector<Found> probeMatches(std::string_view datagram, const std::string& sender,
                                const std::vector<std::string>& messageIds) {
    std::vector<Found> all;
    try {
        const auto document = net::XmlDocument::parse(datagram, maxDatagram);
        const auto root = document.root();
        const std::string relates = root.textAt("Header/RelatesTo");
        const bool ours = std::any_of(messageIds.begin(), messageIds.end(),
                                      [&](const std::string& id) { return sameId(id, relates); });
        const auto matches = root.at("Body/ProbeMatches");
        if (!ours || !matches)
            return {};
        for (const auto& match : matches->children("ProbeMatch")) {
            Found found = readMatch(match, sender);
            if (all.size() < maxMatches && isCamera(found, datagram))
                all.push_back(std::move(found));
        }
    } catch (const base::Error&) {
        // Bad datagrams are dropped without a word: anybody can send them.
    }
    return all;
}

std::optional<Announcement> announcement(std::string_view datagram) {
    // Most of what a group hears are probes of others, which need no closer look.
    const bool hello = datagram.find("Hello") != std::string_view::npos;
    if (!hello && datagram.find("Bye") == std::string_view::npos)
        return std::nullopt;
    try {
        const auto document = net::XmlDocument::parse(datagram, maxDatagram);
        const auto root = document.root();
        const auto bye = root.at("Body/Bye"), news = bye ? bye : root.at("Body/Hello");
        if (!news)
            return std::nullopt;
        const Found found = readMatch(*news, {});
        const bool silent = found.types.empty() && found.scopes.empty();
        if (found.endpoint.empty() || (!bye && !silent && !isCamera(found, datagram)))
            return std::nullopt;
        return Announcement{bye.has_value(), found.endpoint};
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

} // namespace onvif
