#pragma once

#include <cstdint>
#include <map>

namespace imagezmq {

/// How much each TCP connection has brought since its last whole message. libzmq bounds the parts
/// of a message, not their number, and hands a message out when its last part has come: of one
/// without end it would keep all (156 MB sent were 140 MB of memory, and nothing to receive). What
/// the system counts tells of it; over ipc it does not count.
class Intake {
public:
    /// Bytes that may lie between two messages.
    explicit Intake(std::uint64_t most) : most_(most) {}

    void connected(int descriptor);
    void disconnected(int descriptor) { begun_.erase(descriptor); }
    /// A message has come whole, by this connection; by one or another where it is negative.
    void whole(int descriptor);
    bool overflows() const;
    bool empty() const { return begun_.empty(); }
    std::size_t size() const { return begun_.size(); }
    void clear() { begun_.clear(); }

private:
    std::uint64_t most_;
    std::map<int, std::uint64_t> begun_; ///< of each descriptor, bytes before the next message
};

} // namespace imagezmq
