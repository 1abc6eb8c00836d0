#pragma once

#include "web/access.hpp"
#include "web/origin.hpp"

#include <optional>
#include <string>

namespace web {

class Site;

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

/// A stream's name as users write it, without slashes around it.
std::string trimmedName(const std::string& path);
/// "http://127.0.0.1:8080/yard/"
std::string folderUrl(const Site& site, const std::string& name);

} // namespace web
