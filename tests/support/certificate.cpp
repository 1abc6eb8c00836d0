#include "support/certificate.hpp"

#include "base/error.hpp"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace camera {
namespace {

constexpr std::time_t day = 24 * 60 * 60;

void check(int code) {
    if (code < 0)
        throw base::Error(base::ErrorKind::Failed, "No certificate could be made for TLS.",
                          gnutls_strerror(code));
}

template <class T>
using Handle = std::unique_ptr<T, void (*)(T*)>;
using Key = Handle<std::remove_pointer_t<gnutls_x509_privkey_t>>;
using Paper = Handle<std::remove_pointer_t<gnutls_x509_crt_t>>;

Key newKey() {
    gnutls_x509_privkey_t key = nullptr;
    check(gnutls_x509_privkey_init(&key));
    Key owned(key, gnutls_x509_privkey_deinit);
    check(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    return owned;
}

void addHost(gnutls_x509_crt_t paper, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    unsigned size = 0;
    if (inet_pton(AF_INET, host.c_str(), address.data()) == 1)
        size = sizeof(in_addr);
    else if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1)
        size = sizeof(in6_addr);
    const auto type = size ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME;
    const void* data = size ? static_cast<const void*>(address.data()) : host.data();
    check(gnutls_x509_crt_set_subject_alt_name(
        paper, type, data, size ? size : static_cast<unsigned>(host.size()), GNUTLS_FSAN_APPEND));
}

Paper newPaper(const std::vector<std::string>& hosts, gnutls_x509_privkey_t key) {
    gnutls_x509_crt_t paper = nullptr;
    check(gnutls_x509_crt_init(&paper));
    Paper owned(paper, gnutls_x509_crt_deinit);
    std::array<unsigned char, 16> serial{};
    check(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size()));
    serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40); // positive, full length
    const std::time_t now = std::time(nullptr);
    constexpr std::string_view name = "Virtual camera";
    check(gnutls_x509_crt_set_version(paper, 3));
    check(gnutls_x509_crt_set_serial(paper, serial.data(), serial.size()));
    check(gnutls_x509_crt_set_activation_time(paper, now - day));
    check(gnutls_x509_crt_set_expiration_time(paper, now + 3650 * day));
    check(gnutls_x509_crt_set_dn_by_oid(paper, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                        static_cast<unsigned>(name.size())));
    for (const std::string& host : hosts)
        addHost(paper, host);
    check(gnutls_x509_crt_set_key(paper, key));
    check(gnutls_x509_crt_sign2(paper, paper, key, GNUTLS_DIG_SHA256, 0));
    return owned;
}

std::string take(gnutls_datum_t text) {
    std::string copy(reinterpret_cast<const char*>(text.data), text.size);
    gnutls_free(text.data);
    return copy;
}

} // namespace

Certificate selfSignedCertificate(const std::vector<std::string>& hosts) {
    const Key key = newKey();
    const Paper paper = newPaper(hosts, key.get());
    gnutls_datum_t paperText{}, keyText{};
    check(gnutls_x509_crt_export2(paper.get(), GNUTLS_X509_FMT_PEM, &paperText));
    Certificate made{take(paperText), {}};
    check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                            GNUTLS_PKCS_PLAIN, &keyText));
    made.key = take(keyText);
    return made;
}

} // namespace camera
