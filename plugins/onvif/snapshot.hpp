#pragma once

#include "connection.hpp"

#include <string>

namespace onvif {

/// A still picture of a profile: JPEG, and its size as the picture itself tells it.
struct Snapshot {
    std::string jpeg;
    int width = 0, height = 0;
};

/// Asks where the picture is and fetches it, with a login of its own where it wants one (quirk M7).
/// Throws what `Device` and `Connection::fetch` throw, and base::Error(BadData) for what is no
/// JPEG.
Snapshot takeSnapshot(Connection& connection, const Profile& profile);

/// Cuts what stands before and behind the picture. Throws base::Error(BadData) when `bytes` are not
/// a whole JPEG with a frame header (ITU-T T.81 annex B).
Snapshot readJpeg(const std::string& bytes);

} // namespace onvif
