#pragma once

#include "connection.hpp"
#include "imaging.hpp"
#include "ptz.hpp"
#include "snapshot.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// Which camera is meant, and how it is spoken to.
struct Target {
    std::string location; ///< as users write it, without user info; not needed with `known`
    ConnectionSettings connection;
    std::string profile;              ///< token or name; empty: the best
    std::optional<Whereabouts> known; ///< opened before: nothing is asked twice
    Trace trace;
};

/// A camera that one thread steers or listens to: everything is asked when it is first needed, and
/// kept. Opens in the constructor; throws what `Device` throws.
class Camera {
public:
    /// `cancel` has to outlive it.
    Camera(Target target, const net::Cancel& cancel);
    /// The same camera for a last word after `cancel` was thrown.
    std::unique_ptr<Camera> again(const net::Cancel& cancel,
                                  std::chrono::milliseconds timeout) const;

    Connection& connection() { return *connection_; }
    Device& device() { return connection_->device(); }
    const std::vector<Profile>& profiles();
    /// The one wished for. Throws base::Error(NotFound) with those that there are.
    const Profile& profile();
    Ptz& ptz();
    Imaging& imaging();
    Snapshot snapshot() { return takeSnapshot(*connection_, profile()); }

private:
    void open(const net::Url& service, const net::Cancel& cancel);

    Target target_;
    std::unique_ptr<Connection> connection_;
    std::vector<Profile> profiles_;
    std::optional<Profile> profile_;
    std::optional<Ptz> ptz_;
    std::optional<Imaging> imaging_;
};

/// Makes a camera of whatever is meant at that moment; throws what `Camera` throws.
using OpenCamera = std::function<std::unique_ptr<Camera>(const net::Cancel&)>;

} // namespace onvif
