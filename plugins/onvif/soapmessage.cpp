#include "soapmessage.hpp"

#include "redact.hpp"

#include <glib.h>

#include <algorithm>
#include <memory>

namespace onvif {

namespace {

constexpr std::size_t maxReason = 200, maxCodes = 5;

std::string base64(const std::string& bytes) {
    const std::unique_ptr<char, void (*)(void*)> text(
        g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()), g_free);
    return text.get();
}

std::string sha1(const std::string& text) {
    const std::unique_ptr<GChecksum, void (*)(GChecksum*)> sum(g_checksum_new(G_CHECKSUM_SHA1),
                                                               g_checksum_free);
    g_checksum_update(sum.get(), reinterpret_cast<const guchar*>(text.data()),
                      static_cast<gssize>(text.size()));
    std::string digest(20, '\0');
    gsize size = digest.size();
    g_checksum_get_digest(sum.get(), reinterpret_cast<guint8*>(digest.data()), &size);
    return digest;
}

std::string localName(const std::string& name) {
    const auto colon = name.rfind(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// A reference parameter that goes back as a header says so (WS-Addressing 1.0, SOAP Binding,
/// section 3). The prefix is one that the element does not use.
std::string marked(const std::string& element) {
    const auto nameEnd = element.find_first_of(" \t\r\n/>");
    const std::string start = element.substr(0, element.find('>'));
    if (nameEnd == std::string::npos || start.find("IsReferenceParameter=") != std::string::npos)
        return element;
    std::string prefix = "a";
    while (start.find("xmlns:" + prefix + "=") != std::string::npos)
        prefix += 'a';
    return element.substr(0, nameEnd) + " xmlns:" + prefix + "=\"" + wsdl::addressing + "\" " +
           prefix + ":IsReferenceParameter=\"true\"" + element.substr(nameEnd);
}

/// One printable line of bounded length, whole UTF-8 characters only.
std::string forPeople(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20)
            c = ' ';
    const std::unique_ptr<char, void (*)(void*)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), maxReason))),
        g_free);
    return valid.get();
}

} // namespace

std::string envelope(const Operation& operation, const std::string& header) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
           "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"" +
           (operation.addressing ? " xmlns:a=\"" + std::string(wsdl::addressing) + "\">" : ">") +
           (header.empty() ? std::string() : "<s:Header>" + header + "</s:Header>") +
           "<s:Body xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
           " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><" +
           operation.name + " xmlns=\"" + operation.space + "\">" + operation.content + "</" +
           operation.name + "></s:Body></s:Envelope>";
}

std::string addressingHeader(const Operation& operation, const std::string& to,
                             const std::string& messageId) {
    if (!operation.addressing)
        return {};
    std::string header = "<a:Action s:mustUnderstand=\"1\">" + net::xmlEscape(operation.action()) +
                         "</a:Action><a:MessageID>" + net::xmlEscape(messageId) +
                         "</a:MessageID><a:ReplyTo><a:Address>" + wsdl::addressing +
                         "/anonymous</a:Address></a:ReplyTo><a:To s:mustUnderstand=\"1\">" +
                         net::xmlEscape(to) + "</a:To>";
    for (const std::string& reference : operation.addressing->references)
        header += marked(reference);
    return header;
}

std::string usernameToken(const net::Credentials& credentials, const std::string& nonce,
                          const std::string& created) {
    const std::string oasis = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    return "<Security s:mustUnderstand=\"1\" xmlns=\"" + oasis +
           "wssecurity-secext-1.0.xsd\">"
           "<UsernameToken><Username>" +
           net::xmlEscape(credentials.user) +
           "</Username>"
           "<Password Type=\"" +
           oasis + "username-token-profile-1.0#PasswordDigest\">" +
           base64(sha1(nonce + created + credentials.password)) +
           "</Password>"
           "<Nonce EncodingType=\"" +
           oasis + "soap-message-security-1.0#Base64Binary\">" + base64(nonce) +
           "</Nonce>"
           "<Created xmlns=\"" +
           oasis + "wssecurity-utility-1.0.xsd\">" + created +
           "</Created>"
           "</UsernameToken></Security>";
}

bool Fault::has(std::string_view code) const {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool Fault::notAuthorized() const {
    if (has("NotAuthorized") || has("FailedAuthentication") || has("InvalidSecurity") ||
        has("InvalidSecurityToken") || has("SenderNotAuthorized"))
        return true;
    const std::string words = lower(reason);
    return words.find("not authorized") != std::string::npos ||
           words.find("unauthorized") != std::string::npos ||
           words.find("authority failure") != std::string::npos;
}

bool Fault::notSupported() const {
    return has("ActionNotSupported") || has("OptionalActionNotImplemented") ||
           lower(reason).find("not implemented") != std::string::npos;
}

bool Fault::actionRefused() const {
    const std::string words = lower(reason);
    return words.find("action") != std::string::npos &&
           words.find("cannot be processed") != std::string::npos;
}

std::string Fault::text() const {
    std::string out;
    for (const std::string& code : codes)
        out += (out.empty() ? "" : "/") + code;
    if (reason.empty())
        return out;
    return out.empty() ? reason : reason + " (" + out + ")";
}

std::optional<Fault> faultOf(const net::XmlNode& envelope) {
    const auto body = envelope.find("Body");
    const auto node = body ? body->child("Fault") : envelope.find("Fault");
    if (!node)
        return std::nullopt;
    Fault fault;
    for (auto code = node->child("Code"); code && fault.codes.size() < maxCodes;
         code = code->child("Subcode"))
        fault.codes.push_back(forPeople(localName(code->textAt("Value"))));
    fault.reason = node->textAt("Reason/Text");
    if (fault.codes.empty() && node->child("faultcode")) { // SOAP 1.1
        fault.codes.push_back(forPeople(localName(node->textAt("faultcode"))));
        fault.reason = node->textAt("faultstring");
    }
    if (fault.reason.empty())
        fault.reason = node->textAt("Detail/Text");
    fault.reason.resize(std::min<std::size_t>(fault.reason.size(), 16 * maxReason));
    fault.reason = forPeople(redacted(fault.reason));
    return fault;
}

} // namespace onvif
