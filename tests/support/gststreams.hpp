#pragma once

#include "support/gstrtspcamera.hpp"
#include "support/settings.hpp"
#include "support/soapserver.hpp"

#include <memory>
#include <vector>

namespace camera {

/// What the camera looks at, as streams for the RTSP server and pictures for snapshots.
class Programme {
public:
    virtual ~Programme() = default;
    /// The main profile first.
    virtual std::vector<RtspStream> streams() const = 0;
    /// A JPEG of what the profile of that token shows now; empty for an unknown token.
    virtual std::string snapshot(const std::string& token) const = 0;
    /// A sentence for whoever started the camera; may be empty.
    virtual std::string remark() const { return {}; }
};

/// The drawn scene. The ills have to outlive it. Throws base::Error when no H.264 encoder is
/// installed.
std::shared_ptr<const Programme> sceneProgramme(const Settings& settings, const Ills& ills);

/// A video file in a loop, from its start whenever a stream starts. H.264 goes out untouched where
/// viewers can take it (see inspectClip). Throws base::Error when it cannot be shown.
std::shared_ptr<const Programme> clipProgramme(const Settings& settings);

/// The picture of a launch line, in the size and rate of the settings. Throws base::Error: Settings
/// for a line that is none, Failed for one that does not play.
std::shared_ptr<const Programme> pipelineProgramme(const Settings& settings);

} // namespace camera
