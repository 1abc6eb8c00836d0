#pragma once

#include "net/eventloop.hpp"
#include "support/control.hpp"
#include "support/device.hpp"
#include "support/eventhub.hpp"
#include "support/imaging.hpp"
#include "support/ptz.hpp"
#include "support/recordingtable.hpp"
#include "support/relays.hpp"
#include "support/service.hpp"

#include <functional>
#include <string>
#include <vector>

namespace camera {

/// Everything of the camera that SOAP reaches, without the sockets: motors, picture, switches,
/// events and recordings, and the services that serve them.
class CameraServices {
public:
    /// What the camera has beyond these.
    struct Hooks {
        std::function<void(const std::string& token)> requestKeyFrame;
        std::function<void()> reboot;
    };

    /// Both outlive it. Events are handed out in the thread of `loop`.
    CameraServices(net::EventLoop& loop, Device& device);

    /// Every service, the device service first.
    std::vector<Service> make(const Hooks& hooks);
    /// event, relay, relays, ill and cure.
    void addCommands(Control& control);

    Ptz ptz;
    Imaging imaging;
    Relays relays;
    RecordingTable recordings;
    EventHub events;

private:
    Device& device_;
};

} // namespace camera
