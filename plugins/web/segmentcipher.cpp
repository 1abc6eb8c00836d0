#include "web/segmentcipher.hpp"

#include "base/error.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <memory>
#include <type_traits>

namespace web {
namespace {

void check(int result, const char* what) {
    if (result < 0)
        throw base::Error(base::ErrorKind::Failed,
                          "Segments cannot be encrypted on this machine: set encryption=none.",
                          std::string(what) + ": " + gnutls_strerror(result));
}

} // namespace

SegmentCipher::SegmentCipher() : key_{} {
    check(gnutls_rnd(GNUTLS_RND_KEY, key_.data(), key_.size()), "key");
}

std::string SegmentCipher::encrypted(std::string segment, std::uint64_t number) const {
    const std::size_t padding = 16 - segment.size() % 16;
    segment.append(padding, static_cast<char>(padding));
    std::array<unsigned char, 16> vector{};
    for (std::size_t i = 0; i < 8; i++)
        vector[15 - i] = static_cast<unsigned char>(number >> (8 * i));
    Key secret = key_;
    const gnutls_datum_t key{secret.data(), static_cast<unsigned>(secret.size())};
    const gnutls_datum_t iv{vector.data(), static_cast<unsigned>(vector.size())};
    gnutls_cipher_hd_t raw = nullptr;
    check(gnutls_cipher_init(&raw, GNUTLS_CIPHER_AES_128_CBC, &key, &iv), "cipher");
    const std::unique_ptr<std::remove_pointer_t<gnutls_cipher_hd_t>,
                          decltype(&gnutls_cipher_deinit)>
        cipher(raw, gnutls_cipher_deinit);
    check(gnutls_cipher_encrypt(raw, segment.data(), segment.size()), "segment");
    return segment;
}

} // namespace web
