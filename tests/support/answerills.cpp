#include "support/answerills.hpp"

#include <algorithm>
#include <iterator>
#include <regex>

namespace camera {
namespace {

constexpr std::size_t hugeBytes = 2 * 1024 * 1024 + 1;
constexpr int deepElements = 5000;

/// Before the tag of that name closes, or nothing where there is none.
void insertBefore(std::string& text, const std::string& tag, const std::string& what) {
    const auto at = text.rfind(tag);
    if (at != std::string::npos)
        text.insert(at, what);
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Names, as cameras put them into fields that people fill in: Latin-1 where UTF-8 is promised.
std::string invalidUtf8(const std::string& text) {
    static const std::regex names("</(tds:Manufacturer|tt:Name|tt:Text|env:Text)>");
    std::string all = std::regex_replace(text, names, " caf\xe9</$1>");
    insertBefore(all, "</env:Body>", "<tt:Extension>caf\xe9</tt:Extension>");
    return all;
}

/// A line break and blanks behind every tag and before the next one.
std::string spacedOut(const std::string& text) {
    std::string all;
    for (const char c : text) {
        if (c == '<' && !all.empty())
            all += "\n    ";
        all += c;
        if (c == '>')
            all += "\r\n\t  ";
    }
    return all;
}

std::string withoutDeclarations(const std::string& text) {
    static const std::regex declarations(R"re( xmlns:(?!env=)[a-z0-9]+="[^"]*")re");
    return std::regex_replace(text, declarations, "");
}

/// Ten entities of ten each: 10^9 letters for who expands them.
void addBomb(std::string& text) {
    std::string definitions = "<!DOCTYPE bomb [<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 10; ++i)
        definitions += "<!ENTITY a" + std::to_string(i) + " \"" +
                       repeated("&a" + std::to_string(i - 1) + ";", 10) + "\">";
    text.insert(text.find('\n') + 1, definitions + "]>");
    insertBefore(text, "</env:Body>", "<tt:Extension>&a9;</tt:Extension>");
}

std::string securityOf(const SoapRequest& request) {
    const auto token = request.usernameToken();
    if (!token)
        return {};
    std::string content;
    for (const net::XmlNode& part : token->children())
        content += xmlLeaf("wsse:" + part.name(), part.text());
    return "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/"
           "oasis-200401-wss-wssecurity-secext-1.0.xsd\"><wsse:UsernameToken>" +
           content + "</wsse:UsernameToken></wsse:Security>";
}

void echoSecurity(std::string& text, const SoapRequest& request) {
    const std::string security = securityOf(request);
    if (text.find("<env:Header>") != std::string::npos)
        insertBefore(text, "</env:Header>", security);
    else if (!security.empty())
        insertBefore(text, "<env:Body>", xmlTag("env:Header", security));
}

void ailingXml(std::string& text, const Ills& ills, const std::optional<SoapRequest>& request) {
    if (ills.has("echo-security") && request)
        echoSecurity(text, *request);
    if (ills.has("huge-answer"))
        insertBefore(text, "</env:Body>", xmlTag("tt:Extension", std::string(hugeBytes, 'x')));
    if (ills.has("deep-answer"))
        insertBefore(text, "</env:Body>",
                     repeated("<tt:Extension>", deepElements) +
                         repeated("</tt:Extension>", deepElements));
    if (ills.has("doctype-bomb"))
        addBomb(text);
    if (ills.has("undeclared-prefixes"))
        text = withoutDeclarations(text);
    if (ills.has("whitespace"))
        text = spacedOut(text);
    if (ills.has("invalid-utf8"))
        text = invalidUtf8(text);
    if (ills.has("wrong-encoding"))
        text.replace(text.find("UTF-8"), 5, "utf-16");
}

/// Faults alone: an answer of another status than 200.
void ailingFault(net::HttpReply& reply, const Ills& ills) {
    if (reply.status == 401) {
        if (ills.has("empty-401"))
            reply.body = reply.type = "";
        return;
    }
    if (ills.has("fault-400"))
        reply.status = 400;
    if (ills.has("fault-500"))
        reply.status = 500;
    if (ills.has("html-errors")) {
        reply.type = "text/html";
        reply.body = "<html><head><title>Error</title><body><h1>Error<br>Bad request & more";
    }
    if (ills.has("fault-200-empty")) {
        reply.status = 200;
        reply.body = reply.type = "";
    }
}

} // namespace

net::HttpReply ailing(net::HttpReply reply, const Ills& ills,
                      const std::optional<SoapRequest>& request) {
    ailingXml(reply.body, ills, request);
    if (reply.status != 200)
        ailingFault(reply, ills);
    return reply;
}

void checkAction(const std::string& contentType, const Ills& ills) {
    const bool given = contentType.find("action=") != std::string::npos;
    if (ills.has("action-required") && !given)
        throw SoapFault(SoapFault::Side::Sender, "wsa:MessageAddressingHeaderRequired",
                        "The Content-Type names no action.");
    if (ills.has("action-refused") && given)
        throw SoapFault(SoapFault::Side::Sender, "wsa:ActionNotSupported",
                        "A message with that Action cannot be processed at this receiver.");
}

} // namespace camera
