#pragma once

#include "net/datagram.hpp"

#include <chrono>
#include <map>
#include <string>

namespace onvif {

/// How much is read of what the network sends, within each 10 s: 16 MiB and 8192 datagrams from
/// all, a quarter of that from one host, and nothing from more than 1024 hosts. A hundred cameras
/// behind one address that answer six questions each are well below.
class Quota {
public:
    using Clock = std::chrono::steady_clock;

    /// Whether this one is to be read.
    bool admit(const net::SocketAddress& from, std::size_t bytes, Clock::time_point now) {
        if (now - start_ >= std::chrono::seconds(10)) {
            start_ = now;
            all_ = {};
            hosts_.clear();
        }
        const std::string name = from.host();
        auto host = hosts_.find(name);
        if (host == hosts_.end() && hosts_.size() < maxHosts)
            host = hosts_.emplace(name, Use{}).first;
        if (host == hosts_.end() || !fits(all_, bytes, 1) || !fits(host->second, bytes, 4))
            return false;
        add(all_, bytes);
        add(host->second, bytes);
        return true;
    }
    /// Whether anything more would be read before this time.
    bool spent() const {
        return all_.datagrams >= maxDatagrams ||
               all_.bytes + net::DatagramSocket::maxBytes > maxBytes;
    }
    Clock::time_point end() const { return start_ + std::chrono::seconds(10); }

private:
    struct Use {
        std::size_t datagrams = 0, bytes = 0;
    };
    static constexpr std::size_t maxDatagrams = 8192, maxBytes = 16 * 1024 * 1024, maxHosts = 1024;

    static bool fits(const Use& use, std::size_t bytes, std::size_t part) {
        return use.datagrams < maxDatagrams / part && use.bytes + bytes <= maxBytes / part;
    }
    static void add(Use& use, std::size_t bytes) {
        use.datagrams++;
        use.bytes += bytes;
    }

    Clock::time_point start_{};
    Use all_;
    std::map<std::string, Use> hosts_;
};

} // namespace onvif
