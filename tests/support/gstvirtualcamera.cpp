#include "support/gstvirtualcamera.hpp"

#include "base/error.hpp"
#include "net/url.hpp"
#include "support/cameraservices.hpp"
#include "support/device.hpp"
#include "support/deviceservice.hpp"
#include "support/discoveryresponder.hpp"
#include "support/gstlivesrc.hpp"
#include "support/gstrtspcamera.hpp"
#include "support/gststreams.hpp"
#include "support/mediaprofiles.hpp"
#include "support/soapserver.hpp"

namespace camera {
namespace {

constexpr std::chrono::milliseconds rebootDelay{200}; ///< for the answer to get out

std::shared_ptr<const Programme> programmeFor(const Settings& settings) {
    registerLiveSource();
    return settings.file.empty() ? sceneProgramme(settings) : clipProgramme(settings);
}

RtspSettings rtspSettings(const Settings& settings, const Ills& ills) {
    RtspSettings rtsp;
    rtsp.ills = &ills;
    rtsp.address = settings.address;
    rtsp.port = settings.rtspPort;
    if (settings.auth != Auth::None) {
        rtsp.user = settings.user;
        rtsp.password = settings.password;
    }
    return rtsp;
}

/// An address that somebody can type: a wildcard is no place to go to.
std::string reachable(const std::string& address) {
    if (address != "0.0.0.0" && address != "::")
        return address;
    for (const Interface& interface : interfacesFor({}, address))
        if (!interface.loopback)
            return interface.address;
    return address == "::" ? "::1" : "127.0.0.1";
}

std::string addressOf(const char* scheme, const std::string& host, unsigned port,
                      const std::string& path) {
    net::Url url;
    url.scheme = scheme;
    url.host = host;
    url.port = static_cast<int>(port);
    url.rest = path;
    return url.text();
}

} // namespace

class VirtualCamera::Impl {
public:
    explicit Impl(const Settings& settings)
        : settings_(settings), device_{settings.ills}, record_(settings.record),
          programme_(programmeFor(settings)),
          rtsp_(rtspSettings(settings, device_.ills), programme_->streams()),
          soap_(settings.address, settings.port,
                Authenticator(settings.auth, settings.user, settings.password, device_.ills,
                              lockout_),
                device_.ills, record_,
                [this](const std::string& token) { return programme_->snapshot(token); }) {
        describe();
        addCommands();
        for (Service& service :
             services_.make({[this](const std::string& token) { rtsp_.requestKeyFrame(token); },
                             [this] { reboot(); }}))
            soap_.add(std::move(service));
        if (settings.motion)
            services_.events.startMotion();
        announce();
    }

    ~Impl() {
        soap_.loop().call([this] {
            restart_.cancel();
            discovery_.reset();
            soap_.power(false);
        });
    }

    std::string remark() const { return programme_->remark(); }
    std::string host() const { return reachable(settings_.address); }
    unsigned httpPort() const { return soap_.port(); }
    unsigned rtspPort() const { return rtsp_.port(); }
    Ills& ills() { return device_.ills; }
    const Control& control() const { return control_; }
    RequestRecord& record() { return record_; }
    unsigned wrongLogins() const { return lockout_.wrongLogins(); }
    CameraServices& services() { return services_; }

private:
    void describe() {
        device_.name = settings_.name;
        device_.firmware = VIRTUAL_CAMERA_VERSION;
        device_.uuid = stableUuid(settings_.name + "\n" + std::to_string(soap_.port()));
        device_.serial = device_.uuid.substr(24);
        device_.rtspPort = rtsp_.port();
        device_.auth = settings_.auth;
        for (const RtspStream& stream : programme_->streams())
            device_.profiles.push_back(stream.profile);
    }

    void addCommands() {
        services_.addCommands(control_);
        control_.add("bye", [this](const std::string&) {
            soap_.loop().call([this] { discovery_.reset(); });
            return std::string();
        });
        control_.add("hello", [this](const std::string&) {
            soap_.loop().call([this] { announce(); });
            return std::string();
        });
        control_.add("reboot", [this](const std::string&) {
            soap_.loop().call([this] { reboot(); });
            return std::string();
        });
        control_.add("wrong-logins",
                     [this](const std::string&) { return std::to_string(lockout_.wrongLogins()); });
    }

    /// Answers who asked for it, says goodbye, is gone for a while, and comes back. In the web
    /// server's thread, as all of it.
    void reboot() {
        restart_ = soap_.loop().after(rebootDelay, [this] {
            discovery_.reset();
            soap_.power(false);
            restart_ = soap_.loop().after(std::chrono::milliseconds(settings_.rebootMs),
                                          [this] { comeBack(); });
        });
    }

    void comeBack() {
        try {
            soap_.power(true);
            announce();
        } catch (const base::Error&) { // somebody has taken the port: again, as a watchdog would
            restart_ = soap_.loop().after(rebootDelay, [this] { comeBack(); });
        }
    }

    void announce() {
        const auto interfaces = interfacesFor(settings_.interfaces, settings_.address);
        if (!settings_.discovery || interfaces.empty())
            return;
        discovery_ = std::make_unique<DiscoveryResponder>(
            soap_.loop(), interfaces,
            Announcement{device_.uuid, device_.scopes(), deviceServicePath}, settings_.address,
            soap_.port(), device_.ills);
    }

    Settings settings_;
    Device device_;
    Lockout lockout_{device_.ills};
    RequestRecord record_;
    Control control_;
    std::shared_ptr<const Programme> programme_;
    RtspCamera rtsp_;
    SoapServer soap_;
    CameraServices services_{soap_.loop(), device_};
    std::unique_ptr<DiscoveryResponder> discovery_;
    net::Timer restart_; ///< of a camera that restarts
};

VirtualCamera::VirtualCamera(const Settings& settings) : impl_(std::make_unique<Impl>(settings)) {}

VirtualCamera::~VirtualCamera() = default;

std::string VirtualCamera::remark() const { return impl_->remark(); }

std::string VirtualCamera::deviceServiceUrl() const {
    return addressOf("http", impl_->host(), impl_->httpPort(), deviceServicePath);
}

std::string VirtualCamera::rtspUrl(const std::string& token) const {
    return addressOf("rtsp", impl_->host(), impl_->rtspPort(), "/" + token);
}

std::string VirtualCamera::snapshotUrl(const std::string& token) const {
    return addressOf("http", impl_->host(), impl_->httpPort(), snapshotPath + token);
}

CameraServices& VirtualCamera::services() { return impl_->services(); }

Ills& VirtualCamera::ills() { return impl_->ills(); }

const Control& VirtualCamera::control() const { return impl_->control(); }

RequestRecord& VirtualCamera::record() { return impl_->record(); }

unsigned VirtualCamera::wrongLogins() const { return impl_->wrongLogins(); }

} // namespace camera
