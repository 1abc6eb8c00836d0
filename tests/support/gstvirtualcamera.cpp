#include "support/gstvirtualcamera.hpp"

#include "base/error.hpp"
#include "net/url.hpp"
#include "support/cameraservices.hpp"
#include "support/device.hpp"
#include "support/deviceservice.hpp"
#include "support/discoveryresponder.hpp"
#include "support/gstlivesrc.hpp"
#include "support/gstmetadatapay.hpp"
#include "support/gstrtspcamera.hpp"
#include "support/gststreams.hpp"
#include "support/mediaprofiles.hpp"
#include "support/soapserver.hpp"

namespace camera {
namespace {

constexpr std::chrono::milliseconds rebootDelay{200}; ///< for the answer to get out

std::shared_ptr<const Programme> programmeFor(const Settings& settings, const Ills& ills) {
    registerLiveSource();
    registerMetadataPayloader();
    if (!settings.launch.empty())
        return pipelineProgramme(settings);
    return settings.file.empty() ? sceneProgramme(settings, ills) : clipProgramme(settings);
}

RtspDigest::Algorithms algorithmsOf(Auth auth) {
    switch (auth) {
    case Auth::DigestSha256:
        return RtspDigest::Algorithms::Sha256;
    case Auth::DigestBoth:
        return RtspDigest::Algorithms::Both;
    default:
        return RtspDigest::Algorithms::Md5;
    }
}

RtspSettings rtspSettings(const Settings& settings, const Ills& ills,
                          std::vector<Recording> recordings) {
    RtspSettings rtsp;
    rtsp.ills = &ills;
    rtsp.address = settings.address;
    rtsp.port = settings.rtspPort;
    if (settings.auth != Auth::None) {
        rtsp.user = settings.user;
        rtsp.password = settings.password;
        rtsp.algorithms = algorithmsOf(settings.auth);
    }
    if (settings.tls)
        rtsp.certificate = selfSignedCertificate({settings.address, "localhost"});
    rtsp.multicast = settings.multicast;
    rtsp.backchannel = settings.backchannel;
    rtsp.recordings = std::move(recordings);
    return rtsp;
}

/// As the services list them.
std::vector<RecordedItem> items(const std::vector<Recording>& recordings) {
    std::vector<RecordedItem> all;
    for (const Recording& recording : recordings)
        all.push_back({recording.token,
                       recording.name,
                       {{videoTrack, "Video"}},
                       std::chrono::time_point_cast<Instant::duration>(recording.from),
                       std::chrono::time_point_cast<Instant::duration>(recording.until)});
    return all;
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
          recordings_(recordingsAt(std::chrono::system_clock::now())),
          programme_(programmeFor(settings, device_.ills)),
          rtsp_(rtspSettings(settings, device_.ills, recordings_), programme_->streams()),
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
    std::string rtspUrl(const std::string& path) const {
        return addressOf(settings_.tls ? "rtsps" : "rtsp", host(), rtsp_.port(), path);
    }
    const std::vector<Recording>& recordings() const { return recordings_; }
    Heard heard() const { return rtsp_.heard(); }
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
        device_.rtspTls = settings_.tls;
        device_.multicast = settings_.multicast;
        device_.auth = settings_.auth;
        for (const RtspStream& stream : programme_->streams())
            device_.profiles.push_back(stream.profile);
        services_.recordings.set(items(recordings_));
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
        control_.add("rtsp stop|start|restart|move",
                     [this](const std::string& what) { return steerRtsp(what); });
        control_.add("backchannel", [this](const std::string&) {
            const Heard heard = rtsp_.heard();
            return "packets=" + std::to_string(heard.packets) + " codec=" + heard.codec +
                   " frequency=" + std::to_string(static_cast<int>(heard.frequency)) +
                   " loudness=" + std::to_string(static_cast<int>(heard.loudness));
        });
    }

    std::string steerRtsp(const std::string& what) {
        if (what != "stop" && what != "start" && what != "restart" && what != "move")
            throw base::Error(base::ErrorKind::Settings,
                              "rtsp wants one of stop, start, restart and move.");
        if (what == "stop" || what == "restart")
            rtsp_.stop();
        if (what == "start" || what == "restart")
            rtsp_.start();
        if (what == "move")
            rtsp_.move();
        device_.rtspPort = rtsp_.port();
        return "port=" + std::to_string(rtsp_.port());
    }

    /// Answers who asked for it, says goodbye, is gone for a while, and comes back. In the web
    /// server's thread, as all of it.
    void reboot() {
        restart_ = soap_.loop().after(rebootDelay, [this] {
            discovery_.reset();
            soap_.power(false);
            rtsp_.stop();
            restart_ = soap_.loop().after(std::chrono::milliseconds(settings_.rebootMs),
                                          [this] { comeBack(); });
        });
    }

    void comeBack() {
        try {
            rtsp_.start();
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
    std::vector<Recording> recordings_;
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
    return impl_->rtspUrl("/" + token);
}

std::string VirtualCamera::snapshotUrl(const std::string& token) const {
    return addressOf("http", impl_->host(), impl_->httpPort(), snapshotPath + token);
}

CameraServices& VirtualCamera::services() { return impl_->services(); }

Ills& VirtualCamera::ills() { return impl_->ills(); }

const Control& VirtualCamera::control() const { return impl_->control(); }

RequestRecord& VirtualCamera::record() { return impl_->record(); }

unsigned VirtualCamera::wrongLogins() const { return impl_->wrongLogins(); }

Heard VirtualCamera::heard() const { return impl_->heard(); }

const std::vector<Recording>& VirtualCamera::recordings() const { return impl_->recordings(); }

std::string VirtualCamera::replayUrl(const Recording& recording) const {
    return impl_->rtspUrl(recording.path());
}

} // namespace camera
