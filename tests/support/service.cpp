#include "support/service.hpp"

namespace camera {

void Service::tellCapabilities(const std::string& prefix) {
    operations["GetServiceCapabilities"] = {
        Access::Everybody, [prefix, text = capabilities](const auto&, const auto&) {
            return xmlTag(prefix + ":GetServiceCapabilitiesResponse", text);
        }};
}

} // namespace camera
