#pragma once

#include "net/httpserver.hpp"

#include <string>

namespace web {

/// A problem detail (RFC 9457) with the status' own title.
net::HttpReply problem(int status, const std::string& detail);

/// The same as a page for a person, where the request comes from a browser's address bar; else as
/// it is.
net::HttpReply forReader(net::HttpReply problem, const net::ServerRequest& request);

/// `text` as a JSON string, quotes included.
std::string jsonString(const std::string& text);

} // namespace web
