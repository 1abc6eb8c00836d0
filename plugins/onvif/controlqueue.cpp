#include "controlqueue.hpp"

#include "net/deadline.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds lastWord{300};

} // namespace

struct ControlQueue::State {
    explicit State(OpenCamera open) : open_(std::move(open)) {}

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;                   // mutex
    bool stopping = false, running = false; // mutex
    bool reopen = false;                    // mutex
    std::thread thread;                     // whoever starts and stops it
    net::Cancel cancel;

    void work();

private:
    std::optional<Job> next();
    void perform(const Job& job);
    void halt();
    void haltForGood();

    const OpenCamera open_;
    std::unique_ptr<Camera> camera_; // the thread's own, as all below
    std::optional<Clock::time_point> haltAt_;
};

/// The next thing to do: a job, nothing when the head's time is up, or nothing at the end.
std::optional<ControlQueue::Job> ControlQueue::State::next() {
    std::unique_lock<std::mutex> lock(mutex);
    const auto due = [this] { return stopping || !jobs.empty(); };
    if (haltAt_)
        changed.wait_until(lock, *haltAt_, due);
    else
        changed.wait(lock, due);
    if (stopping || jobs.empty())
        return std::nullopt;
    // A head that only we can stop waits for nothing, but a move is as good as a stop.
    if (haltAt_ && *haltAt_ <= Clock::now() && !jobs.front().motion)
        return std::nullopt;
    Job job = std::move(jobs.front());
    jobs.pop_front();
    return job;
}

void ControlQueue::State::perform(const Job& job) {
    try {
        {
            const std::lock_guard<std::mutex> lock(mutex);
            if (std::exchange(reopen, false))
                camera_.reset();
        }
        if (!camera_)
            camera_ = open_(cancel);
        const milliseconds onlyFor = job.run(*camera_);
        if (job.motion)
            haltAt_ =
                onlyFor > milliseconds(0) ? std::optional(Clock::now() + onlyFor) : std::nullopt;
    } catch (const net::Cancelled&) {
        job.failed(Error(ErrorKind::Failed, "It was stopped before the camera answered."));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Unreachable)
            camera_.reset(); // it may be found elsewhere
        job.failed(error);
    } catch (const std::exception& error) {
        job.failed(Error(ErrorKind::Failed,
                         "Something unexpected happened while asking the camera.", error.what()));
    }
}

void ControlQueue::State::halt() {
    haltAt_.reset();
    perform({true,
             [](Camera& camera) {
                 camera.ptz().stop();
                 return milliseconds(0);
             },
             [](const Error&) {}});
}

void ControlQueue::State::haltForGood() {
    if (!haltAt_ || !camera_)
        return;
    try {
        const net::Deadline deadline(lastWord);
        camera_->again(deadline.cancel(), lastWord)->ptz().stop();
    } catch (const std::exception&) {
        // It cannot be told any more.
    }
}

void ControlQueue::State::work() {
    for (;;) {
        if (const auto job = next()) {
            perform(*job);
            continue;
        }
        {
            const std::lock_guard<std::mutex> lock(mutex);
            if (stopping)
                break;
        }
        halt();
    }
    haltForGood();
    std::deque<Job> rest;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        rest.swap(jobs);
    }
    for (const Job& job : rest)
        job.failed(Error(ErrorKind::Failed, "It was stopped before the camera was asked."));
}

ControlQueue::ControlQueue(OpenCamera open) : state_(std::make_shared<State>(std::move(open))) {}

ControlQueue::~ControlQueue() { stop(); }

void ControlQueue::add(Job job) {
    std::optional<Job> replaced;
    {
        const std::lock_guard<std::mutex> lock(state_->mutex);
        auto& jobs = state_->jobs;
        const auto older = std::find_if(jobs.begin(), jobs.end(), [&](const Job& waiting) {
            return job.motion && waiting.motion;
        });
        if (older != jobs.end()) {
            replaced = std::move(*older);
            jobs.erase(older);
        }
        if ((jobs.size() < maxWaiting || job.urgent) && !state_->stopping) {
            jobs.insert(job.urgent ? jobs.begin() : jobs.end(), std::move(job));
            job = {};
            if (!state_->running) {
                state_->running = true;
                state_->thread = std::thread([state = state_] { state->work(); });
            }
        }
    }
    state_->changed.notify_one();
    if (replaced)
        replaced->failed(Error(ErrorKind::Busy, "A newer move took the place of this one."));
    if (job.failed)
        job.failed(Error(ErrorKind::Busy, "Too much is asked of the camera at once: wait for its "
                                          "answers, or it has been stopped."));
}

void ControlQueue::reopen() {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->reopen = true;
}

void ControlQueue::stop() {
    {
        const std::lock_guard<std::mutex> lock(state_->mutex);
        state_->stopping = true;
    }
    state_->cancel.cancel();
    state_->changed.notify_one();
    if (!state_->thread.joinable())
        return;
    if (state_->thread.get_id() == std::this_thread::get_id())
        state_->thread.detach(); // it owns the state with us
    else
        state_->thread.join();
}

} // namespace onvif
