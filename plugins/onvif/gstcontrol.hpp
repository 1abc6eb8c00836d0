#pragma once

#include "controlqueue.hpp"
#include "gstonvifsrc.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace onvif {

/// What is asked of the camera of one onvifsrc, beside its stream: the thread that asks, and where
/// the answers go, which is into the promise that came with an action, else onto the bus as an
/// element message "onvif-action". Both are a structure of that name: "action" and what came out,
/// or "error" (a GError).
class Control : public Companion {
public:
    /// Adds what came out to `facts`; as ControlQueue::Job::run.
    using Work = std::function<std::chrono::milliseconds(Camera&, GstStructure* facts)>;

    explicit Control(GstOnvifSrc* owner);
    ~Control() override;
    static Control& of(GstOnvifSrc* element);

    enum class Kind { Question, Motion, Stop };

    /// From any thread, in any state; returns at once. `action` lives for ever.
    void add(const char* action, Kind kind, GstPromise* promise, Work work);
    /// What was asked and not answered fails.
    void stop() override;

private:
    class Slot;
    std::shared_ptr<ControlQueue> queue();

    GstOnvifSrc* owner_;
    const std::shared_ptr<Slot> slot_; ///< which camera is meant
    std::mutex mutex_;
    std::shared_ptr<ControlQueue> queue_; ///< mutex
};

} // namespace onvif
