#include "gstcontrol.hpp"

#include "glue/guard.hpp"
#include "glue/ref.hpp"

namespace onvif {

namespace {

using glue::Ref;
using std::chrono::milliseconds;

/// Where the answer to one action goes: into the promise that came with it, else onto the bus.
class Answer {
public:
    Answer(GstOnvifSrc* element, const char* action, GstPromise* promise)
        : action_(action), promise_(promise ? gst_promise_ref(promise) : nullptr) {
        g_weak_ref_init(&element_, element);
    }
    ~Answer() { g_weak_ref_clear(&element_); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    Ref<GstStructure> facts() const {
        return Ref<GstStructure>(
            gst_structure_new("onvif-action", "action", G_TYPE_STRING, action_, nullptr));
    }
    void give(Ref<GstStructure> facts) {
        if (promise_) {
            gst_promise_reply(promise_.get(), facts.release());
            return;
        }
        const Ref<GstElement> element(static_cast<GstElement*>(g_weak_ref_get(&element_)));
        if (element)
            gst_element_post_message(
                element.get(), gst_message_new_element(GST_OBJECT(element.get()), facts.release()));
    }
    void fail(const base::Error& error) {
        Ref<GstStructure> all = facts();
        const Ref<GError> said(g_error_new_literal(
            GST_RESOURCE_ERROR, glue::resourceError(error.kind()), error.what()));
        gst_structure_set(all.get(), "error", G_TYPE_ERROR, said.get(), nullptr);
        give(std::move(all));
    }

private:
    GWeakRef element_;
    const char* action_;
    Ref<GstPromise> promise_;
};

Target targetOf(GstOnvifSrc* element) {
    const CameraNow now = cameraNow(element);
    Target target;
    target.location = now.settings.location;
    target.connection = connectionSettings(now.settings);
    target.profile = now.stream ? now.stream->profile.token : now.settings.profile;
    if (now.running && now.stream)
        target.known = now.stream->whereabouts;
    return target;
}

bool sameTarget(const Target& a, const Target& b) {
    const auto place = [](const Target& t) {
        return t.known ? t.known->addresses.reached().text() : t.location;
    };
    const net::Credentials &x = a.connection.credentials, &y = b.connection.credentials;
    return place(a) == place(b) && a.profile == b.profile && x.user == y.user &&
           x.password == y.password;
}

GQuark controlKey() { return g_quark_from_static_string("onvifsrc-control"); }

} // namespace

/// Shared with the queue's thread, which must not touch an element that may be going.
class Control::Slot {
public:
    Target get() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return target_;
    }
    void set(Target target) {
        const std::lock_guard<std::mutex> lock(mutex_);
        target_ = std::move(target);
    }

private:
    mutable std::mutex mutex_;
    Target target_;
};

Control::Control(GstOnvifSrc* owner) : owner_(owner), slot_(std::make_shared<Slot>()) {
    g_object_set_qdata(G_OBJECT(owner), controlKey(), this);
}

Control::~Control() { Control::stop(); }

Control& Control::of(GstOnvifSrc* element) {
    return *static_cast<Control*>(g_object_get_qdata(G_OBJECT(element), controlKey()));
}

/// The queue, told which camera is meant now.
std::shared_ptr<ControlQueue> Control::queue() {
    Target target = targetOf(owner_);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!queue_)
        queue_ = std::make_shared<ControlQueue>([slot = slot_](const net::Cancel& cancel) {
            return std::make_unique<Camera>(slot->get(), cancel);
        });
    else if (!sameTarget(slot_->get(), target))
        queue_->reopen();
    slot_->set(std::move(target));
    return queue_;
}

void Control::add(const char* action, Kind kind, GstPromise* promise, Work work) {
    auto answer = std::make_shared<Answer>(owner_, action, promise);
    ControlQueue::Job job;
    job.motion = kind != Kind::Question;
    job.urgent = kind == Kind::Stop;
    job.run = [answer, work = std::move(work)](Camera& camera) {
        Ref<GstStructure> facts = answer->facts();
        const milliseconds onlyFor = work(camera, facts.get());
        answer->give(std::move(facts));
        return onlyFor;
    };
    job.failed = [answer](const base::Error& error) { answer->fail(error); };
    queue()->add(std::move(job));
}

void Control::stop() {
    std::shared_ptr<ControlQueue> ended;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ended.swap(queue_);
    }
    if (ended)
        ended->stop();
}

} // namespace onvif
