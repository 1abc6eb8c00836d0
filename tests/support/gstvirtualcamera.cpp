#include "support/gstvirtualcamera.hpp"

#include "base/error.hpp"
#include "net/url.hpp"
#include "support/device.hpp"
#include "support/deviceservice.hpp"
#include "support/discoveryresponder.hpp"
#include "support/gstlivesrc.hpp"
#include "support/gstrtspcamera.hpp"
#include "support/gststreams.hpp"
#include "support/mediaservice.hpp"
#include "support/soapserver.hpp"

namespace camera {
namespace {

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
        const Service media = mediaService(
            device_, [this](const std::string& token) { rtsp_.requestKeyFrame(token); });
        soap_.add(deviceService(device_, {media}));
        soap_.add(media);
        announce();
    }

    std::string remark() const { return programme_->remark(); }
    std::string host() const { return reachable(settings_.address); }
    unsigned httpPort() const { return soap_.port(); }
    unsigned rtspPort() const { return rtsp_.port(); }
    Ills& ills() { return device_.ills; }
    const Control& control() const { return control_; }
    RequestRecord& record() { return record_; }
    unsigned wrongLogins() const { return lockout_.wrongLogins(); }

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
        control_.add("ill NAME[=VALUE]", [this](const std::string& text) {
            const auto [name, value] = illFromText(text);
            device_.ills.set(name, value);
            return std::string();
        });
        control_.add("cure NAME", [this](const std::string& name) {
            device_.ills.clear(name);
            return std::string();
        });
        control_.add("bye", [this](const std::string&) {
            discovery_.reset();
            return std::string();
        });
        control_.add("hello", [this](const std::string&) {
            announce();
            return std::string();
        });
        control_.add("wrong-logins",
                     [this](const std::string&) { return std::to_string(lockout_.wrongLogins()); });
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
    std::unique_ptr<DiscoveryResponder> discovery_;
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

Ills& VirtualCamera::ills() { return impl_->ills(); }

const Control& VirtualCamera::control() const { return impl_->control(); }

RequestRecord& VirtualCamera::record() { return impl_->record(); }

unsigned VirtualCamera::wrongLogins() const { return impl_->wrongLogins(); }

} // namespace camera
