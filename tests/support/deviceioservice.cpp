#include "support/deviceioservice.hpp"

#include "support/device.hpp"
#include "support/xsdtime.hpp"

namespace camera {
namespace {

[[noreturn]] void invalid(const char* detail, const std::string& why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal", why, detail);
}

std::string token(const std::string& name) { return "token=\"" + net::xmlEscape(name) + "\""; }

std::string relayElement(const std::string& name, const Relay& relay) {
    return xmlTag(name,
                  xmlTag("tt:Properties", xmlLeaf("tt:Mode", relay.mode) +
                                              xmlLeaf("tt:DelayTime", relay.delay) +
                                              xmlLeaf("tt:IdleState", relay.idleState)),
                  token(relay.token));
}

/// `at` holds Mode, DelayTime and IdleState below `path`.
Relay relayOf(const net::XmlNode& at, const std::string& name, const std::string& path) {
    Relay relay;
    relay.token = name;
    relay.mode = at.textAt(path + "Mode");
    relay.delay = at.textAt(path + "DelayTime");
    relay.idleState = at.textAt(path + "IdleState");
    const bool fine = (relay.mode == "Monostable" || relay.mode == "Bistable") &&
                      (relay.idleState == "open" || relay.idleState == "closed") &&
                      xsdDuration(relay.delay);
    if (!fine)
        invalid("ter:ModeError", "The settings of the relay are wrong.");
    return relay;
}

void configure(Relays& relays, const net::XmlNode& arguments) {
    const auto whole = arguments.child("RelayOutput"); // as device IO says it
    const Relay wish =
        whole ? relayOf(*whole, whole->attribute("token"), "Properties/")
              : relayOf(arguments, arguments.textAt("RelayOutputToken"), "Properties/");
    if (!relays.configure(wish))
        invalid("ter:RelayToken", "This camera has no relay of that token.");
}

void switchRelay(Relays& relays, const net::XmlNode& arguments) {
    const std::string state = arguments.textAt("LogicalState");
    if (state != "active" && state != "inactive")
        invalid("ter:ModeError", "LogicalState is active or inactive.");
    if (!relays.set(arguments.textAt("RelayOutputToken"), state == "active"))
        invalid("ter:RelayToken", "This camera has no relay of that token.");
}

} // namespace

void addRelayOperations(Service& service, Relays& relays) {
    const auto add = [&](const std::string& name,
                         const std::function<std::string(const net::XmlNode&)>& work) {
        service.operations[name] = {Access::Users, [name, work](const auto& args, const auto&) {
                                        return xmlTag("tds:" + name + "Response", work(args));
                                    }};
    };
    add("GetRelayOutputs", [&relays](const auto&) {
        std::string body;
        for (const Relay& relay : relays.all())
            body += relayElement("tds:RelayOutputs", relay);
        return body;
    });
    add("SetRelayOutputState", [&relays](const auto& args) {
        switchRelay(relays, args);
        return std::string();
    });
    add("SetRelayOutputSettings", [&relays](const auto& args) {
        configure(relays, args);
        return std::string();
    });
}

Service deviceIoService(Relays& relays) {
    Service service;
    service.path = "/onvif/deviceio_service";
    service.nameSpace = "http://www.onvif.org/ver10/deviceIO/wsdl";
    service.category = "DeviceIO";
    service.extension = true;
    service.legacy = xmlLeaf("tt:VideoSources", 1) + xmlLeaf("tt:VideoOutputs", 0) +
                     xmlLeaf("tt:AudioSources", 1) + xmlLeaf("tt:AudioOutputs", 0) +
                     xmlLeaf("tt:RelayOutputs", static_cast<int>(relays.all().size()));
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities = xmlTag("tmd:Capabilities", {},
                                  "VideoSources=\"1\" VideoOutputs=\"0\" AudioSources=\"1\""
                                  " AudioOutputs=\"0\" DigitalInputs=\"1\" RelayOutputs=\"" +
                                      std::to_string(relays.all().size()) + "\"");
    service.tellCapabilities("tmd");
    addRelayOperations(service, relays);
    service.operations["GetDigitalInputs"] = {
        Access::Users, [](const auto&, const auto&) {
            return xmlTag("tmd:GetDigitalInputsResponse",
                          xmlTag("tmd:DigitalInputs", {}, token(Relays::input)));
        }};
    service.operations["GetVideoSources"] = {
        Access::Users, [](const auto&, const auto&) {
            return xmlTag("tmd:GetVideoSourcesResponse", xmlLeaf("tmd:Token", videoSourceToken));
        }};
    return service;
}

} // namespace camera
