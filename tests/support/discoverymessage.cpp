#include "support/discoverymessage.hpp"

#include "base/error.hpp"
#include "net/random.hpp"
#include "net/xml.hpp"
#include "support/soap.hpp"

#include <glib.h>

#include <algorithm>
#include <sstream>

namespace camera {
namespace {

constexpr const char* discoveryNameSpace = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
constexpr const char* everybody = "urn:schemas-xmlsoap-org:ws:2005:04:discovery";
constexpr const char* anonymous = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

std::vector<std::string> words(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> all;
    for (std::string word; in >> word;)
        all.push_back(word);
    return all;
}

/// Prefixes mean what the sender declared; the local names of our two types are used by nobody
/// else.
bool isOurType(const std::string& qualified) {
    const auto colon = qualified.rfind(':');
    const std::string name = colon == std::string::npos ? qualified : qualified.substr(colon + 1);
    return name == "NetworkVideoTransmitter" || name == "Device";
}

/// RFC 3986 prefix rule of WS-Discovery section 5.1: whole path segments.
bool scopeMatches(const std::string& wanted, const std::string& ours) {
    std::string start = wanted;
    while (!start.empty() && start.back() == '/')
        start.pop_back();
    return g_ascii_strncasecmp(ours.c_str(), start.c_str(), start.size()) == 0 &&
           (ours.size() == start.size() || ours[start.size()] == '/');
}

std::string message(const std::string& action, const std::string& to, const std::string& relatesTo,
                    const std::string& body) {
    std::string header = xmlLeaf("a:MessageID", "urn:uuid:" + net::randomUuid());
    if (!relatesTo.empty())
        header += xmlLeaf("a:RelatesTo", relatesTo);
    header +=
        xmlLeaf("a:To", to) + xmlLeaf("a:Action", std::string(discoveryNameSpace) + "/" + action);
    return R"(<?xml version="1.0" encoding="UTF-8"?>)" +
           xmlTag("s:Envelope", xmlTag("s:Header", header) + xmlTag("s:Body", body),
                  std::string(R"(xmlns:s="http://www.w3.org/2003/05/soap-envelope")") +
                      R"( xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing")" +
                      " xmlns:d=\"" + discoveryNameSpace + "\"" +
                      R"( xmlns:dn="http://www.onvif.org/ver10/network/wsdl")" +
                      R"( xmlns:tds="http://www.onvif.org/ver10/device/wsdl")");
}

std::string endpoint(const Announcement& device) {
    return xmlTag("a:EndpointReference", xmlLeaf("a:Address", "urn:uuid:" + device.uuid));
}

std::string description(const Announcement& device) {
    std::string scopes;
    for (const std::string& scope : device.scopes)
        scopes += (scopes.empty() ? "" : " ") + scope;
    return endpoint(device) + xmlLeaf("d:Types", device.types) + xmlLeaf("d:Scopes", scopes) +
           xmlLeaf("d:XAddrs", device.xaddr) +
           xmlLeaf("d:MetadataVersion", static_cast<int>(device.metadataVersion));
}

} // namespace

std::optional<Probe> readProbe(std::string_view datagram) {
    try {
        const auto document = net::XmlDocument::parse(datagram, maxDatagram);
        const auto probe = document.root().at("Body/Probe");
        const std::string id = document.root().textAt("Header/MessageID");
        const std::string action = document.root().textAt("Header/Action");
        if (!probe || id.empty() || id.size() > 256 ||
            action != std::string(discoveryNameSpace) + "/Probe")
            return {};
        return Probe{id, words(probe->textAt("Types")), words(probe->textAt("Scopes"))};
    } catch (const base::Error&) {
        return {};
    }
}

bool typesMatch(const Probe& probe) {
    return std::all_of(probe.types.begin(), probe.types.end(), isOurType);
}

bool scopesMatch(const Probe& probe, const std::vector<std::string>& scopes) {
    return std::all_of(probe.scopes.begin(), probe.scopes.end(), [&](const std::string& wanted) {
        return std::any_of(scopes.begin(), scopes.end(),
                           [&](const auto& ours) { return scopeMatches(wanted, ours); });
    });
}

std::optional<Probe> matchingProbe(std::string_view datagram,
                                   const std::vector<std::string>& scopes) {
    auto probe = readProbe(datagram);
    return probe && typesMatch(*probe) && scopesMatch(*probe, scopes) ? probe : std::nullopt;
}

std::string probeMatches(const Probe& probe, const Announcement& device) {
    return message("ProbeMatches", anonymous, probe.messageId,
                   xmlTag("d:ProbeMatches", xmlTag("d:ProbeMatch", description(device))));
}

std::string hello(const Announcement& device) {
    return message("Hello", everybody, {}, xmlTag("d:Hello", description(device)));
}

std::string bye(const Announcement& device) {
    return message("Bye", everybody, {}, xmlTag("d:Bye", endpoint(device)));
}

} // namespace camera
