#include "web/iceserver.hpp"

#include "base/error.hpp"
#include "web/sdp.hpp"

#include <glib.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace web {
namespace {

using Text = std::unique_ptr<char, decltype(&g_free)>;

[[noreturn]] void refuse(const std::string& property) {
    throw base::Error(base::ErrorKind::Settings,
                      property == "stun-server"
                          ? "stun-server must look like stun://host:port."
                          : property + " must look like turn://name:password@host:port, with "
                                       "characters such as @ : / , in name and password written "
                                       "as %40 %3A %2F %2C.");
}

std::string decoded(const std::string& text, const std::string& property) {
    const Text plain(g_uri_unescape_string(text.c_str(), nullptr), g_free);
    if (!plain || std::any_of(plain.get(), plain.get() + std::strlen(plain.get()), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        }))
        refuse(property);
    return plain.get();
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text)
        (out += c == '"' || c == '\\' ? "\\" : "") += c;
    return out + "\"";
}

bool isAuthority(const std::string& text) {
    return !text.empty() && text.size() < 300 && std::all_of(text.begin(), text.end(), [](char c) {
        return g_ascii_isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    });
}

} // namespace

IceServer IceServer::parse(const std::string& text, const std::string& property) {
    IceServer server;
    const auto colon = text.find("://");
    server.scheme = text.substr(0, colon == text.npos ? 0 : colon);
    const bool stun = property == "stun-server";
    if (stun ? server.scheme != "stun" : server.scheme != "turn" && server.scheme != "turns")
        refuse(property);
    std::string rest = text.substr(colon + 3);
    if (const auto query = rest.find('?'); query != rest.npos) {
        const std::string option = rest.substr(query + 1);
        if (stun || (option != "transport=udp" && option != "transport=tcp"))
            refuse(property);
        server.transport = option.substr(10);
        rest.resize(query);
    }
    if (const auto at = rest.rfind('@'); at != rest.npos) {
        const std::string login = rest.substr(0, at);
        const auto middle = login.find(':');
        if (stun || middle == login.npos)
            refuse(property);
        server.user = decoded(login.substr(0, middle), property);
        server.password = decoded(login.substr(middle + 1), property);
        rest = rest.substr(at + 1);
    }
    if (!isAuthority(rest) || (!stun && (server.user.empty() || server.password.empty())))
        refuse(property);
    server.authority = rest;
    return server;
}

std::vector<IceServer> IceServer::parseList(const std::string& text, const std::string& property) {
    std::vector<IceServer> servers;
    for (const std::string& word : words(text, ',')) {
        const auto from = word.find_first_not_of(' ');
        if (from != word.npos)
            servers.push_back(
                parse(word.substr(from, word.find_last_not_of(' ') - from + 1), property));
    }
    return servers;
}

std::vector<std::string> IceServer::links(const std::string& stun, const std::string& turn) {
    std::vector<std::string> links;
    if (!stun.empty())
        links.push_back(parse(stun, "stun-server").link());
    for (const IceServer& server : parseList(turn, "turn-server"))
        links.push_back(server.link());
    return links;
}

std::string IceServer::link() const {
    std::string link = "<" + scheme + ":" + authority +
                       (transport.empty() ? "" : "?transport=" + transport) +
                       ">; rel=\"ice-server\"";
    if (!user.empty())
        link += "; username=" + quoted(user) + "; credential=" + quoted(password) +
                "; credential-type=\"password\"";
    return link;
}

std::string IceServer::uri() const {
    std::string login;
    if (!user.empty()) {
        const Text name(g_uri_escape_string(user.c_str(), nullptr, FALSE), g_free);
        const Text secret(g_uri_escape_string(password.c_str(), nullptr, FALSE), g_free);
        login = std::string(name.get()) + ":" + secret.get() + "@";
    }
    return scheme + "://" + login + authority +
           (transport.empty() ? "" : "?transport=" + transport);
}

} // namespace web
