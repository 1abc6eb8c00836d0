#include "gstonvifevents.hpp"

#include "eventfeed.hpp"
#include "glue/guard.hpp"
#include "gsteventfacts.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#define GST_CAT_DEFAULT onvifsrc_debug

namespace onvif {

namespace {

/// One listening, from the camera's first answer to the stop of the element.
struct Listening {
    net::Cancel cancel;
    std::thread thread;
    std::atomic<bool> done{false};
    std::mutex mutex;
    Target target; // mutex
};

/// With the running time of this moment, a few milliseconds after the camera told; without before
/// the pipeline has a clock.
void post(GstOnvifSrc* owner, const Event& event) {
    GstStructure* facts =
        eventFacts(event, gst_element_get_current_running_time(GST_ELEMENT(owner)));
    gst_element_post_message(GST_ELEMENT(owner), gst_message_new_element(GST_OBJECT(owner), facts));
}

void lost(GstOnvifSrc* owner, const base::Error& error, bool final) {
    if (!final) {
        GST_INFO_OBJECT(owner, "no events for now: %s", error.what());
        return;
    }
    gst_element_message_full(GST_ELEMENT(owner), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                             glue::resourceError(error.kind()),
                             g_strdup_printf("The camera's events are not heard. %s", error.what()),
                             g_strdup(error.details().c_str()), __FILE__, "lost", __LINE__);
}

/// In a thread of its own. After `cancel` was thrown, `owner` is not touched.
void listen(GstOnvifSrc* owner, Listening& own) {
    const OpenCamera open = [&own](const net::Cancel& cancel) {
        const std::lock_guard<std::mutex> lock(own.mutex);
        return std::make_unique<Camera>(own.target, cancel);
    };
    EventListener listener;
    listener.happened = [&](const Event& event) {
        own.cancel.check();
        post(owner, event);
    };
    listener.listening = [&] { GST_INFO_OBJECT(owner, "listening to the camera's events"); };
    listener.lost = [&](const base::Error& error, bool final) { lost(owner, error, final); };
    followEvents(open, listener, own.cancel);
}

/// It leaves its subscription after the element has stopped, in its own time (a third of a second
/// at most), so that nobody waits for that before the element is gone.
class EventMessages : public Companion {
public:
    explicit EventMessages(GstOnvifSrc* owner) : owner_(owner) {}
    ~EventMessages() override {
        stop();
        for (const auto& old : leaving_)
            end(*old);
    }

    void start(const SourceSettings& settings) override {
        settings_ = settings;
        const auto gone = std::partition(leaving_.begin(), leaving_.end(),
                                         [](const auto& old) { return !old->done; });
        std::for_each(gone, leaving_.end(), [](const auto& old) { end(*old); });
        leaving_.erase(gone, leaving_.end());
    }

    void asked(const Stream& stream) override {
        if (!settings_.events)
            return;
        Target target;
        target.location = settings_.location;
        target.connection = connectionSettings(settings_);
        target.known = stream.whereabouts;
        if (listening_) {
            const std::lock_guard<std::mutex> lock(listening_->mutex);
            listening_->target = target;
            return;
        }
        listening_ = std::make_shared<Listening>();
        listening_->target = target;
        listening_->thread = std::thread([owner = owner_, own = listening_] {
            listen(owner, *own);
            own->done = true;
        });
    }

    void stop() override {
        if (!listening_)
            return;
        listening_->cancel.cancel();
        leaving_.push_back(std::move(listening_));
        listening_.reset();
    }

private:
    static void end(Listening& old) {
        if (old.thread.get_id() == std::this_thread::get_id())
            old.thread.detach(); // our last message held the element's last reference
        else
            old.thread.join();
    }

    GstOnvifSrc* owner_;
    SourceSettings settings_;
    std::shared_ptr<Listening> listening_;
    std::vector<std::shared_ptr<Listening>> leaving_;
};

} // namespace

const CompanionKind eventMessages = {
    [](GstElementClass*) {},
    [](GstOnvifSrc* owner) -> std::unique_ptr<Companion> {
        return std::make_unique<EventMessages>(owner);
    },
};

} // namespace onvif
