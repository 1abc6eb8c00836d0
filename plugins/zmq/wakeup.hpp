#pragma once

namespace imagezmq {

/// Ends the wait of a thread that sleeps on sockets (an eventfd; Linux).
class Wakeup {
public:
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    void call() const; ///< from any thread; calls add up to one
    void clear() const;
    int descriptor() const { return fd_; } ///< readable once called, until cleared

private:
    int fd_;
};

} // namespace imagezmq
