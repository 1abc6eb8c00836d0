#include "net/tlsidentity.hpp"

#include "base/error.hpp"
#include "net/address.hpp"
#include "net/random.hpp"

#include <glib.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <type_traits>

namespace net {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::time_t day = 24 * 60 * 60;
constexpr std::time_t life = 820 * day, renewal = 30 * day;

template <class T>
using Handle = std::unique_ptr<std::remove_pointer_t<T>, void (*)(T)>;
using Key = Handle<gnutls_x509_privkey_t>;
using Certificate = Handle<gnutls_x509_crt_t>;

void check(int code, const char* what) {
    if (code < 0)
        throw Error(ErrorKind::Failed,
                    std::string("No certificate for HTTPS could be ") + what + ".",
                    gnutls_strerror(code));
}

gnutls_datum_t borrowed(const std::string& text) {
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

std::string taken(gnutls_datum_t text) {
    std::string copy(reinterpret_cast<const char*>(text.data), text.size);
    gnutls_free(text.data);
    return copy;
}

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Certificate firstIn(const std::string& pem) {
    gnutls_x509_crt_t made = nullptr;
    check(gnutls_x509_crt_init(&made), "read");
    Certificate certificate(made, gnutls_x509_crt_deinit);
    const gnutls_datum_t text = borrowed(pem);
    check(gnutls_x509_crt_import(made, &text, GNUTLS_X509_FMT_PEM), "read");
    return certificate;
}

std::string fingerprintOf(const std::string& pem) {
    const Certificate certificate = firstIn(pem);
    unsigned char digest[32];
    std::size_t size = sizeof digest;
    check(gnutls_x509_crt_get_fingerprint(certificate.get(), GNUTLS_DIG_SHA256, digest, &size),
          "read");
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    for (const unsigned char byte : digest)
        ((text += text.empty() ? "" : ":") += digits[byte >> 4]) += digits[byte & 15];
    return text;
}

// --- making one --------------------------------------------------------------------------------

Key newKey() {
    gnutls_x509_privkey_t made = nullptr;
    check(gnutls_x509_privkey_init(&made), "made");
    Key key(made, gnutls_x509_privkey_deinit);
    check(gnutls_x509_privkey_generate(made, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
          "made");
    return key;
}

void addHost(gnutls_x509_crt_t certificate, const std::string& host) {
    unsigned char address[sizeof(in6_addr)];
    unsigned size = inet_pton(AF_INET, host.c_str(), address) == 1    ? sizeof(in_addr)
                    : inet_pton(AF_INET6, host.c_str(), address) == 1 ? sizeof(in6_addr)
                                                                      : 0;
    const void* data = size ? static_cast<const void*>(address) : host.data();
    check(gnutls_x509_crt_set_subject_alt_name(
              certificate, size ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME, data,
              size ? size : static_cast<unsigned>(host.size()), GNUTLS_FSAN_APPEND),
          "made");
}

void describe(gnutls_x509_crt_t certificate, const std::vector<std::string>& hosts) {
    std::string serial = randomBytes(16);
    serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40); // positive, and of full length
    const std::time_t now = std::time(nullptr);
    const std::string name = "Video Stream on " + std::string(g_get_host_name()).substr(0, 40);
    check(gnutls_x509_crt_set_version(certificate, 3), "made");
    check(gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()), "made");
    // From yesterday: a viewer's clock may be behind.
    check(gnutls_x509_crt_set_activation_time(certificate, now - day), "made");
    check(gnutls_x509_crt_set_expiration_time(certificate, now + life), "made");
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                        static_cast<unsigned>(name.size())),
          "made");
    check(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1), "made");
    check(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), "made");
    check(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0), "made");
    for (const std::string& host : hosts)
        addHost(certificate, host);
}

/// Certificate and key as PEM.
std::string selfSigned(const std::vector<std::string>& hosts) {
    const Key key = newKey();
    gnutls_x509_crt_t made = nullptr;
    check(gnutls_x509_crt_init(&made), "made");
    const Certificate certificate(made, gnutls_x509_crt_deinit);
    describe(made, hosts);
    check(gnutls_x509_crt_set_key(made, key.get()), "made");
    check(gnutls_x509_crt_sign2(made, made, key.get(), GNUTLS_DIG_SHA256, 0), "made");
    gnutls_datum_t text{};
    check(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_PEM, &text), "made");
    const std::string first = taken(text);
    check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                            GNUTLS_PKCS_PLAIN, &text),
          "made");
    return first + taken(text);
}

// --- keeping it --------------------------------------------------------------------------------

[[noreturn]] void cannotKeep(const std::string& path) {
    throw Error(ErrorKind::Settings,
                "The certificate for HTTPS cannot be kept at " + path +
                    ": make that folder writable, or give tls-certificate a file of your own.",
                std::strerror(errno));
}

void keep(const std::string& path, const std::string& pem) {
    const std::string fresh = path + "." + randomHex(4);
    const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        cannotKeep(path);
    const bool written =
        write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) && fsync(file) == 0;
    close(file);
    // All at once: who starts at the same time reads the old one or this.
    if (!written || rename(fresh.c_str(), path.c_str()) != 0) {
        const int why = errno;
        unlink(fresh.c_str());
        errno = why;
        cannotKeep(path);
    }
}

bool isFresh(const std::string& pem) {
    try {
        return gnutls_x509_crt_get_expiration_time(firstIn(pem).get()) >
               std::time(nullptr) + renewal;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

TlsIdentity::TlsIdentity(const std::string& pem) : fingerprint_(fingerprintOf(pem)) {
    check(gnutls_certificate_allocate_credentials(&credentials_), "read");
    const gnutls_datum_t text = borrowed(pem);
    const int code =
        gnutls_certificate_set_x509_key_mem(credentials_, &text, &text, GNUTLS_X509_FMT_PEM);
    gnutls_datum_t key{};
    const int ticket = code < 0 ? code : gnutls_session_ticket_key_generate(&key);
    if (ticket < 0) {
        gnutls_certificate_free_credentials(credentials_);
        check(ticket, "read");
    }
    ticketKey_ = taken(key);
}

TlsIdentity::~TlsIdentity() { gnutls_certificate_free_credentials(credentials_); }

std::shared_ptr<const TlsIdentity> TlsIdentity::load(const std::string& path) {
    errno = 0;
    const std::string pem = contents(path);
    if (pem.empty())
        throw Error(ErrorKind::Settings,
                    "The file of tls-certificate, " + path +
                        ", cannot be read or is empty: it holds certificate and key as PEM.",
                    std::strerror(errno));
    try {
        return std::shared_ptr<const TlsIdentity>(new TlsIdentity(pem));
    } catch (const Error& error) {
        throw Error(ErrorKind::Settings,
                    "The file of tls-certificate, " + path +
                        ", has no certificate with the key that belongs to it: put both into it as "
                        "PEM, the certificate first.",
                    error.details());
    }
}

std::shared_ptr<const TlsIdentity> TlsIdentity::keptAt(const std::string& path,
                                                       const std::vector<std::string>& hosts) {
    if (const std::string kept = contents(path); isFresh(kept)) {
        try {
            return std::shared_ptr<const TlsIdentity>(new TlsIdentity(kept));
        } catch (const Error&) { // without its key: it is of no use to anybody
        }
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    if (g_mkdir_with_parents(folder.c_str(), 0700) != 0)
        cannotKeep(path);
    const std::string pem = selfSigned(hosts);
    keep(path, pem);
    return std::shared_ptr<const TlsIdentity>(new TlsIdentity(pem));
}

std::vector<std::string> ownNames() {
    const std::string host = g_get_host_name();
    std::vector<std::string> names = {"localhost"};
    if (!host.empty() && host != "localhost") {
        names.push_back(host);
        if (host.find('.') == host.npos)
            names.push_back(host + ".local");
    }
    for (const NetworkInterface& interface : networkInterfaces())
        for (const SocketAddress& address : interface.addresses)
            if (names.size() < 64 && !address.linkLocal())
                names.push_back(address.host());
    return names;
}

} // namespace net
