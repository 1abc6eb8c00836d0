#include "support/deviceservice.hpp"

#include <glib.h>

#include <ctime>
#include <memory>

namespace camera {
namespace {

constexpr const char* mediaNameSpace = "http://www.onvif.org/ver10/media/wsdl";

std::string trueOrFalse(bool value) { return value ? "true" : "false"; }

std::string dateAndTime(const char* name, const std::tm& time) {
    return xmlTag(name, xmlTag("tt:Time", xmlLeaf("tt:Hour", time.tm_hour) +
                                              xmlLeaf("tt:Minute", time.tm_min) +
                                              xmlLeaf("tt:Second", time.tm_sec)) +
                            xmlTag("tt:Date", xmlLeaf("tt:Year", time.tm_year + 1900) +
                                                  xmlLeaf("tt:Month", time.tm_mon + 1) +
                                                  xmlLeaf("tt:Day", time.tm_mday)));
}

/// "UTC", or the POSIX form "<+03>-03:00" of this machine's offset (IEEE 1003.1 section 8.3).
std::string timeZone(const std::tm& local) {
    const long minutes = local.tm_gmtoff / 60;
    if (minutes == 0)
        return "UTC0";
    char text[48];
    const long size = minutes < 0 ? -minutes : minutes;
    std::snprintf(text, sizeof text, "<%c%02ld>%c%02ld:%02ld", minutes < 0 ? '-' : '+', size / 60,
                  minutes < 0 ? '+' : '-', size / 60, size % 60);
    return text;
}

std::string systemDateAndTime(const Ills& ills) {
    const std::time_t now = std::time(nullptr) + ills.number("clock-skew");
    std::tm utc{}, local{};
    gmtime_r(&now, &utc);
    localtime_r(&now, &local);
    if (ills.has("clock-local")) {
        const std::time_t ahead = now + 2 * 3600;
        gmtime_r(&ahead, &local);
        local.tm_gmtoff = 2 * 3600;
        utc = local;
    }
    std::string content = xmlLeaf("tt:DateTimeType", "NTP") +
                          xmlLeaf("tt:DaylightSavings", trueOrFalse(local.tm_isdst > 0)) +
                          xmlTag("tt:TimeZone", xmlLeaf("tt:TZ", timeZone(local)));
    if (!ills.has("no-utc-time"))
        content += dateAndTime("tt:UTCDateTime", utc);
    content += dateAndTime("tt:LocalDateTime", local);
    return xmlTag("tds:GetSystemDateAndTimeResponse", xmlTag("tds:SystemDateAndTime", content));
}

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

struct Listed {
    std::string nameSpace, path, capabilities;
    int major, minor;
};

Listed listed(const Service& service) {
    return {service.nameSpace, service.path, service.capabilities, service.versionMajor,
            service.versionMinor};
}

std::string services(const std::vector<Listed>& all, const net::XmlNode& arguments,
                     const Caller& caller) {
    const std::string wish = arguments.textAt("IncludeCapability");
    const bool withCapabilities = wish == "true" || wish == "1";
    std::string body;
    for (const Listed& service : all) {
        std::string entry = xmlLeaf("tds:Namespace", service.nameSpace) +
                            xmlLeaf("tds:XAddr", caller.origin() + service.path);
        if (withCapabilities)
            entry += xmlTag("tds:Capabilities", service.capabilities);
        entry += xmlTag("tds:Version",
                        xmlLeaf("tt:Major", service.major) + xmlLeaf("tt:Minor", service.minor));
        body += xmlTag("tds:Service", entry);
    }
    return xmlTag("tds:GetServicesResponse", body);
}

/// The older way of telling where services are; Media2 and later ones do not appear in it.
std::string capabilities(const std::vector<Listed>& all, const net::XmlNode& arguments,
                         const Caller& caller) {
    std::string category = arguments.textAt("Category");
    if (category.empty())
        category = "All";
    std::string body;
    if (category == "All" || category == "Device")
        body += xmlTag("tt:Device", xmlLeaf("tt:XAddr", caller.origin() + deviceServicePath));
    for (const Listed& service : all)
        if (service.nameSpace == mediaNameSpace && (category == "All" || category == "Media"))
            body += xmlTag("tt:Media", xmlLeaf("tt:XAddr", caller.origin() + service.path) +
                                           xmlTag("tt:StreamingCapabilities",
                                                  xmlLeaf("tt:RTPMulticast", "false") +
                                                      xmlLeaf("tt:RTP_TCP", "false") +
                                                      xmlLeaf("tt:RTP_RTSP_TCP", "true")));
    if (body.empty())
        throw SoapFault(SoapFault::Side::Receiver, "ter:ActionNotSupported",
                        "This camera has no service of category " + category + ".",
                        "ter:NoSuchService");
    return xmlTag("tds:GetCapabilitiesResponse", xmlTag("tds:Capabilities", body));
}

std::string scopesAnswer(const Device& device) {
    std::string body;
    for (const std::string& scope : device.scopes())
        body +=
            xmlTag("tds:Scopes", xmlLeaf("tt:ScopeDef", "Fixed") + xmlLeaf("tt:ScopeItem", scope));
    return xmlTag("tds:GetScopesResponse", body);
}

std::string networkInterfaces(const Caller& caller) {
    return xmlTag(
        "tds:GetNetworkInterfacesResponse",
        xmlTag("tds:NetworkInterfaces",
               xmlLeaf("tt:Enabled", "true") +
                   xmlTag("tt:Info", xmlLeaf("tt:Name", "virtual0") +
                                         xmlLeaf("tt:HwAddress", "02:00:00:00:00:01")) +
                   xmlTag("tt:IPv4",
                          xmlLeaf("tt:Enabled", "true") +
                              xmlTag("tt:Config",
                                     xmlTag("tt:Manual", xmlLeaf("tt:Address", caller.host) +
                                                             xmlLeaf("tt:PrefixLength", 24)) +
                                         xmlLeaf("tt:DHCP", "false"))),
               R"(token="virtual0")"));
}

} // namespace

Service deviceService(const Device& device, const std::vector<Service>& others) {
    Service service;
    service.path = deviceServicePath;
    service.nameSpace = "http://www.onvif.org/ver10/device/wsdl";
    service.versionMajor = 20;
    service.versionMinor = 12;
    service.capabilities = capabilitiesOf(device);

    std::vector<Listed> all{listed(service)};
    for (const Service& other : others)
        all.push_back(listed(other));

    const auto add = [&](const char* name, Access access, Service::Handler handler) {
        service.operations[name] = {access, std::move(handler)};
    };
    add("GetSystemDateAndTime", Access::Everybody,
        [&device](const auto&, const auto&) { return systemDateAndTime(device.ills); });
    add("GetServices", Access::Everybody,
        [all](const auto& args, const auto& caller) { return services(all, args, caller); });
    add("GetCapabilities", Access::Everybody,
        [all](const auto& args, const auto& caller) { return capabilities(all, args, caller); });
    add("GetServiceCapabilities", Access::Everybody,
        [text = service.capabilities](const auto&, const auto&) {
            return xmlTag("tds:GetServiceCapabilitiesResponse", text);
        });
    add("GetWsdlUrl", Access::Everybody, [](const auto&, const auto&) {
        return xmlTag("tds:GetWsdlUrlResponse", xmlLeaf("tds:WsdlUrl", "https://www.onvif.org/"));
    });
    add("GetHostname", Access::Everybody, [](const auto&, const auto&) {
        return xmlTag("tds:GetHostnameResponse",
                      xmlTag("tds:HostnameInformation", xmlLeaf("tt:FromDHCP", "false") +
                                                            xmlLeaf("tt:Name", g_get_host_name())));
    });
    add("GetEndpointReference", Access::Everybody, [&device](const auto&, const auto&) {
        return xmlTag("tds:GetEndpointReferenceResponse",
                      xmlLeaf("tds:GUID", "urn:uuid:" + device.uuid));
    });
    add("GetDeviceInformation", Access::Users, [&device](const auto&, const auto&) {
        return xmlTag(
            "tds:GetDeviceInformationResponse",
            xmlLeaf("tds:Manufacturer", device.manufacturer) + xmlLeaf("tds:Model", device.model) +
                xmlLeaf("tds:FirmwareVersion", device.firmware) +
                xmlLeaf("tds:SerialNumber", device.serial) + xmlLeaf("tds:HardwareId", "software"));
    });
    add("GetScopes", Access::Users,
        [&device](const auto&, const auto&) { return scopesAnswer(device); });
    add("GetDiscoveryMode", Access::Users, [](const auto&, const auto&) {
        return xmlTag("tds:GetDiscoveryModeResponse", xmlLeaf("tds:DiscoveryMode", "Discoverable"));
    });
    add("GetNetworkInterfaces", Access::Users,
        [](const auto&, const auto& caller) { return networkInterfaces(caller); });
    return service;
}

} // namespace camera
