#pragma once

#include "net/httpserver.hpp"
#include "support/ills.hpp"
#include "support/soap.hpp"

#include <optional>

namespace camera {

/// What the ills make of an answer that was right: another status, no body, XML that is none.
/// `request` is what it answers, where that could be read.
net::HttpReply ailing(net::HttpReply reply, const Ills& ills,
                      const std::optional<SoapRequest>& request);

/// Throws the fault of the ills action-required and action-refused, which look at the Content-Type
/// of a request.
void checkAction(const std::string& contentType, const Ills& ills);

} // namespace camera
