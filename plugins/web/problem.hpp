#pragma once

#include "net/httpserver.hpp"

#include <string>

namespace web {

/// A problem detail (RFC 9457) with the status' own title.
net::HttpReply problem(int status, const std::string& detail);

/// `text` as a JSON string, quotes included.
std::string jsonString(const std::string& text);

} // namespace web
