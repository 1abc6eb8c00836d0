#pragma once

#include <memory>
#include <string>
#include <vector>

typedef struct gnutls_certificate_credentials_st* gnutls_certificate_credentials_t;

namespace net {

/// What a TLS server shows of itself, and the key that belongs to it. GnuTLS, met once together
/// with TlsGate: GIO's TLS shakes hands in threads of its pool, one for each stranger that dawdles.
class TlsIdentity {
public:
    /// Reads a PEM file with a certificate, those that signed it, and the key. Throws base::Error
    /// (Settings) when it cannot be used.
    static std::shared_ptr<const TlsIdentity> load(const std::string& path);

    /// Reads the one that is kept at `path`, or makes one and keeps it there, readable for this
    /// user alone: P-256, signed by itself, for 820 days, which is as long as phones accept, for
    /// these names and addresses. One that is about to end is made anew. Throws base::Error.
    static std::shared_ptr<const TlsIdentity> keptAt(const std::string& path,
                                                     const std::vector<std::string>& hosts);

    ~TlsIdentity();
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;

    gnutls_certificate_credentials_t credentials() const { return credentials_; }
    /// Key of the tickets by which a client resumes: each answer closes its connection, and a whole
    /// handshake costs 1 ms.
    const std::string& ticketKey() const { return ticketKey_; }
    /// SHA-256 of the certificate, "AB:CD:…", as browsers show it.
    const std::string& fingerprint() const { return fingerprint_; }

private:
    explicit TlsIdentity(const std::string& pem);

    gnutls_certificate_credentials_t credentials_ = nullptr;
    std::string ticketKey_, fingerprint_;
};

/// The names and addresses of this machine that a certificate of its own has to have.
std::vector<std::string> ownNames();

} // namespace net
