#pragma once

#include "net/httpserver.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace web {

/// A file of the page, built in.
struct PageFile {
    const char* name; ///< "index.html"
    const char* type; ///< Content-Type
    const unsigned char* data;
    std::size_t size;
};
extern const PageFile pageFiles[];
extern const std::size_t pageFileCount;

/// The file of that name, "" being the page itself, with what keeps the page to itself
/// (Content-Security-Policy); nothing when there is none.
std::optional<net::HttpReply> pageReply(const std::string& file);

} // namespace web
