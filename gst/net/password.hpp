#pragma once

#include <string>
#include <string_view>

namespace net {

/// What it takes to keep secrets without having them. libcrypt, met once.

/// The crypt(3) hash of a password: yescrypt, some 10 ms. The same password gives the same hash
/// within this process, so that two settings can be compared, and another one in the next.
std::string hashPassword(const std::string& password);

/// True for text that crypt(3) knows as a hash that is not broken: "$y$…", "$6$…", "$2b$…".
bool isPasswordHash(const std::string& text);

/// Takes as long as the hash wants it to, whether it fits or not.
bool isPassword(const std::string& password, const std::string& hash);

/// SHA-256 in hexadecimal; for what is too long and random to be guessed, such as a token.
std::string digestOf(std::string_view secret);

/// HMAC-SHA-256 in hexadecimal.
std::string signatureOf(std::string_view text, std::string_view key);

/// Equal or not, in a time that tells nothing about where two texts of one length differ.
bool isSame(std::string_view a, std::string_view b);

} // namespace net
