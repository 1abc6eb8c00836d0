#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace support {

/// A client that asks for an address of this machine on a plain socket, and reads only when it is
/// told to.
class PlainClient {
public:
    /// `receiveBuffer`: bytes that the kernel takes for it, 0 for as many as it likes.
    explicit PlainClient(unsigned port, const std::string& path, const std::string& version = "1.1",
                         int receiveBuffer = 0)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receiveBuffer)
            setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const std::string request =
            "GET " + path + " HTTP/" + version + "\r\nHost: 127.0.0.1\r\n\r\n";
        if (connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
            send(socket_, request.data(), request.size(), MSG_NOSIGNAL) <= 0)
            throw std::runtime_error("nobody listens");
    }
    PlainClient(PlainClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), ended_(other.ended_) {}
    ~PlainClient() {
        if (socket_ >= 0)
            ::close(socket_);
    }

    /// What is there, 64 KiB at most.
    std::string take() {
        char buffer[65536];
        const ssize_t n = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
        ended_ |= n == 0;
        return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : "";
    }
    /// The server has nothing more to say.
    bool ended() const { return ended_; }

private:
    int socket_;
    bool ended_ = false;
};

} // namespace support
