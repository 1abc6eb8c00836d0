#include "web/segmentwaiters.hpp"

#include "net/ratelimit.hpp"

#include <algorithm>
#include <utility>

namespace web {

SegmentWaiters::SegmentWaiters(std::shared_ptr<SegmentStore> store,
                               std::shared_ptr<net::EventLoop> loop,
                               std::chrono::milliseconds patience, Answer answer)
    : store_(std::move(store)), loop_(std::move(loop)), patience_(patience),
      answer_(std::move(answer)) {}

bool SegmentWaiters::isFull(const std::string& address) const {
    if (waiters_.size() >= most)
        return true;
    const std::string who = net::neighbourhood(address);
    const auto theirs = std::count_if(waiters_.begin(), waiters_.end(), [&](const Waiter& each) {
        return net::neighbourhood(each.exchange->request().remote) == who;
    });
    return !net::isLoopback(address) && static_cast<std::size_t>(theirs) >= mostEach;
}

void SegmentWaiters::await(const Site::Exchange& exchange, const SegmentStore::Wish& wish) {
    if (closed_ || isFull(exchange->request().remote))
        return answer_(exchange, true);
    const unsigned id = ++lastId_;
    waiters_.push_back({id, exchange, wish, loop_->after(patience_, [this, id] { expire(id); })});
    {
        const std::lock_guard lock(mutex_);
        waiting_ = waiters_.size();
    }
    answer(); // it may have been made since it was asked for
}

void SegmentWaiters::made() {
    const std::lock_guard lock(mutex_);
    if (waiting_ == 0 || std::exchange(posted_, true))
        return;
    loop_->post([weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->answer();
    });
}

void SegmentWaiters::answer() {
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
    }
    std::list<Waiter> ready;
    for (auto each = waiters_.begin(); each != waiters_.end();) {
        const auto next = std::next(each);
        if (store_->answerTo(each->wish) != SegmentStore::Answer::ToCome)
            ready.splice(ready.end(), waiters_, each);
        each = next;
    }
    {
        const std::lock_guard lock(mutex_);
        waiting_ = waiters_.size();
    }
    for (const Waiter& waiter : ready)
        answer_(waiter.exchange, false);
}

void SegmentWaiters::expire(unsigned id) {
    const auto late = std::find_if(waiters_.begin(), waiters_.end(),
                                   [id](const Waiter& each) { return each.id == id; });
    const Site::Exchange exchange = late->exchange;
    waiters_.erase(late);
    answer_(exchange, true);
}

void SegmentWaiters::close() {
    closed_ = true;
    for (const Waiter& waiter : std::exchange(waiters_, {}))
        answer_(waiter.exchange, true);
}

} // namespace web
