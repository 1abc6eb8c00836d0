#include "support/httpdigest.hpp"

#include "net/random.hpp"

#include <glib.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace camera {
namespace {

constexpr std::size_t maxPairs = 32;
constexpr std::size_t maxNonces = 256;
constexpr std::size_t maxCounts = 10000; ///< of one nonce

std::string hash(GChecksumType type, const std::string& text) {
    const std::unique_ptr<char, decltype(&g_free)> hex(
        g_compute_checksum_for_data(type, reinterpret_cast<const guchar*>(text.data()),
                                    text.size()),
        g_free);
    return hex.get();
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return g_ascii_tolower(c); });
    return text;
}

std::string field(const std::map<std::string, std::string>& fields, const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
}

void skipSpace(const std::string& text, std::size_t& at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == ','))
        ++at;
}

/// A token, or a quoted string with its escapes taken out (RFC 9110 section 5.6.4).
bool readValue(const std::string& text, std::size_t& at, std::string& value) {
    if (at < text.size() && text[at] == '"') {
        for (++at; at < text.size() && text[at] != '"'; ++at) {
            if (text[at] == '\\' && ++at == text.size())
                return false;
            value += text[at];
        }
        return at++ < text.size();
    }
    while (at < text.size() && text[at] != ',' && text[at] != ' ')
        value += text[at++];
    return true;
}

/// `origin-form` of a request target, where a client sent the whole address (RFC 9112
/// section 3.2.2).
std::string withoutAuthority(const std::string& uri) {
    const auto scheme = uri.find("://");
    if (scheme == std::string::npos)
        return uri;
    const auto path = uri.find('/', scheme + 3);
    return path == std::string::npos ? "/" : uri.substr(path);
}

} // namespace

bool equalInConstantTime(const std::string& a, const std::string& b) {
    unsigned difference = a.size() != b.size();
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^
                      static_cast<unsigned char>(b[b.empty() ? 0 : i % b.size()]);
    return difference == 0;
}

std::map<std::string, std::string> digestFields(const std::string& header) {
    std::map<std::string, std::string> fields;
    if (lower(header.substr(0, 7)) != "digest ")
        return fields;
    std::size_t at = 7;
    for (skipSpace(header, at); at < header.size(); skipSpace(header, at)) {
        const auto equals = header.find('=', at);
        if (equals == std::string::npos || fields.size() == maxPairs)
            return {};
        std::string name = lower(header.substr(at, equals - at));
        while (!name.empty() && name.back() == ' ')
            name.pop_back();
        at = equals + 1;
        while (at < header.size() && header[at] == ' ')
            ++at;
        std::string value;
        if (name.empty() || !readValue(header, at, value) || !fields.emplace(name, value).second)
            return {};
    }
    return fields;
}

HttpDigest::HttpDigest(std::string user, std::string password, std::string realm,
                       std::vector<std::string> algorithms)
    : user_(std::move(user)), password_(std::move(password)), realm_(std::move(realm)),
      algorithms_(std::move(algorithms)), key_(net::randomBytes(32)) {}

std::string HttpDigest::nonceFor(Clock::time_point made) const {
    const auto ticks = std::to_string(made.time_since_epoch().count());
    const std::unique_ptr<char, decltype(&g_free)> seal(
        g_compute_hmac_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(key_.data()),
                                key_.size(), reinterpret_cast<const guchar*>(ticks.data()),
                                ticks.size()),
        g_free);
    return ticks + "-" + std::string(seal.get()).substr(0, 32);
}

std::vector<std::string> HttpDigest::challenges(Clock::time_point now, bool stale) const {
    const std::string nonce = nonceFor(now);
    std::vector<std::string> all;
    for (const std::string& algorithm : algorithms_)
        all.push_back("Digest realm=\"" + realm_ + "\", qop=\"auth\", algorithm=" + algorithm +
                      ", nonce=\"" + nonce + "\"" + (stale ? ", stale=true" : ""));
    return all;
}

/// The age that a nonce tells, when we sealed it.
std::optional<HttpDigest::Clock::time_point> HttpDigest::whenMade(const std::string& nonce) const {
    const auto dash = nonce.find('-');
    if (dash == std::string::npos || dash == 0 || dash > 19)
        return {};
    const Clock::time_point made{
        Clock::duration(std::strtoll(nonce.substr(0, dash).c_str(), nullptr, 10))};
    if (!equalInConstantTime(nonceFor(made), nonce))
        return {};
    return made;
}

/// True once for each count of a nonce (RFC 7616 section 5.12). What is remembered is bounded: who
/// comes with a forgotten nonce is asked to take a new one.
bool HttpDigest::firstUse(Clock::time_point made, std::uint32_t count) {
    if (made <= forgotten_)
        return false;
    auto& counts = used_[made];
    if (counts.size() >= maxCounts || !counts.insert(count).second)
        return false;
    if (used_.size() > maxNonces) {
        forgotten_ = used_.begin()->first;
        used_.erase(used_.begin());
    }
    return true;
}

DigestVerdict HttpDigest::check(const std::string& authorization, const std::string& method,
                                const std::string& target, Clock::time_point now) {
    const auto fields = digestFields(authorization);
    const std::string said = field(fields, "algorithm");
    const std::string algorithm = lower(said.empty() ? "MD5" : said);
    if (std::none_of(algorithms_.begin(), algorithms_.end(),
                     [&](const std::string& one) { return lower(one) == algorithm; }))
        return DigestVerdict::Refused;
    const auto type = algorithm == "sha-256" ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5;
    const std::string nonce = field(fields, "nonce"), count = field(fields, "nc");
    const std::string cnonce = field(fields, "cnonce"), uri = field(fields, "uri");

    const auto made = whenMade(nonce);
    if (!made || field(fields, "qop") != "auth" || count.size() != 8 || cnonce.empty() ||
        field(fields, "realm") != realm_ || withoutAuthority(uri) != target)
        return DigestVerdict::Refused;
    const std::string secret = hash(type, user_ + ":" + realm_ + ":" + password_);
    const std::string request = hash(type, method + ":" + uri);
    const std::string expected =
        hash(type, secret + ":" + nonce + ":" + count + ":" + cnonce + ":auth:" + request);
    // Both are compared in any case: an early end would tell a right name from a wrong one.
    const bool rightWord = equalInConstantTime(expected, lower(field(fields, "response")));
    const bool rightName = equalInConstantTime(user_, field(fields, "username"));
    if (!rightWord || !rightName)
        return DigestVerdict::Refused;
    const auto number = static_cast<std::uint32_t>(std::strtoul(count.c_str(), nullptr, 16));
    if (now - *made > nonceLife || !firstUse(*made, number))
        return DigestVerdict::Stale;
    return DigestVerdict::Granted;
}

} // namespace camera
