#pragma once

#include "net/digest.hpp"
#include "net/xml.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onvif {

namespace wsdl {
inline constexpr const char* device = "http://www.onvif.org/ver10/device/wsdl";
inline constexpr const char* media = "http://www.onvif.org/ver10/media/wsdl";
inline constexpr const char* media2 = "http://www.onvif.org/ver20/media/wsdl";
inline constexpr const char* ptz = "http://www.onvif.org/ver20/ptz/wsdl";
inline constexpr const char* imaging = "http://www.onvif.org/ver20/imaging/wsdl";
inline constexpr const char* events = "http://www.onvif.org/ver10/events/wsdl";
inline constexpr const char* deviceIo = "http://www.onvif.org/ver10/deviceIO/wsdl";
inline constexpr const char* search = "http://www.onvif.org/ver10/search/wsdl";
inline constexpr const char* recording = "http://www.onvif.org/ver10/recording/wsdl";
inline constexpr const char* replay = "http://www.onvif.org/ver10/replay/wsdl";
inline constexpr const char* notification = "http://docs.oasis-open.org/wsn/b-2";
inline constexpr const char* schema = "http://www.onvif.org/ver10/schema";
inline constexpr const char* addressing = "http://www.w3.org/2005/08/addressing";
} // namespace wsdl

/// WS-Addressing headers, which a subscription's operations want (To, Action and a MessageID are
/// made up by the call).
struct Addressing {
    /// The elements inside the subscription's ReferenceParameters, each as net::XmlNode::xml()
    /// gives it: some devices know the subscription by these alone and want them back as headers,
    /// where each is marked as what it is.
    std::vector<std::string> references = {};
};

/// What is asked of a service.
struct Operation {
    std::string space;   ///< namespace of the service, see `wsdl`
    std::string name;    ///< "GetProfiles"
    std::string content; ///< XML inside the operation's element, empty mostly
    /// Where the standard has another than space/name:
    /// ".../PullPointSubscription/PullMessagesRequest"
    std::string soapAction = {};
    std::optional<Addressing> addressing = {};
    /// For the whole exchange, a long poll's waiting included; 0: the usual one.
    std::chrono::milliseconds timeout{0};

    std::string action() const { return soapAction.empty() ? space + "/" + name : soapAction; }
};

/// The envelope most devices accept, also those that read requests by pattern: one line, prefix
/// "s:", xsi and xsd on the body, the operation with a default namespace. `header` goes inside
/// s:Header; the prefix "a:" is there for it when the operation is addressed.
///
/// SOAP 1.1 is read and never sent (quirk H5): ONVIF has been SOAP 1.2 from its first version, and
/// trying the other would double the wait for every camera that is merely silent.
std::string envelope(const Operation& operation, const std::string& header = {});

/// The headers of an addressed operation that is posted `to`; empty for others. Answers are awaited
/// in the same exchange, so ReplyTo is the anonymous address.
std::string addressingHeader(const Operation& operation, const std::string& to,
                             const std::string& messageId);

/// WS-UsernameToken with PasswordDigest = Base64(SHA-1(nonce + created + password)), OASIS Username
/// Token Profile 1.0; `created` is the device's time as "2026-01-31T12:00:00Z".
std::string usernameToken(const net::Credentials& credentials, const std::string& nonce,
                          const std::string& created);

/// A SOAP 1.2 (or 1.1) fault, whatever HTTP status it came with.
struct Fault {
    std::vector<std::string> codes; ///< code and subcodes from outside in, local names
    std::string reason;             ///< for people, at most 200 characters

    bool has(std::string_view code) const;
    /// It wants a user, or another one.
    bool notAuthorized() const;
    /// The operation or the service is not there.
    bool notSupported() const;
    /// The server stumbled over the action that the request named.
    bool actionRefused() const;
    std::string text() const;
};

/// The fault in an answer, if it is one.
std::optional<Fault> faultOf(const net::XmlNode& envelope);

} // namespace onvif
