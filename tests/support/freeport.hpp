#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace support {

inline bool isFree(unsigned port) {
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(probe, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    close(probe);
    return free;
}

/// One that nobody has, and that nobody gets by chance while its owner is away: the system hands
/// out those from 32768 on. Tests beside this one begin to count elsewhere.
inline unsigned freePort() {
    static unsigned next = 20000 + static_cast<unsigned>(getpid()) * 16 % 12000;
    while (!isFree(next))
        next++;
    return next++;
}

} // namespace support
