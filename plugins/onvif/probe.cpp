#include "probe.hpp"

#include "base/error.hpp"
#include "net/url.hpp"
#include "net/xml.hpp"

#include <algorithm>

namespace onvif {

namespace {

constexpr std::size_t maxMatches = 16, maxWords = 64, maxWord = 1024;

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

std::string_view localName(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// "urn:uuid:X", "uuid:X" and "X" are the same name.
std::string_view bareId(std::string_view id) {
    const auto colon = id.rfind(':');
    return colon == std::string_view::npos ? id : id.substr(colon + 1);
}

bool sameId(std::string_view a, std::string_view b) {
    a = bareId(a);
    b = bareId(b);
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return std::tolower(static_cast<unsigned char>(x)) ==
                      std::tolower(static_cast<unsigned char>(y));
           });
}

/// Most devices answer a probe for a printer too, and printers say "wsdp:Device": a camera is who
/// says NetworkVideoTransmitter, or Device in ONVIF's words.
bool isCamera(const Found& found) {
    const bool scoped = std::any_of(found.scopes.begin(), found.scopes.end(),
                                    [](const std::string& s) { return startsWith(s, "onvif://"); });
    return scoped ||
           std::any_of(found.types.begin(), found.types.end(), [](const std::string& type) {
               return localName(type) == "NetworkVideoTransmitter" || type == "tds:Device";
           });
}

std::string fromScopes(const std::vector<std::string>& scopes, std::string_view key) {
    const std::string start = "onvif://www.onvif.org/" + std::string(key) + "/";
    std::string best;
    for (const std::string& scope : scopes) {
        if (!startsWith(scope, start))
            continue;
        // Reolink gives "name/IPC-BO" and "name/IPC": the longer says more.
        std::string value = net::percentDecode(scope.substr(start.size()));
        if (value.size() > best.size())
            best = std::move(value);
    }
    return best;
}

Found readMatch(const net::XmlNode& match, const std::string& sender) {
    Found found;
    found.sender = sender;
    found.endpoint = match.textAt("EndpointReference/Address");
    found.types = words(match.textAt("Types"));
    found.scopes = words(match.textAt("Scopes"));
    found.xaddrs = words(match.textAt("XAddrs"));
    return found;
}

void addNew(std::vector<std::string>& all, std::vector<std::string> more) {
    for (std::string& word : more)
        if (all.size() < maxWords && std::find(all.begin(), all.end(), word) == all.end())
            all.push_back(std::move(word));
}

/// How good an address is, larger is better; 0: none at all.
int rank(const net::Url& url, const std::string& sender) {
    if (url.scheme != "http" && url.scheme != "https")
        return 0;
    return 1 + (url.host == sender ? 2 : 0) + (url.scheme == "http" ? 1 : 0);
}

} // namespace

std::string Found::name() const { return fromScopes(scopes, "name"); }

std::string Found::hardware() const { return fromScopes(scopes, "hardware"); }

std::string Found::address() const {
    net::Url best;
    int bestRank = 0;
    for (const std::string& xaddr : xaddrs) {
        const auto url = net::Url::parse(xaddr);
        const int r = url ? rank(*url, sender) : 0;
        if (r > bestRank) {
            bestRank = r;
            best = *url;
        }
    }
    if (bestRank == 0)
        best.scheme = "http", best.rest = "/onvif/device_service";
    best.host = sender;
    return best.text();
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
        const auto document = net::XmlDocument::parse(datagram, 64 * 1024);
        const auto root = document.root();
        const std::string relates = root.textAt("Header/RelatesTo");
        const bool ours = std::any_of(messageIds.begin(), messageIds.end(),
                                      [&](const std::string& id) { return sameId(id, relates); });
        const auto matches = root.at("Body/ProbeMatches");
        if (!ours || !matches)
            return {};
        for (const auto& match : matches->children("ProbeMatch")) {
            Found found = readMatch(match, sender);
            if (all.size() < maxMatches && isCamera(found))
                all.push_back(std::move(found));
        }
    } catch (const base::Error&) {
        // Bad datagrams are dropped without a word: anybody can send them.
    }
    return all;
}

void merge(std::vector<Found>& known, Found news, std::size_t limit) {
    // Without a name of its own a device is its address.
    const auto same = [&](const Found& k) {
        return news.endpoint.empty() ? k.sender == news.sender : sameId(k.endpoint, news.endpoint);
    };
    const auto old = std::find_if(known.begin(), known.end(), same);
    if (old == known.end()) {
        if (known.size() < limit)
            known.push_back(std::move(news));
        return;
    }
    addNew(old->types, std::move(news.types));
    addNew(old->scopes, std::move(news.scopes));
    addNew(old->xaddrs, std::move(news.xaddrs));
}

} // namespace onvif
