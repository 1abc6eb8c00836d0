#pragma once

#include "support/freeport.hpp"

#include <gst/check/gstcheck.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

/// Does what a TCP peer may do: not be there, take everything, take nothing, go.
class TcpPeer {
public:
    explicit TcpPeer(unsigned port = support::freePort())
        : port(port), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int yes = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(static_cast<std::uint16_t>(port));
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fail_unless(bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        fail_unless(listen(listener_, 4) == 0);
        const timeval patience{120, 0};
        setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~TcpPeer() {
        hangUp();
        close(listener_);
    }
    TcpPeer(const TcpPeer&) = delete;
    TcpPeer& operator=(const TcpPeer&) = delete;

    void take() {
        guest_ = accept(listener_, nullptr, nullptr);
        fail_unless(guest_ >= 0, "nobody came");
        const timeval patience{120, 0};
        setsockopt(guest_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    std::vector<unsigned char> read(std::size_t size) {
        std::vector<unsigned char> bytes(size);
        std::size_t got = 0;
        while (got < size) {
            const auto n = recv(guest_, bytes.data() + got, size - got, 0);
            fail_unless(n > 0, "the branch fell silent");
            got += static_cast<std::size_t>(n);
        }
        return bytes;
    }
    void say(const std::string& text) {
        const auto size = static_cast<ssize_t>(text.size());
        fail_unless(send(guest_, text.data(), text.size(), MSG_NOSIGNAL) == size);
    }
    /// To a guest that may have left.
    void mention(const std::string& text) { send(guest_, text.data(), text.size(), MSG_NOSIGNAL); }
    void hangUp() {
        if (guest_ >= 0)
            close(guest_);
        guest_ = -1;
    }

    const unsigned port;

private:
    int listener_, guest_ = -1;
};
