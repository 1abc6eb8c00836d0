#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace web {

/// Addresses by which others reach this machine though it does not have them itself: a router's or
/// container host's that passes the same ports on ("192.0.2.1, 2001:db8::1"). Throws base::Error,
/// kind Settings, for anything that is not an IP address.
std::vector<std::string> readAddresses(std::string_view list);

/// The candidates (RFC 8839 section 5.1, values of a=candidate) with one more for each host
/// candidate and each address of its family, same port, a little less preferred. Nothing is taken
/// away: who is in the same network still gets there directly.
std::vector<std::string> advertise(std::vector<std::string> candidates,
                                   const std::vector<std::string>& addresses);

} // namespace web
