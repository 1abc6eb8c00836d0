#include "found.hpp"

#include "net/address.hpp"
#include "net/url.hpp"

#include <glib.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

namespace onvif {

namespace {

constexpr std::size_t maxWords = 64, maxSenders = 8, maxAddresses = 16;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool sameText(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view bareId(std::string_view id) {
    for (const std::string_view prefix : {"urn:", "uuid:"})
        if (sameText(id.substr(0, prefix.size()), prefix))
            id.remove_prefix(prefix.size());
    return id;
}

/// What may be shown: devices send line breaks, Latin-1 and worse.
std::string readable(std::string_view encoded) {
    std::string text = net::percentDecode(encoded);
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
               text.end());
    const std::unique_ptr<char, void (*)(void*)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
    return valid.get();
}

/// What the scopes "onvif://www.onvif.org/KEY/…" say.
std::vector<std::string> fromScopes(const std::vector<std::string>& scopes, std::string_view key) {
    const std::string start = "onvif://www.onvif.org/" + std::string(key) + "/";
    std::vector<std::string> values;
    for (const std::string& scope : scopes)
        if (scope.size() > start.size() &&
            sameText(std::string_view(scope).substr(0, start.size()), start))
            values.push_back(readable(std::string_view(scope).substr(start.size())));
    return values;
}

/// Reolink gives "name/IPC-BO" and "name/IPC": the longer says more.
std::string longest(const std::vector<std::string>& values) {
    const auto best =
        std::max_element(values.begin(), values.end(), [](const auto& a, const auto& b) {
            return a.size() != b.size() ? a.size() < b.size() : a > b;
        });
    return best == values.end() ? "" : *best;
}

/// How well an address serves, larger is better: it stays, and the whole network reaches it.
int reach(const std::string& host) {
    const auto address = net::SocketAddress::parse(host, 0);
    if (!address)
        return 0;
    const int family = address->family() == AF_INET ? 1 : 0;
    return family + (address->linkLocal() ? 1 : address->loopback() ? 3 : 5);
}

bool better(const std::string& a, const std::string& b) {
    const int left = reach(a), right = reach(b);
    return left != right ? left > right : a < b;
}

/// Numbers may be written in several ways, and the zone of a link-local one is left out.
bool sameHost(const std::string& a, const std::string& b) {
    const auto left = net::SocketAddress::parse(a.substr(0, a.find('%')), 0);
    const auto right = net::SocketAddress::parse(b.substr(0, b.find('%')), 0);
    return left && right ? left->sameNumber(*right) : sameText(a, b);
}

void addNew(std::vector<std::string>& all, std::vector<std::string> more, std::size_t limit) {
    for (std::string& word : more)
        if (all.size() < limit && std::find(all.begin(), all.end(), word) == all.end())
            all.push_back(std::move(word));
}

/// The addresses of the web that a device gave, those on `sender` first, http before https, each
/// moved to `sender`.
std::vector<std::string> on(const std::string& sender, const std::vector<std::string>& xaddrs) {
    std::vector<std::pair<int, std::string>> ranked;
    for (const std::string& xaddr : xaddrs) {
        auto url = net::Url::parse(xaddr);
        if (!url || (url->scheme != "http" && url->scheme != "https"))
            continue;
        const int worse = (sameHost(url->host, sender) ? 0 : 2) + (url->scheme == "http" ? 0 : 1);
        url->host = sender;
        ranked.emplace_back(worse, url->text());
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> texts;
    for (auto& [worse, text] : ranked)
        texts.push_back(std::move(text));
    return texts;
}

} // namespace

std::string Found::name() const { return longest(fromScopes(scopes, "name")); }

std::string Found::hardware() const { return longest(fromScopes(scopes, "hardware")); }

std::string Found::location() const {
    std::string text;
    for (const std::string& value : fromScopes(scopes, "location")) {
        const std::string place = value.substr(value.rfind('/') + 1); // "country/china", "hall"
        if (!place.empty())
            text += (text.empty() ? "" : ", ") + place;
    }
    return text;
}

std::vector<std::string> Found::profiles() const {
    std::vector<std::string> letters;
    for (const std::string& value : fromScopes(scopes, "Profile"))
        if (!value.empty())
            letters.push_back(sameText(value, "Streaming") ? "S" : value);
    std::sort(letters.begin(), letters.end());
    letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
    return letters;
}

std::vector<std::string> Found::addresses() const {
    std::vector<std::string> senders{sender}, all;
    senders.insert(senders.end(), otherSenders.begin(), otherSenders.end());
    for (const std::string& host : senders)
        addNew(all, on(host, xaddrs), maxAddresses);
    if (all.empty()) {
        net::Url usual;
        usual.scheme = "http";
        usual.host = sender;
        usual.rest = "/onvif/device_service";
        all.push_back(usual.text());
    }
    return all;
}

std::string keyOf(const Found& found) {
    std::string key(bareId(found.endpoint));
    std::transform(key.begin(), key.end(), key.begin(), lower);
    return key.empty() ? "at " + found.sender : key;
}

bool sameId(std::string_view a, std::string_view b) { return sameText(bareId(a), bareId(b)); }

void combine(Found& known, Found news) {
    addNew(known.types, std::move(news.types), maxWords);
    addNew(known.scopes, std::move(news.scopes), maxWords);
    addNew(known.xaddrs, std::move(news.xaddrs), maxWords);
    news.otherSenders.push_back(news.sender);
    for (std::string& sender : news.otherSenders) {
        if (sender == known.sender)
            continue;
        if (better(sender, known.sender))
            std::swap(sender, known.sender);
        addNew(known.otherSenders, {sender}, maxSenders);
    }
    auto& others = known.otherSenders;
    others.erase(std::remove(others.begin(), others.end(), known.sender), others.end());
    std::sort(others.begin(), others.end(), better);
}

void merge(std::vector<Found>& known, Found news, std::size_t limit) {
    const std::string key = keyOf(news);
    const auto old =
        std::find_if(known.begin(), known.end(), [&](const Found& k) { return keyOf(k) == key; });
    if (old != known.end()) {
        combine(*old, std::move(news));
        return;
    }
    // One host cannot take all places, and may yet be a recorder with many cameras behind it.
    const auto alike = std::count_if(known.begin(), known.end(),
                                     [&](const Found& k) { return k.sender == news.sender; });
    if (known.size() < limit && static_cast<std::size_t>(alike) < limit - limit / 4)
        known.push_back(std::move(news));
}

} // namespace onvif
