#include "net/password.hpp"

#include "base/error.hpp"
#include "net/random.hpp"

#include <crypt.h>
#include <glib.h>

#include <memory>

namespace net {
namespace {

std::string take(char* text) {
    const std::unique_ptr<char, decltype(&g_free)> owned(text, g_free);
    return owned.get();
}

const guchar* bytes(std::string_view text) { return reinterpret_cast<const guchar*>(text.data()); }

/// Empty when the setting makes no sense to crypt(3) or the password is too long for it.
std::string crypted(const std::string& password, const std::string& setting) {
    auto room = std::make_unique<crypt_data>(); // 32 KiB
    const char* hash =
        crypt_rn(password.c_str(), setting.c_str(), room.get(), static_cast<int>(sizeof *room));
    const std::string result = hash ? hash : "";
    explicit_bzero(room.get(), sizeof *room);
    return result;
}

} // namespace

std::string hashPassword(const std::string& password) {
    static const std::string* const key = new std::string(randomBytes(32));
    const std::string salt = signatureOf(password, *key).substr(0, 16);
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (!crypt_gensalt_rn("$y$", 0, salt.data(), static_cast<int>(salt.size()), setting,
                          sizeof setting))
        throw base::Error(base::ErrorKind::Unsupported,
                          "This system's crypt(3) has no yescrypt, so no password can be kept.");
    std::string hash = crypted(password, setting);
    if (hash.empty())
        throw base::Error(base::ErrorKind::Settings,
                          "The password cannot be hashed: it may have up to 512 characters.");
    return hash;
}

bool isPasswordHash(const std::string& text) {
    return text.size() > 20 && text[0] == '$' && crypt_checksalt(text.c_str()) == CRYPT_SALT_OK;
}

bool isPassword(const std::string& password, const std::string& hash) {
    const std::string made = crypted(password, hash);
    return !made.empty() && isSame(made, hash);
}

std::string digestOf(std::string_view secret) {
    return take(g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes(secret), secret.size()));
}

std::string signatureOf(std::string_view text, std::string_view key) {
    return take(g_compute_hmac_for_data(G_CHECKSUM_SHA256, bytes(key), key.size(), bytes(text),
                                        text.size()));
}

bool isSame(std::string_view a, std::string_view b) {
    if (a.size() != b.size())
        return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); i++)
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

} // namespace net
