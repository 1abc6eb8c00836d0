#pragma once

#include "net/datagram.hpp"
#include "probe.hpp"
#include "quota.hpp"
#include "ways.hpp"

#include <deque>
#include <string>
#include <vector>

namespace onvif {

/// Asks who is a camera and hears the answers: the sockets, the questions, and which answers are to
/// one of them. Never waits.
class Asker {
public:
    explicit Asker(const std::vector<Way>& ways);

    /// Both probes through every way to whom it leads to. New questions each time: a device that
    /// has answered and was not heard answers again.
    void askAll();
    /// Both probes to one host's discovery port, from any address of ours.
    void ask(const net::SocketAddress& host);
    /// The cameras of the answers that are there, in the order of their coming. At most some
    /// hundred datagrams each time.
    std::vector<Found> listen();

    bool deaf() const { return sockets_.empty(); } ///< no way was usable
    const Quota& quota() const { return quota_; }
    std::vector<int> descriptors() const;

private:
    template <class Send>
    void send(Send send);
    net::DatagramSocket* unbound(int family);

    std::vector<net::DatagramSocket> sockets_;
    std::vector<std::vector<net::SocketAddress>> targets_; ///< by socket
    std::deque<std::string> messageIds_;                   ///< of the latest questions
    Quota quota_;
};

} // namespace onvif
