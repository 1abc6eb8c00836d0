#pragma once

#include "web/segmentstore.hpp"
#include "web/site.hpp"

#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace web {

/// Requests for what is not made yet: playlists as they will be, and parts that were announced
/// (draft-pantos-hls-rfc8216bis, 6.2.5.2). They are answered when it is there or when it is late;
/// a stranger may ask for the future as often as for anything else, so there are never many.
class SegmentWaiters : public std::enable_shared_from_this<SegmentWaiters> {
public:
    static constexpr std::size_t most = 128;
    /// Of one address, but not of this machine's own: a proxy there speaks for many. A player waits
    /// for a playlist and a part of each of picture and sound.
    static constexpr std::size_t mostEach = 32;
    /// Answers in the loop's thread; `late` when there is nothing to give.
    using Answer = std::function<void(const Site::Exchange& exchange, bool late)>;

    SegmentWaiters(std::shared_ptr<SegmentStore> store, std::shared_ptr<net::EventLoop> loop,
                   std::chrono::milliseconds patience, Answer answer);

    /// In the loop's thread. Where there are too many it is late at once.
    void await(const Site::Exchange& exchange, const SegmentStore::Wish& wish);
    /// Something may be there. From any thread.
    void made();
    /// In the loop's thread: all are late, and so is who comes after.
    void close();

private:
    struct Waiter {
        unsigned id;
        Site::Exchange exchange;
        SegmentStore::Wish wish;
        net::Timer late;
    };

    bool isFull(const std::string& address) const;
    void answer();
    void expire(unsigned id);

    const std::shared_ptr<SegmentStore> store_;
    const std::shared_ptr<net::EventLoop> loop_;
    const std::chrono::milliseconds patience_;
    const Answer answer_;
    std::mutex mutex_; ///< of the next two
    std::size_t waiting_ = 0;
    bool posted_ = false; ///< answer() is on its way

    // The loop's thread only.
    std::list<Waiter> waiters_;
    unsigned lastId_ = 0;
    bool closed_ = false;
};

} // namespace web
