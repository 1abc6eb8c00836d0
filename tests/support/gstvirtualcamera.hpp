#pragma once

#include "support/cameraservices.hpp"
#include "support/control.hpp"
#include "support/gstbackchannel.hpp"
#include "support/ills.hpp"
#include "support/recordings.hpp"
#include "support/requestrecord.hpp"
#include "support/settings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace camera {

/// The whole camera, from construction to destruction. gst_init() comes first. Any number of them
/// may run in one process, each with ports of its own.
class VirtualCamera {
public:
    /// Listens and is ready when this returns. Throws base::Error.
    explicit VirtualCamera(const Settings& settings);
    /// Says goodbye, ends every session, joins every thread.
    ~VirtualCamera();
    VirtualCamera(const VirtualCamera&) = delete;
    VirtualCamera& operator=(const VirtualCamera&) = delete;

    /// A sentence for whoever started the camera; may be empty.
    std::string remark() const;
    std::string deviceServiceUrl() const;
    std::string rtspUrl(const std::string& token) const;
    std::string snapshotUrl(const std::string& token) const;

    /// What it suffers from; changes take effect with the next request.
    Ills& ills();
    /// Its motors, picture, switches, events and recordings.
    CameraServices& services();
    /// The commands that --control reads.
    const Control& control() const;
    /// What the web port was asked.
    RequestRecord& record();
    /// Since the start, by any way in.
    unsigned wrongLogins() const;
    /// What viewers have said into it.
    Heard heard() const;
    /// What it serves of its past, the oldest first.
    const std::vector<Recording>& recordings() const;
    std::string replayUrl(const Recording& recording) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace camera
