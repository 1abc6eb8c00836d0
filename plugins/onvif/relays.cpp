#include "relays.hpp"

#include "xmlvalue.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxRelays = 256;

struct Found {
    const char* service = wsdl::device;
    std::vector<Relay> relays;
};

std::vector<Relay> readRelays(const net::XmlNode& response) {
    std::vector<Relay> relays;
    for (const auto& node : response.children("RelayOutputs")) {
        Relay relay{lineOf(node, "token"), lineAt(node, "Properties/Mode"),
                    lineAt(node, "Properties/IdleState"), lineAt(node, "Properties/DelayTime")};
        if (!relay.token.empty() && relays.size() < maxRelays)
            relays.push_back(std::move(relay));
    }
    return relays;
}

Found find(Device& device) {
    Found found;
    try {
        found.relays = readRelays(device.call({wsdl::device, "GetRelayOutputs", ""}).response);
    } catch (const Error& error) {
        if (!device.offers(wsdl::deviceIo) || !notUnderstood(error))
            throw;
    }
    if (found.relays.empty() && device.offers(wsdl::deviceIo)) {
        found.service = wsdl::deviceIo;
        found.relays = readRelays(device.call({wsdl::deviceIo, "GetRelayOutputs", ""}).response);
    }
    return found;
}

} // namespace

std::vector<Relay> relays(Device& device) { return find(device).relays; }

void setRelay(Device& device, const std::string& token, bool active) {
    const Found found = find(device);
    std::string list;
    for (const Relay& relay : found.relays)
        list += (list.empty() ? "" : ", ") + relay.token;
    if (std::none_of(found.relays.begin(), found.relays.end(),
                     [&](const Relay& r) { return r.token == token; }))
        throw Error(ErrorKind::NotFound,
                    "The camera has no relay '" + token + "'; " +
                        (list.empty() ? "it has none." : "it has: " + list + "."));
    device.call({found.service, "SetRelayOutputState",
                 "<RelayOutputToken>" + net::xmlEscape(token) +
                     "</RelayOutputToken><LogicalState>" + (active ? "active" : "inactive") +
                     "</LogicalState>"});
}

std::string reboot(Device& device) {
    return lineAt(device.call({wsdl::device, "SystemReboot", ""}).response, "Message");
}

} // namespace onvif
