#pragma once

#include <cstddef>
#include <string>

namespace net {

/// `count` bytes nobody can guess, from the kernel.
std::string randomBytes(std::size_t count);
/// The same as lower-case hexadecimal text, twice as long.
std::string randomHex(std::size_t count);
/// RFC 4122 version 4, "0b0cca4e-….": 122 of its 128 bits are random.
std::string randomUuid();

} // namespace net
