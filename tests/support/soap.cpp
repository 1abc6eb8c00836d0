#include "support/soap.hpp"

#include "base/error.hpp"

#include <utility>

namespace camera {
namespace {

/// Every prefix that an answer may use.
constexpr std::pair<const char*, const char*> prefixes[] = {
    {"env", "http://www.w3.org/2003/05/soap-envelope"},
    {"wsa", "http://www.w3.org/2005/08/addressing"},
    {"wsnt", "http://docs.oasis-open.org/wsn/b-2"},
    {"wstop", "http://docs.oasis-open.org/wsn/t-1"},
    {"xs", "http://www.w3.org/2001/XMLSchema"},
    {"ter", "http://www.onvif.org/ver10/error"},
    {"tt", "http://www.onvif.org/ver10/schema"},
    {"tns1", "http://www.onvif.org/ver10/topics"},
    {"tds", "http://www.onvif.org/ver10/device/wsdl"},
    {"trt", "http://www.onvif.org/ver10/media/wsdl"},
    {"tr2", "http://www.onvif.org/ver20/media/wsdl"},
    {"tptz", "http://www.onvif.org/ver20/ptz/wsdl"},
    {"timg", "http://www.onvif.org/ver20/imaging/wsdl"},
    {"tmd", "http://www.onvif.org/ver10/deviceIO/wsdl"},
    {"tev", "http://www.onvif.org/ver10/events/wsdl"},
    {"trc", "http://www.onvif.org/ver10/recording/wsdl"},
    {"tse", "http://www.onvif.org/ver10/search/wsdl"},
    {"trp", "http://www.onvif.org/ver10/replay/wsdl"},
};

[[noreturn]] void malformed(const char* why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:WellFormed", why);
}

} // namespace

std::string soapEnvelope(std::string_view body, std::string_view header) {
    std::string text = R"(<?xml version="1.0" encoding="UTF-8"?>)"
                       "\n<env:Envelope";
    for (const auto& [prefix, space] : prefixes)
        text += " xmlns:" + std::string(prefix) + "=\"" + space + "\"";
    text += ">";
    if (!header.empty())
        text += xmlTag("env:Header", header);
    return text + "<env:Body>" + std::string(body) + "</env:Body></env:Envelope>";
}

std::string SoapFault::envelope() const {
    std::string subcode = xmlLeaf("env:Value", subcode_);
    if (!detailCode_.empty())
        subcode += xmlTag("env:Subcode", xmlLeaf("env:Value", detailCode_));
    const char* side = side_ == Side::Sender ? "env:Sender" : "env:Receiver";
    return soapEnvelope(xmlTag(
        "env:Fault",
        xmlTag("env:Code", xmlLeaf("env:Value", side) + xmlTag("env:Subcode", subcode)) +
            xmlTag("env:Reason", xmlTag("env:Text", net::xmlEscape(what()), R"(xml:lang="en")"))));
}

SoapRequest SoapRequest::parse(std::string_view text) {
    try {
        auto document = net::XmlDocument::parse(text);
        if (document.root().name() != "Envelope")
            malformed("The request is not a SOAP envelope.");
        const auto body = document.root().child("Body");
        const auto content = body ? body->children() : std::vector<net::XmlNode>{};
        if (content.size() != 1)
            malformed("The body of the request does not hold one operation.");
        return {std::move(document), content.front()};
    } catch (const base::Error& error) {
        malformed(error.what());
    }
}

std::optional<net::XmlNode> SoapRequest::usernameToken() const {
    return document_.root().at("Header/Security/UsernameToken");
}

std::string xmlTag(std::string_view name, std::string_view inner, std::string_view attributes) {
    std::string text = "<" + std::string(name);
    if (!attributes.empty())
        text += " " + std::string(attributes);
    if (inner.empty())
        return text + "/>";
    return text + ">" + std::string(inner) + "</" + std::string(name) + ">";
}

std::string xmlLeaf(std::string_view name, std::string_view text) {
    return xmlTag(name, net::xmlEscape(text));
}

std::string xmlLeaf(std::string_view name, int number) {
    return xmlLeaf(name, std::to_string(number));
}

} // namespace camera
