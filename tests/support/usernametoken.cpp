#include "support/usernametoken.hpp"

#include "support/httpdigest.hpp"
#include "support/xsdtime.hpp"

#include <glib.h>

#include <memory>
#include <optional>

namespace camera {
namespace {

constexpr std::size_t maxSeen = 10000; ///< tokens with the right password within one window
constexpr std::size_t maxNonceText = 1024;

std::optional<std::string> decoded(const std::string& base64) {
    if (base64.empty() || base64.size() > maxNonceText)
        return {};
    gsize size = 0;
    const std::unique_ptr<guchar, decltype(&g_free)> bytes(g_base64_decode(base64.c_str(), &size),
                                                           g_free);
    if (!bytes || size == 0)
        return {};
    return std::string(reinterpret_cast<const char*>(bytes.get()), size);
}

} // namespace

std::string passwordDigest(const std::string& nonce, const std::string& created,
                           const std::string& password) {
    const std::string all = nonce + created + password;
    GChecksum* sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, reinterpret_cast<const guchar*>(all.data()),
                      static_cast<gssize>(all.size()));
    guint8 digest[20];
    gsize size = sizeof digest;
    g_checksum_get_digest(sum, digest, &size);
    g_checksum_free(sum);
    const std::unique_ptr<char, decltype(&g_free)> text(g_base64_encode(digest, size), g_free);
    return text.get();
}

UsernameToken::UsernameToken(std::string user, std::string password)
    : user_(std::move(user)), password_(std::move(password)) {}

bool UsernameToken::check(const net::XmlNode& token, Clock::time_point now) {
    const auto password = token.child("Password");
    const std::string created = token.textAt("Created");
    const auto nonce = decoded(token.textAt("Nonce"));
    const auto made = xsdInstant(created);
    if (!password || !nonce || !made)
        return false;
    const std::string type = password->attribute("Type");
    const std::string wanted = "#PasswordDigest";
    if (type.size() < wanted.size() ||
        type.compare(type.size() - wanted.size(), wanted.size(), wanted) != 0)
        return false;
    const auto apart = now > *made ? now - *made : *made - now;
    // Both are compared in any case: an early end would tell a right name from a wrong one.
    const bool rightWord =
        equalInConstantTime(passwordDigest(*nonce, created, password_), password->text());
    const bool rightName = equalInConstantTime(user_, token.textAt("Username"));
    return rightWord && rightName && apart <= window && firstUse(*nonce, now);
}

bool UsernameToken::firstUse(const std::string& nonce, Clock::time_point now) {
    for (auto i = seen_.begin(); i != seen_.end();)
        i = now > i->second ? seen_.erase(i) : std::next(i);
    if (seen_.size() >= maxSeen)
        return false;
    return seen_.emplace(nonce, now + 2 * window).second;
}

} // namespace camera
