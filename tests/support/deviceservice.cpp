#include "support/deviceservice.hpp"

#include "support/cameraclock.hpp"
#include "support/deviceioservice.hpp"

#include <glib.h>

#include <map>

namespace camera {
namespace {

std::string trueOrFalse(bool value) { return value ? "true" : "false"; }

std::string capabilitiesOf(const Device& device) {
    const bool token = device.auth == Auth::Wsse || device.auth == Auth::Both;
    const bool digest = device.auth != Auth::Wsse && device.auth != Auth::None;
    return xmlTag("tds:Capabilities",
                  xmlTag("tds:Network", {}, R"(IPFilter="false" ZeroConfiguration="false")") +
                      xmlTag("tds:Security", {},
                             "HttpDigest=\"" + trueOrFalse(digest) + "\" UsernameToken=\"" +
                                 trueOrFalse(token) + "\"") +
                      xmlTag("tds:System", {}, R"(DiscoveryResolve="false" DiscoveryBye="true")"));
}

/// What the lists of services say about one, without its operations.
struct Listed {
    std::string nameSpace, path, capabilities, category, legacy;
    const char* absentUnder;
    bool extension;
    int major, minor;

    bool present(const Ills& ills) const { return !absentUnder || !ills.has(absentUnder); }
};

Listed listed(const Service& service) {
    return {service.nameSpace, service.path,         service.capabilities,
            service.category,  service.legacy,       service.absentUnder,
            service.extension, service.versionMajor, service.versionMinor};
}

std::string serviceElement(const Listed& service, const Caller& caller, bool withCapabilities) {
    std::string entry = xmlLeaf("tds:Namespace", service.nameSpace) +
                        xmlLeaf("tds:XAddr", caller.origin() + service.path);
    if (withCapabilities)
        entry += xmlTag("tds:Capabilities", service.capabilities);
    entry += xmlTag("tds:Version",
                    xmlLeaf("tt:Major", service.major) + xmlLeaf("tt:Minor", service.minor));
    return xmlTag("tds:Service", entry);
}

std::string services(const std::vector<Listed>& all, const Ills& ills,
                     const net::XmlNode& arguments, const Caller& caller) {
    if (ills.has("no-get-services"))
        throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                        "This service has no such operation.");
    const std::string wish = arguments.textAt("IncludeCapability");
    std::string body;
    for (const Listed& service : all)
        if (!service.nameSpace.empty() && service.present(ills))
            body += serviceElement(service, caller, wish == "true" || wish == "1");
    return xmlTag("tds:GetServicesResponse", body);
}

/// The older way of telling where services are; Media2 does not appear in it. The schema wants the
/// categories in the order of their names, and later ones in an extension.
std::string capabilities(const std::vector<Listed>& all, const Ills& ills,
                         const net::XmlNode& arguments, const Caller& caller) {
    std::string category = arguments.textAt("Category");
    if (category.empty())
        category = "All";
    std::map<std::string, std::string> early, late;
    for (const Listed& service : all)
        if (!service.category.empty() && service.present(ills) &&
            (category == "All" || category == service.category))
            (service.extension ? late : early)[service.category] =
                xmlTag("tt:" + service.category,
                       xmlLeaf("tt:XAddr", caller.origin() + service.path) + service.legacy);
    std::string body, extension;
    for (const auto& [name, element] : early)
        body += element;
    for (const auto& [name, element] : late)
        extension += element;
    if (!extension.empty())
        body += xmlTag("tt:Extension", extension);
    if (body.empty())
        throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                        "This camera has no service of category " + category + ".",
                        "ter:NoSuchService");
    return xmlTag("tds:GetCapabilitiesResponse", xmlTag("tds:Capabilities", body));
}

std::string scopesOf(const Device& device) {
    std::string body;
    for (const std::string& scope : device.scopes())
        body +=
            xmlTag("tds:Scopes", xmlLeaf("tt:ScopeDef", "Fixed") + xmlLeaf("tt:ScopeItem", scope));
    return body;
}

std::string networkInterfaces(const Caller& caller) {
    return xmlTag(
        "tds:NetworkInterfaces",
        xmlLeaf("tt:Enabled", "true") +
            xmlTag("tt:Info",
                   xmlLeaf("tt:Name", "virtual0") + xmlLeaf("tt:HwAddress", "02:00:00:00:00:01")) +
            xmlTag("tt:IPv4",
                   xmlLeaf("tt:Enabled", "true") +
                       xmlTag("tt:Config", xmlTag("tt:Manual", xmlLeaf("tt:Address", caller.host) +
                                                                   xmlLeaf("tt:PrefixLength", 24)) +
                                               xmlLeaf("tt:DHCP", "false"))),
        R"(token="virtual0")");
}

std::string hostname() {
    return xmlTag("tds:HostnameInformation",
                  xmlLeaf("tt:FromDHCP", "false") + xmlLeaf("tt:Name", g_get_host_name()));
}

std::string deviceInformation(const Device& device) {
    return xmlLeaf("tds:Manufacturer", device.manufacturer) + xmlLeaf("tds:Model", device.model) +
           xmlLeaf("tds:FirmwareVersion", device.firmware) +
           xmlLeaf("tds:SerialNumber", device.serial) + xmlLeaf("tds:HardwareId", "software");
}

std::string inputsAndOutputs(const Relays& relays) {
    return xmlTag("tt:IO", xmlLeaf("tt:InputConnectors", 1) +
                               xmlLeaf("tt:RelayOutputs", static_cast<int>(relays.all().size())));
}

using Work = std::function<std::string(const net::XmlNode& arguments, const Caller& caller)>;

void add(Service& service, const std::string& name, Access access, const Work& work) {
    service.operations[name] = {access, [name, work](const auto& args, const auto& caller) {
                                    return xmlTag("tds:" + name + "Response", work(args, caller));
                                }};
}

/// What strangers may know: where the services are.
void addOpenOperations(Service& service, const Device& device) {
    const auto open = [&](const char* name, const Work& work) {
        add(service, name, Access::Everybody, work);
    };
    open("GetWsdlUrl",
         [](const auto&, const auto&) { return xmlLeaf("tds:WsdlUrl", "https://www.onvif.org/"); });
    open("GetHostname", [](const auto&, const auto&) { return hostname(); });
    open("GetEndpointReference", [&device](const auto&, const auto&) {
        return xmlLeaf("tds:GUID", "urn:uuid:" + device.uuid);
    });
}

/// The network that it is on is somebody else's to describe.
void addNetworkOperations(Service& service) {
    const auto closed = [&](const char* name, const Work& work) {
        add(service, name, Access::Users, work);
    };
    closed("GetNetworkInterfaces",
           [](const auto&, const auto& caller) { return networkInterfaces(caller); });
    closed("GetNetworkDefaultGateway", [](const auto&, const auto&) {
        return xmlTag("tds:NetworkGateway", xmlLeaf("tt:IPv4Address", "0.0.0.0"));
    });
    closed("GetDNS", [](const auto&, const auto&) {
        return xmlTag("tds:DNSInformation", xmlLeaf("tt:FromDHCP", "false"));
    });
    closed("GetNTP", [](const auto&, const auto&) {
        return xmlTag("tds:NTPInformation", xmlLeaf("tt:FromDHCP", "false"));
    });
    closed("GetNetworkProtocols", [](const auto&, const auto& caller) {
        return xmlTag("tds:NetworkProtocols",
                      xmlLeaf("tt:Name", "HTTP") + xmlLeaf("tt:Enabled", "true") +
                          xmlLeaf("tt:Port", static_cast<int>(caller.port)));
    });
}

void addUserOperations(Service& service, const Device& device, std::function<void()> reboot) {
    const auto closed = [&](const char* name, const Work& work) {
        add(service, name, Access::Users, work);
    };
    closed("GetDeviceInformation",
           [&device](const auto&, const auto&) { return deviceInformation(device); });
    closed("GetScopes", [&device](const auto&, const auto&) { return scopesOf(device); });
    closed("GetDiscoveryMode",
           [](const auto&, const auto&) { return xmlLeaf("tds:DiscoveryMode", "Discoverable"); });
    closed("SystemReboot", [reboot](const auto&, const auto&) {
        reboot();
        return xmlLeaf("tds:Message", "The camera restarts.");
    });
    for (const char* name : {"GetUsers", "CreateUsers", "DeleteUsers", "SetUser"})
        closed(name, [](const auto&, const auto&) -> std::string {
            throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                            "The account is chosen when the camera is started.");
        });
}

} // namespace

Service deviceService(Device& device, Relays& relays, const std::vector<Service>& others,
                      std::function<void()> reboot) {
    Service service;
    service.path = deviceServicePath;
    service.nameSpace = "http://www.onvif.org/ver10/device/wsdl";
    service.category = "Device";
    service.legacy = inputsAndOutputs(relays);
    service.versionMajor = 20;
    service.versionMinor = 12;
    service.capabilities = capabilitiesOf(device);
    service.tellCapabilities("tds");

    std::vector<Listed> all{listed(service)};
    for (const Service& other : others)
        all.push_back(listed(other));
    service.operations["GetServices"] = {Access::Everybody,
                                         [all, &device](const auto& args, const auto& caller) {
                                             return services(all, device.ills, args, caller);
                                         }};
    service.operations["GetCapabilities"] = {
        Access::Everybody, [all, &device](const auto& args, const auto& caller) {
            return capabilities(all, device.ills, args, caller);
        }};
    addClockOperations(service, device.ills);
    addOpenOperations(service, device);
    addNetworkOperations(service);
    addUserOperations(service, device, std::move(reboot));
    addRelayOperations(service, relays);
    return service;
}

} // namespace camera
