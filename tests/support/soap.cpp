#include "support/soap.hpp"

#include "base/error.hpp"

namespace camera {
namespace {

constexpr std::string_view envelopeStart =
    R"(<?xml version="1.0" encoding="UTF-8"?>)"
    "\n"
    R"(<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope")"
    R"( xmlns:ter="http://www.onvif.org/ver10/error")"
    R"( xmlns:tt="http://www.onvif.org/ver10/schema")"
    R"( xmlns:tds="http://www.onvif.org/ver10/device/wsdl")"
    R"( xmlns:trt="http://www.onvif.org/ver10/media/wsdl"><env:Body>)";
constexpr std::string_view envelopeEnd = "</env:Body></env:Envelope>";

[[noreturn]] void malformed(const char* why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:WellFormed", why);
}

} // namespace

std::string soapEnvelope(std::string_view body) {
    std::string text(envelopeStart);
    text += body;
    text += envelopeEnd;
    return text;
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
