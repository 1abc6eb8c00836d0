#pragma once

#include "glue/videoframe.hpp"
#include "player.hpp"
#include "support/barcode.hpp"
#include "support/gstvirtualcamera.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <gst/app/gstappsink.h>

#include <arpa/inet.h>
#include <unistd.h>

#include <string>

// What tests of the virtual camera have in common: stock clients on real sockets.

inline camera::Settings small() {
    camera::Settings settings;
    settings.width = 640;
    settings.height = 360;
    settings.fps = 10;
    settings.interfaces = {"lo"};
    return settings;
}

inline glue::Ref<GstSample> pull(Player& player, const char* sink) {
    const glue::Ref<GstElement> element = player[sink];
    glue::Ref<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(element.get()), 120 * GST_SECOND));
    if (!sample) {
        player.expectErrorOrEnd();
        ck_abort_msg("%s saw nothing more: %s", sink, player.error.c_str());
    }
    return sample;
}

/// Sees what a stock client sees.
inline std::string viewer(const std::string& url, const char* protocols, const char* sink = "out") {
    return "rtspsrc protocols=" + std::string(protocols) + " latency=100 location=" + url +
           " ! rtph264depay wait-for-keyframe=true ! avdec_h264 ! videoconvert ! "
           "video/x-raw,format=BGRx ! appsink "
           "sync=false "
           "max-buffers=5 name=" +
           sink;
}

/// The number in a decoded BGRx picture.
inline std::uint32_t numberOf(GstSample* sample) {
    GstVideoInfo info;
    fail_unless(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
    const glue::MappedFrame mapped(info, gst_sample_get_buffer(sample), GST_MAP_READ);
    return camera::readBarcode(mapped.readable());
}

using support::becomes, support::descriptors, support::threadNames, support::threads;

inline std::string portOf(const std::string& url) {
    const auto colon = url.rfind(':');
    return url.substr(colon + 1, url.find('/', colon) - colon - 1);
}

/// A connection to a port of the camera, without any client's manners.
class Connection {
public:
    explicit Connection(const std::string& url)
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(portOf(url))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fail_unless(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
        patience(120);
    }
    ~Connection() { close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(const std::string& bytes) const {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0)
                break;
            sent += static_cast<std::size_t>(n);
        }
    }
    /// Until the other side closes.
    std::string all() const { return until({}); }
    /// Up to and with `end`, or what came before the other side closed.
    std::string until(const std::string& end) const {
        std::string text;
        char byte;
        while ((end.empty() || text.size() < end.size() ||
                text.compare(text.size() - end.size(), end.size(), end) != 0) &&
               recv(fd_, &byte, 1, 0) == 1)
            text += byte;
        return text;
    }

    /// How long it waits for the other side.
    void patience(int seconds) const {
        const timeval time{seconds, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    }
    /// So many bytes, or fewer when the other side closed or is silent.
    std::string some(std::size_t count) const {
        std::string bytes(count, 0);
        const auto size = recv(fd_, bytes.data(), count, MSG_WAITALL);
        bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return bytes;
    }
    std::string read(std::size_t count) const {
        std::string bytes(count, 0);
        fail_unless(recv(fd_, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count),
                    "%zu bytes did not come", count);
        return bytes;
    }

private:
    int fd_;
};

/// Whether somebody listens at the port of an address on this machine.
inline bool canConnect(const std::string& url) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(portOf(url))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    close(fd);
    return connected;
}

inline bool says(const std::string& answer, const std::string& text) {
    return answer.find(text) != std::string::npos;
}
