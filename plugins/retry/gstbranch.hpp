#pragma once

#include "glue/ref.hpp"
#include "gstjoint.hpp"
#include "gstloss.hpp"
#include "net/backoff.hpp"
#include "net/eventloop.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace retry {

/// The pipeline behind a retrysink or retrysrc, which may fail: it is made, watched, taken down and
/// made anew in a thread of its own, so that nobody waits for its peer.
class Branch {
public:
    struct Stats {
        bool connected = false;
        unsigned tries = 0, losses = 0;
        std::string reason; ///< of the latest loss
    };

    /// Throws base::Error (Settings) for a branch that can never be made.
    Branch(GstElement* owner, GstDebugCategory* category, const RetrySettings& settings,
           std::shared_ptr<Joint> joint);
    /// Gives the branch the time it has to write its end, and takes it down.
    ~Branch();
    Branch(const Branch&) = delete;
    Branch& operator=(const Branch&) = delete;

    /// The owner plays: from now on tries are made.
    void start();
    /// No more will come: returns when the branch has written its end, or has had its time.
    void finish();
    Stats stats() const;

private:
    glue::Ref<GstElement> make() const;
    void connect();
    void watch();
    void settle();
    void sayWaiting();
    void lose(const Loss& loss);
    void refuse(const Loss& loss);
    void takeDown();
    void tell(const char* what, GstStructure* facts);
    static GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer data);

    GstElement* owner_;
    GstDebugCategory* category_;
    const RetrySettings settings_;
    const std::shared_ptr<Joint> joint_;
    net::Backoff backoff_;
    // The loop's thread only.
    glue::Ref<GstElement> pipeline_;
    std::shared_ptr<bool> current_; ///< held weakly by what a pipeline may still have to say
    net::Timer again_, watching_, settling_;
    bool finishing_ = false;
    bool settled_ = false; ///< it was connected once
    unsigned attempt_ = 0; ///< that failed since
    bool waited_ = false;  ///< for the first peer, and said so

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Stats stats_;
    bool finished_ = false; ///< the end has been written, or there is nothing to write it
    net::EventLoop loop_;   ///< last: it ends first
};

} // namespace retry
