#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// A TCP connection to a port of 127.0.0.1 that says exactly what it is told to say.
class Caller {
public:
    /// `from` is the address it comes from: all of 127.0.0.0/8 are this machine's.
    explicit Caller(unsigned port, const char* from = nullptr)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval limit{20, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in at = address(from ? from : "127.0.0.1", 0);
        if (from && bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
            throw std::runtime_error("cannot call from that address");
        at = address("127.0.0.1", port);
        if (connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
            throw std::runtime_error("nobody listens");
    }
    ~Caller() { ::close(socket_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    bool say(const std::string& text) {
        return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(text.size());
    }

    /// Everything until the other side hangs up. `ended` tells whether it did.
    std::string listen() {
        std::string heard;
        char buffer[4096];
        ssize_t n;
        while ((n = recv(socket_, buffer, sizeof buffer, 0)) > 0)
            heard.append(buffer, static_cast<std::size_t>(n));
        ended = n == 0 || errno == ECONNRESET;
        return heard;
    }

    ssize_t take(char* into, std::size_t most) { return recv(socket_, into, most, 0); }
    void hangUp() { shutdown(socket_, SHUT_RDWR); }
    int descriptor() const { return socket_; }

    /// Hanging up ends in a reset, whatever was said and not yet read.
    void reset() {
        const linger at{1, 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at, sizeof at);
    }

    bool ended = false;

private:
    static sockaddr_in address(const char* ip, unsigned port) {
        sockaddr_in made{};
        made.sin_family = AF_INET;
        made.sin_port = htons(static_cast<uint16_t>(port));
        inet_pton(AF_INET, ip, &made.sin_addr);
        return made;
    }

    int socket_;
};

/// An answer read to its letter: no redirect followed, no cookie kept.
struct RawAnswer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;

    static RawAnswer parse(const std::string& text) {
        RawAnswer answer;
        const auto end = text.find("\r\n\r\n");
        if (text.rfind("HTTP/1.1 ", 0) != 0 || end == text.npos)
            return answer;
        answer.status = std::atoi(text.c_str() + 9);
        for (auto at = text.find("\r\n") + 2; at < end + 2;) {
            const auto stop = text.find("\r\n", at);
            const auto colon = text.find(": ", at);
            std::string name = text.substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            });
            answer.headers.emplace_back(name, text.substr(colon + 2, stop - colon - 2));
            at = stop + 2;
        }
        answer.body = text.substr(end + 4);
        return answer;
    }

    /// The values of all headers of that name (in lower case), joined by ", ".
    std::string header(const std::string& name) const {
        std::string all;
        for (const auto& [key, value] : headers)
            if (key == name)
                all += (all.empty() ? "" : ", ") + value;
        return all;
    }
};

/// One request on a connection of its own; `more` are whole header lines.
inline RawAnswer rawAsk(unsigned port, const std::string& method, const std::string& target,
                        const std::string& more = "", const std::string& body = "",
                        const char* from = nullptr) {
    Caller caller(port, from);
    std::string text = method + " " + target +
                       " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" + more;
    if (!body.empty())
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    caller.say(text + "\r\n" + body);
    return RawAnswer::parse(caller.listen());
}

} // namespace support
