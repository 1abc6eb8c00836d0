#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace onvif {

/// What a gzip member (RFC 1952) holds, at most `limit` bytes of it: a kilobyte can be made to hold
/// a megabyte. Throws base::Error(BadData) for anything else.
std::string gunzip(std::string_view packed, std::size_t limit);

} // namespace onvif
