#pragma once

#include "web/access.hpp"
#include "web/origin.hpp"

#include <optional>
#include <string>

namespace web {

/// What all places say alike that are only read from: pictures, streams, playlists.
class ReadOnly {
public:
    /// Of a sink that listens on `address`.
    ReadOnly(const Access& access, const std::string& address);

    /// The answer to whatever is no GET or HEAD of somebody who may ask.
    std::optional<net::HttpReply> refusal(const net::ServerRequest& request) const;
    /// With what each answer tells browsers and caches; for those of refusal(), too.
    net::HttpReply dressed(net::HttpReply reply, const net::ServerRequest& request) const;

private:
    OriginPolicy policy_;
};

} // namespace web
