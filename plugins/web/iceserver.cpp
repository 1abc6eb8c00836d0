#include "web/iceserver.hpp"

#include "base/error.hpp"
#include "net/random.hpp"
#include "web/sdp.hpp"

#include <glib.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>

namespace web {
namespace {

using Text = std::unique_ptr<char, decltype(&g_free)>;

/// How long a login that is made lasts: a session may go on for that time.
constexpr std::time_t loginSeconds = 24 * 60 * 60;

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

IceServer IceServer::parse(const std::string& text, const std::string& property, bool open) {
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
    const bool login = !server.user.empty() && !server.password.empty();
    if (!isAuthority(rest) || (!stun && !open && !login))
        refuse(property);
    server.authority = rest;
    return server;
}

std::vector<IceServer> IceServer::parseList(const std::string& text, const std::string& property,
                                            bool open) {
    std::vector<IceServer> servers;
    for (const std::string& word : words(text, ',')) {
        const auto from = word.find_first_not_of(' ');
        if (from != word.npos)
            servers.push_back(
                parse(word.substr(from, word.find_last_not_of(' ') - from + 1), property, open));
    }
    return servers;
}

std::vector<IceServer> IceServer::turns(const std::string& list, const std::string& secret) {
    auto servers = parseList(list, "turn-server", !secret.empty());
    for (IceServer& server : servers)
        if (server.user.empty()) {
            const std::time_t expiry = std::time(nullptr) + loginSeconds;
            server.user = std::to_string(expiry) + ":" + net::randomHex(8);
            server.password = turnPassword(server.user, secret);
        }
    return servers;
}

std::vector<std::string> IceServer::links(const std::string& stun, const std::string& turn,
                                          const std::string& secret) {
    std::vector<std::string> links;
    if (!stun.empty())
        links.push_back(parse(stun, "stun-server").link());
    for (const IceServer& server : turns(turn, secret))
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

std::string turnPassword(const std::string& user, const std::string& secret) {
    const std::unique_ptr<GHmac, decltype(&g_hmac_unref)> hmac(
        g_hmac_new(G_CHECKSUM_SHA1, reinterpret_cast<const guchar*>(secret.data()), secret.size()),
        g_hmac_unref);
    g_hmac_update(hmac.get(), reinterpret_cast<const guchar*>(user.data()),
                  static_cast<gssize>(user.size()));
    guchar digest[20];
    gsize size = sizeof digest;
    g_hmac_get_digest(hmac.get(), digest, &size);
    return Text(g_base64_encode(digest, size), g_free).get();
}

} // namespace web
