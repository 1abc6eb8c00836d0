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
    /// A TURN server has to have a login, unless `open`.
    static IceServer parse(const std::string& text, const std::string& property, bool open = false);
    /// A list of them, separated by commas.
    static std::vector<IceServer> parseList(const std::string& text, const std::string& property,
                                            bool open = false);

    /// Those of the property "turn-server". With the secret that the servers know as well, those
    /// without a login get one of their own, for a day.
    static std::vector<IceServer> turns(const std::string& list, const std::string& secret);
    /// Those of the properties "stun-server" and "turn-server" as values of Link headers.
    static std::vector<std::string> links(const std::string& stun, const std::string& turn,
                                          const std::string& secret = {});

    /// The value of a Link header that tells a player of it (draft-ietf-wish-whep section 4.6).
    std::string link() const;
    /// As webrtcbin's add-turn-server wants it.
    std::string uri() const;
};

/// The password of `user` ("EXPIRY:NAME", EXPIRY in seconds of Unix time) at a TURN server that
/// shares `secret` with us (draft-uberti-behave-turn-rest-00 section 2.2; coturn's
/// use-auth-secret).
std::string turnPassword(const std::string& user, const std::string& secret);

} // namespace web
