#pragma once

#include "base/detection.hpp"
#include "base/error.hpp"
#include "base/frame.hpp"
#include "input.hpp"
#include "loader.hpp"
#include "meter.hpp"
#include "schedule.hpp"
#include "settings.hpp"
#include "worker.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace yolo {

struct Stats {
    std::uint64_t frames = 0;
    std::uint64_t dropped = 0;        ///< due for inference and passed over, mode live
    std::uint64_t still = 0;          ///< without motion, and therefore not looked at
    std::uint64_t skippedRegions = 0; ///< objects not looked into, as there were too many
    Timing timing;
    double prepareMs = 0;            ///< from frame to tensor, mean
    std::chrono::nanoseconds age{0}; ///< of the last detections that were handed out
};

/// What comes with a frame besides its pixels.
struct Context {
    /// What a detector before this one found, for `Where::RoiList`.
    const std::vector<base::Detection>* upstream = nullptr;
    /// Who shows the frames cannot keep up.
    bool late = false;
};

/// The thought of the element: frames in, detections out. `process` and `flush` belong to the
/// streaming thread, the others to any.
class Detector {
public:
    /// Called in any thread.
    struct Events {
        std::function<void(const Model&)> loaded;
        /// Nothing has changed; `none`: there is no network to go on with either.
        std::function<void(const base::Error&, bool none)> refused;
    };

    /// Mode sync: loads the network that `settings` name and throws base::Error where that fails.
    /// Mode live: returns at once, and `events` tell how the loading went; frames pass without
    /// detections until then. Throws base::Error for settings that no network can have.
    static std::unique_ptr<Detector> open(const Settings& settings, Events events = {});
    /// Throws base::Error for settings that the network cannot have.
    Detector(const Settings& settings, std::shared_ptr<Network> network, Events events = {});

    /// The detections that go with `frame`; nothing while the network has not answered yet (mode
    /// live). `time` goes on from frame to frame. Throws base::Error when the network fails.
    std::optional<base::Detections> process(const base::Frame& frame, std::chrono::nanoseconds time,
                                            const Context& context = {});
    /// The stream begins anew: what was found before does not belong to it.
    void flush();
    /// Takes what may change while running. Another network is loaded beside the stream and takes
    /// over between two frames. Throws base::Error for classes or regions that do not exist;
    /// nothing has changed then.
    void configure(const Settings& settings);

    /// Nothing while the first one is being loaded.
    std::shared_ptr<const Network> network() const;
    Stats stats() const;

private:
    /// The stream's use of one network.
    struct Use {
        std::shared_ptr<Network> network;
        InputMaker maker;
        Limits limits;                      ///< mode sync, under mutex_
        std::unique_ptr<Worker::Seat> seat; ///< mode live; before network, which it needs
        std::optional<Result> latest;       ///< mode sync, streaming thread
    };

    Detector(const Settings& settings, Events events);
    std::shared_ptr<Use> use(std::shared_ptr<Network> network, const Settings& settings);
    void adopt(std::shared_ptr<Network> network, const Settings& settings);
    void refuse(const base::Error& error);
    std::shared_ptr<Use> current();
    std::vector<base::Rect> regions(const Context& context);
    void look(Use& use, const base::Frame& frame, std::chrono::nanoseconds time,
              const Context& context);

    const Events events_;
    const Mode mode_;
    const std::shared_ptr<Meter> meter_ = std::make_shared<Meter>();
    // Of the streaming thread.
    Schedule schedule_;
    Where where_ = Where::FullFrame;
    base::Rect roi_{0, 0, 1, 1};
    std::vector<std::string> objectClasses_;
    Job job_;
    // Of all threads.
    mutable std::mutex mutex_;
    Settings settings_;
    bool changed_ = true; ///< settings_, since the streaming thread has looked
    std::shared_ptr<Use> use_, next_;
    Stats stats_;
    std::uint64_t prepared_ = 0;
    std::uint64_t droppedBefore_ = 0; ///< by seats that are gone, and before there was one
    Loader loader_;                   ///< last: it calls back
};

} // namespace yolo
