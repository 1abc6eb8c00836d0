#include "asker.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace onvif {

namespace {

constexpr std::size_t maxQuestions = 256; ///< that an answer may still come to
constexpr int maxPerSocket = 256;         ///< so that a flood does not keep the caller

} // namespace

Asker::Asker(const std::vector<Way>& ways) {
    for (const Way& way : ways) {
        try {
            sockets_.emplace_back(way.local, way.interfaceIndex);
            targets_.push_back(way.targets);
        } catch (const base::Error&) {
            // An address that just went away: the others remain.
        }
    }
}

template <class Send>
void Asker::send(Send send) {
    for (const ProbeType type : {ProbeType::NetworkVideoTransmitter, ProbeType::Device}) {
        messageIds_.push_back(newMessageId());
        send(probeMessage(type, messageIds_.back()));
    }
    while (messageIds_.size() > maxQuestions)
        messageIds_.pop_front();
}

void Asker::askAll() {
    send([this](const std::string& probe) {
        for (std::size_t i = 0; i < sockets_.size(); i++)
            for (const net::SocketAddress& target : targets_[i])
                sockets_[i].send(target, probe);
    });
}

void Asker::ask(const net::SocketAddress& host) {
    net::DatagramSocket* socket = unbound(host.family());
    if (!socket)
        return;
    net::SocketAddress to = host;
    to.setPort(discoveryPort);
    send([&](const std::string& probe) { socket->send(to, probe); });
}

net::DatagramSocket* Asker::unbound(int family) {
    const auto fits = [&](const net::DatagramSocket& socket) {
        return socket.family() == family && socket.local().isAny();
    };
    auto it = std::find_if(sockets_.begin(), sockets_.end(), fits);
    if (it != sockets_.end())
        return &*it;
    try {
        sockets_.emplace_back(net::SocketAddress::any(family, 0), 0);
        targets_.emplace_back();
        return &sockets_.back();
    } catch (const base::Error&) {
        return nullptr; // no IPv6 on this machine
    }
}

std::vector<Found> Asker::listen() {
    std::vector<net::Datagram> answers;
    const auto now = Quota::Clock::now();
    // First all that is there, so that the system's buffer has room, then the reading of it.
    for (net::DatagramSocket& socket : sockets_)
        for (int i = 0; i < maxPerSocket; i++) {
            auto datagram = socket.receive();
            if (!datagram)
                break;
            if (quota_.admit(datagram->from, datagram->bytes.size(), now))
                answers.push_back(std::move(*datagram));
        }
    const std::vector<std::string> ids(messageIds_.begin(), messageIds_.end());
    std::vector<Found> all;
    for (const net::Datagram& answer : answers)
        for (Found& found : probeMatches(answer.bytes, answer.from.host(), ids))
            all.push_back(std::move(found));
    return all;
}

std::vector<int> Asker::descriptors() const {
    std::vector<int> all;
    for (const net::DatagramSocket& socket : sockets_)
        all.push_back(socket.descriptor());
    return all;
}

} // namespace onvif
