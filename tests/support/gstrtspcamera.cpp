#include "support/gstrtspcamera.hpp"

#include "support/gstrtspserver.hpp"

#include <mutex>

namespace camera {

class RtspCamera::Impl {
public:
    Impl(const RtspSettings& settings, std::vector<RtspStream> streams)
        : settings_(settings), streams_(std::move(streams)), loudspeaker_(settings.backchannel) {
        if (!settings_.ills)
            settings_.ills = &well_;
        listen();
    }

    unsigned port() const {
        const std::lock_guard lock(mutex_);
        return settings_.port;
    }
    void requestKeyFrame(const std::string& token) {
        const std::lock_guard lock(mutex_);
        if (server_)
            server_->requestKeyFrame(token);
    }
    Heard heard() const { return loudspeaker_.heard(); }

    void stop() {
        const std::lock_guard lock(mutex_);
        server_.reset();
    }
    void start() {
        const std::lock_guard lock(mutex_);
        if (!server_)
            listen();
    }
    void move() {
        const std::lock_guard lock(mutex_);
        // While the old port is still taken a free one cannot be the same.
        auto old = std::move(server_);
        settings_.port = 0;
        listen();
    }

private:
    void listen() {
        server_ = std::make_unique<RtspServer>(settings_, streams_, loudspeaker_);
        settings_.port = server_->port();
    }

    mutable std::mutex mutex_;
    const Ills well_;
    RtspSettings settings_;
    std::vector<RtspStream> streams_;
    Loudspeaker loudspeaker_;
    std::unique_ptr<RtspServer> server_;
};

RtspCamera::RtspCamera(const RtspSettings& settings, std::vector<RtspStream> streams)
    : impl_(std::make_unique<Impl>(settings, std::move(streams))) {}

RtspCamera::~RtspCamera() = default;

unsigned RtspCamera::port() const { return impl_->port(); }

void RtspCamera::requestKeyFrame(const std::string& token) { impl_->requestKeyFrame(token); }

Heard RtspCamera::heard() const { return impl_->heard(); }

void RtspCamera::stop() { impl_->stop(); }

void RtspCamera::start() { impl_->start(); }

void RtspCamera::move() { impl_->move(); }

} // namespace camera
