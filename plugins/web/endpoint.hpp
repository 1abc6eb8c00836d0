#pragma once

#include "net/httpserver.hpp"
#include "web/offer.hpp"
#include "web/origin.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace web {

/// What became of a wish to watch.
struct JoinResult {
    int status = 201;    ///< 201; 406 no common codec; 409 nothing to see yet; 503 house full; 500
    std::string detail;  ///< a sentence for the client when the status is not 201
    std::string id;      ///< of the session
    std::string answer;  ///< SDP
    bool layers = false; ///< the picture is there in several sizes

    static JoinResult refusal(int status, std::string detail) {
        JoinResult result;
        result.status = status;
        result.detail = std::move(detail);
        return result;
    }
};

/// Those who watch, or the one who publishes, as the endpoint sees them: its seam towards
/// GStreamer. All calls come in the HTTP server's thread.
class Audience {
public:
    virtual ~Audience() = default;
    /// Calls `done` exactly once, now or later, in the same thread.
    virtual void join(Offer offer, std::function<void(JoinResult)> done) = 0;
    virtual bool isMember(const std::string& id) const = 0;
    /// False when the fragment belongs to another ICE generation than the session's (a restart).
    virtual bool trickle(const std::string& id, const Trickle& fragment) = 0;
    virtual void leave(const std::string& id) = 0;
    /// A JSON object on the sizes of the picture in that session; "" when there is one only.
    virtual std::string layers(const std::string&) const { return ""; }
    /// Shows the size of that name, or what the network bears ("auto"). False when there is none.
    virtual bool chooseLayer(const std::string&, const std::string&) { return false; }
    /// A JSON object on how that session's viewer fares; "" where nothing is known.
    virtual std::string health(const std::string&) const { return ""; }
    /// A JSON object on what there is to see and who watches.
    virtual std::string statusJson() const = 0;
};

struct EndpointSettings {
    std::string name;                 ///< "" serves at /, "yard" at /yard/
    Purpose purpose = Purpose::Watch; ///< or "whip" and the page that shares a camera
    std::string allowOrigin;          ///< see OriginPolicy
    bool loopback = true;             ///< the server listens on this machine alone
    /// Values of Link headers, for those who may watch only; made anew for each of them.
    std::function<std::vector<std::string>()> links = [] { return std::vector<std::string>(); };
    /// Sessions at the same time from one address. -1: 16 from others in the network and any number
    /// from this machine; 0: any number.
    int viewersPerAddress = -1;
};

/// Routes of one stream: the page, its WHEP (draft-ietf-wish-whep-03) or WHIP (RFC 9725)
/// endpoint and sessions with the /layer and the /stats of each, /status.
class Endpoint {
public:
    Endpoint(Audience& audience, EndpointSettings settings);
    void handle(std::shared_ptr<net::HttpExchange> exchange);

private:
    using Exchange = std::shared_ptr<net::HttpExchange>;
    /// The id of a session; "" while its offer is being answered, and who answers holds it too.
    using Guest = std::shared_ptr<std::string>;

    void route(const Exchange& exchange, const std::string& path);
    void endpoint(const Exchange& exchange);
    void session(const Exchange& exchange, const std::string& path);
    void layer(const Exchange& exchange, const std::string& id);
    void stats(const Exchange& exchange, const std::string& id);
    void join(const Exchange& exchange);
    void options(const Exchange& exchange);
    bool isGone(const Guest& guest) const;
    bool isCrowd(const std::string& remote);
    void trickle(const Exchange& exchange, const std::string& id);
    void answer(const Exchange& exchange, net::HttpReply reply) const;
    void refuse(const Exchange& exchange, int status, const std::string& detail,
                net::HttpHeaders headers = {}) const;

    Audience& audience_;
    EndpointSettings settings_;
    OriginPolicy policy_;
    std::string base_;                                 ///< "" or "/yard"
    std::string word_;                                 ///< "/whep" or "/whip"
    std::map<std::string, std::vector<Guest>> guests_; ///< by address
};

} // namespace web
