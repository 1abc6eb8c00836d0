#pragma once

#include "net/xml.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace camera {

/// What an operation that cannot be done throws: the fault that SOAP 1.2 Part 1 section 5.4 and the
/// ONVIF core specification ("Fault handling") want.
class SoapFault : public std::runtime_error {
public:
    enum class Side { Sender, Receiver }; ///< whose fault it is

    SoapFault(Side side, std::string subcode, const std::string& reason,
              std::string detailCode = {})
        : std::runtime_error(reason), side_(side), subcode_(std::move(subcode)),
          detailCode_(std::move(detailCode)) {}

    /// HTTP status: 400 when the sender is to blame, 500 when the camera is (SOAP 1.2 Part 2, table
    /// 20).
    int status() const { return side_ == Side::Sender ? 400 : 500; }
    std::string envelope() const;

private:
    Side side_;
    std::string subcode_;    ///< e.g. "ter:NotAuthorized"
    std::string detailCode_; ///< below it, e.g. "ter:NoProfile"; may be empty
};

/// A request as the camera understood it.
class SoapRequest {
public:
    /// Throws SoapFault (ter:WellFormed) when it is not a SOAP request.
    static SoapRequest parse(std::string_view text);

    /// Local name of the element in the body.
    std::string operation() const { return body_.name(); }
    /// That element, with the arguments below it.
    const net::XmlNode& arguments() const { return body_; }
    std::optional<net::XmlNode> header() const { return document_.root().child("Header"); }
    /// wsse:UsernameToken of the header.
    std::optional<net::XmlNode> usernameToken() const;

private:
    SoapRequest(net::XmlDocument document, net::XmlNode body)
        : document_(std::move(document)), body_(body) {}

    net::XmlDocument document_;
    net::XmlNode body_;
};

/// `body` in a SOAP 1.2 envelope that declares every prefix this camera uses.
std::string soapEnvelope(std::string_view body, std::string_view header = {});

/// <name>inner</name>, where `inner` is XML; attributes as they stand in the tag.
std::string xmlTag(std::string_view name, std::string_view inner, std::string_view attributes = {});
/// <name>text</name>, escaped.
std::string xmlLeaf(std::string_view name, std::string_view text);
std::string xmlLeaf(std::string_view name, int number);

} // namespace camera
