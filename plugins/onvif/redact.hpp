#pragma once

#include <string>
#include <string_view>

namespace onvif {

/// `text` for a log or the details of an error: what stands in Password, Nonce, Created and
/// Username elements is masked (real devices echo our own header back), and so are user info and
/// password parameters of addresses. Masks rather too much than too little.
std::string redacted(std::string_view text);

} // namespace onvif
