#pragma once

#include <string>
#include <vector>

namespace web {

/// A STUN or TURN server as users and GStreamer write it: "stun://host:port" or
/// "turn://name:password@host:port?transport=tcp", "turns://…", name and password percent-encoded.
struct IceServer {
    std::string scheme;    ///< "stun", "turn" or "turns"
    std::string authority; ///< "host:port"
    std::string transport; ///< "udp", "tcp" or ""
    std::string user, password;

    /// Throws base::Error (Settings) with a sentence that names `property` and quotes no password.
    static IceServer parse(const std::string& text, const std::string& property);
    /// A list of them, separated by commas.
    static std::vector<IceServer> parseList(const std::string& text, const std::string& property);

    /// Those of two properties, "stun-server" and "turn-server", as values of Link headers.
    static std::vector<std::string> links(const std::string& stun, const std::string& turn);

    /// The value of a Link header that tells a player of it (draft-ietf-wish-whep section 4.6).
    std::string link() const;
    /// As webrtcbin's add-turn-server wants it.
    std::string uri() const;
};

} // namespace web
