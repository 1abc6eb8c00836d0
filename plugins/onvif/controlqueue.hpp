#pragma once

#include "base/error.hpp"
#include "camera.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace onvif {

/// Does what is asked of a camera, one thing after another, in a thread of its own that starts with
/// the first, so that nobody who asks waits for a network. The camera is opened when it is needed
/// and again after it was not reached.
///
/// A head can only go one way: what is asked of it takes the place of what was asked before and not
/// begun, so that a joystick's hundred moves a second do not pile up in front of a slow device.
class ControlQueue {
public:
    struct Job {
        bool motion = false; ///< moves the head, or stops it
        /// Returns how long the head may go on before it has to be stopped; zero: it stops by
        /// itself.
        std::function<std::chrono::milliseconds(Camera&)> run;
        std::function<void(const base::Error&)> failed; ///< instead of `run`, or after it threw
        bool urgent = false; ///< a motion that stops the head: goes before all that waits
    };
    /// As many as wait at most; more are refused (base::ErrorKind::Busy).
    static constexpr std::size_t maxWaiting = 64;

    /// `open` is called in the queue's thread.
    explicit ControlQueue(OpenCamera open);
    ~ControlQueue(); ///< as `stop`
    ControlQueue(const ControlQueue&) = delete;
    ControlQueue& operator=(const ControlQueue&) = delete;

    /// From any thread; returns at once. Either `run` or `failed` is called, in the queue's thread,
    /// or `failed` here where the queue is full.
    void add(Job job);

    /// Opens the camera anew for the next job: it is another one, or is spoken to in another way.
    void reopen();

    /// Ends what is under way, and the thread; what waits fails. A head that only we could stop is
    /// stopped first, which takes as long as the camera's answer, at most 300 ms. May be called in
    /// the queue's thread, by the last owner of something that a job has called.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace onvif
