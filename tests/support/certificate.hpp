#pragma once

#include <string>
#include <vector>

namespace camera {

/// What a TLS server shows and the key that belongs to it, both as PEM.
struct Certificate {
    std::string certificate;
    std::string key; ///< secret

    /// As GTlsCertificate and OpenSSL read them from one text.
    std::string pem() const { return certificate + key; }
};

/// A certificate as cameras make it for themselves when they first start: P-256, signed by its own
/// key, for these host names and addresses, valid from yesterday for ten years. 1 ms. Throws
/// base::Error(Failed).
Certificate selfSignedCertificate(const std::vector<std::string>& hosts);

} // namespace camera
