#include "camera.hpp"

#include "profilechoice.hpp"
#include "relocation.hpp"

namespace onvif {

using base::Error;
using base::ErrorKind;

Camera::Camera(Target target, const net::Cancel& cancel) : target_(std::move(target)) {
    if (target_.known) {
        connection_ =
            std::make_unique<Connection>(*target_.known, target_.connection, cancel, target_.trace);
        return;
    }
    if (target_.location.empty())
        throw Error(ErrorKind::Settings,
                    "It is not known which camera is meant: set location, or wait until one is "
                    "found.");
    const Location location = parseLocation(target_.location);
    try {
        open(location.service, cancel);
    } catch (const Error& error) {
        const auto other = otherDoor(location, error, cancel);
        if (!other)
            throw;
        open(*other, cancel);
    }
}

void Camera::open(const net::Url& service, const net::Cancel& cancel) {
    connection_ = std::make_unique<Connection>(service, target_.connection, cancel, target_.trace);
    device().open();
}

std::unique_ptr<Camera> Camera::again(const net::Cancel& cancel,
                                      std::chrono::milliseconds timeout) const {
    Target same = target_;
    same.known = connection_->device().whereabouts();
    same.connection.timeout = timeout;
    auto camera = std::make_unique<Camera>(std::move(same), cancel);
    camera->profiles_ = profiles_;
    return camera;
}

const std::vector<Profile>& Camera::profiles() {
    if (profiles_.empty())
        profiles_ = device().profiles();
    return profiles_;
}

const Profile& Camera::profile() {
    if (profile_)
        return *profile_;
    return profile_.emplace(mustChoose(profiles(), target_.profile).front());
}

Ptz& Camera::ptz() {
    if (!device().offers(wsdl::ptz))
        throw Error(ErrorKind::Unsupported, "The camera at " +
                                                device().addresses().reached().authority() +
                                                " cannot be steered: it has no PTZ service.");
    if (!ptz_)
        ptz_.emplace(device(), ptzProfile(profiles(), profile()));
    return *ptz_;
}

Imaging& Camera::imaging() {
    if (!device().offers(wsdl::imaging))
        throw Error(ErrorKind::Unsupported, "The camera at " +
                                                device().addresses().reached().authority() +
                                                " has no imaging service to adjust it by.");
    if (!imaging_)
        imaging_.emplace(device(), profile().videoSource);
    return *imaging_;
}

} // namespace onvif
