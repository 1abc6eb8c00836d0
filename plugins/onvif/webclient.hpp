#pragma once

#include "net/url.hpp"
#include "soapclient.hpp"

namespace onvif {

/// GET of what a device names by address: a snapshot, a system log. With a login of its own, as web
/// servers of cameras have other realms, ports and often other users than their ONVIF service: bare
/// first, then HTTP Digest once. What is refused here does not stop SOAP. One thread.
class WebClient {
public:
    /// A picture of 8K as JPEG stays below.
    static constexpr std::size_t maxBody = 32 * 1024 * 1024;

    WebClient(Exchange exchange, net::Credentials credentials, Trace trace = {},
              Refusals& refusals = Refusals::ofProcess(), net::Cancel cancel = {});

    /// Any 2xx answer. `what` names it in errors ("the snapshot"), as the address may hold a
    /// password. `url` has to come from an AddressPolicy. Throws base::Error, net::Cancelled.
    net::HttpResponse get(std::string url, const std::string& what);

private:
    net::HttpResponse ask(std::string& url, const std::string& what, bool& credentialsSent);
    net::HttpResponse logIn(std::string& url, const std::string& what,
                            const net::HttpResponse& refusal, bool& credentialsSent,
                            Refusals::Turn& turn);
    void checkMayTry(const net::Url& address, const std::string& what) const;
    [[noreturn]] void refuse(const std::string& url, const std::string& what);

    Exchange exchange_;
    net::Credentials credentials_;
    Trace trace_;
    Refusals& refusals_;
    const net::Cancel cancel_;                       ///< ends waiting for another's login
    std::map<std::string, net::DigestLogin> logins_; ///< by origin
};

} // namespace onvif
