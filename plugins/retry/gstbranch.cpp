#include "gstbranch.hpp"

#include "base/error.hpp"
#include "scrub.hpp"

#include <utility>

namespace retry {
namespace {

using base::Error;
using base::ErrorKind;
using glue::Ref;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr auto lookEvery = 250ms;
/// A branch that has run for so long is taken for connected, and its next loss is a new one.
constexpr auto settleTime = 1s;

/// What a pipeline of the past says is nobody's business.
struct Listener {
    net::EventLoop* loop;
    std::weak_ptr<bool> current;
    GstElement* owner;
    std::string branch; ///< in gst-launch's words
    std::function<void(const Loss&)> lost;
    std::function<void()> ended;

    void post(std::function<void()> work) const {
        loop->post([current = current, work = std::move(work)] {
            if (current.lock())
                work();
        });
    }
};

std::string factoryOf(GstElement* element) {
    return GST_OBJECT_NAME(gst_element_get_factory(element));
}

/// Of another protocol, or of none: no try would ever reach it, and elements keep silent about it.
void checkAddress(const Address& address) {
    const Ref<GstElementFactory> factory(gst_element_factory_find(address.element.c_str()));
    const char* const* protocols =
        factory ? gst_element_factory_get_uri_protocols(factory.get()) : nullptr;
    if (!protocols || !*protocols || g_strv_contains(protocols, "file"))
        return;
    std::string known;
    for (; *protocols; protocols++) {
        const std::string begin = std::string(*protocols) + "://";
        if (address.value.rfind(begin, 0) == 0)
            return;
        known += (known.empty() ? "" : " or ") + begin;
    }
    throw Error(ErrorKind::Settings, "The property branch gives " + address.element +
                                         " an address that it does not understand; write one that "
                                         "begins with " +
                                         known + ".");
}

} // namespace

Branch::Branch(GstElement* owner, GstDebugCategory* category, const RetrySettings& settings,
               std::shared_ptr<Joint> joint)
    : owner_(owner), category_(category), settings_(settings), joint_(std::move(joint)),
      backoff_(settings.minDelay, settings.maxDelay, g_random_double), loop_(factoryOf(owner)) {
    for (const Address& address : addressesOf(settings.branch))
        checkAddress(address);
    make();
}

Branch::~Branch() {
    finish();
    loop_.call([this] {
        again_.cancel();
        takeDown();
    });
    loop_.stop();
}

void Branch::start() {
    loop_.post([this] { connect(); });
}

/// Throws what is wrong with the branch; that there is no peer yet is not.
Ref<GstElement> Branch::make() const {
    GError* failure = nullptr;
    const std::string line = joint_->line(settings_.branch);
    Ref<GstElement> made(
        gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure));
    const Ref<GError> error(failure);
    if (!made)
        throw Error(ErrorKind::Settings,
                    "The property branch is no pipeline: " +
                        withoutSecrets(error ? error->message : "nobody knows why") + ".");
    gst_object_ref_sink(made.get());
    joint_->check(GST_BIN(made.get()));
    return made;
}

void Branch::connect() {
    again_ = {};
    takeDown();
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats_.tries++;
    }
    try {
        pipeline_ = make();
    } catch (const Error& error) {
        return lose({error.what()});
    }
    current_ = std::make_shared<bool>(true);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), onMessage,
                             new Listener{&loop_, current_, owner_, settings_.branch,
                                          [this](const Loss& loss) { lose(loss); },
                                          [this] {
                                              if (!finishing_)
                                                  return lose({"it came to its end", true});
                                              const std::lock_guard<std::mutex> lock(mutex_);
                                              finished_ = true;
                                              changed_.notify_all();
                                          }},
                             [](gpointer data) { delete static_cast<Listener*>(data); });
    if (const Ref<GstClock> clock{gst_element_get_clock(owner_)})
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
    joint_->connect(GST_BIN(pipeline_.get()), settings_);
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        // A better reason is on its way, as a message.
        settling_ = loop_.after(lookEvery, [this] { lose({"it could not be started"}); });
        return;
    }
    watching_ = loop_.every(lookEvery, [this] { watch(); });
    settling_ = loop_.after(settleTime, [this] { settle(); });
}

void Branch::watch() {
    const std::string complaint =
        settings_.stallTimeout > 0ms ? joint_->complaint(settings_) : std::string();
    if (!complaint.empty())
        lose({complaint});
}

void Branch::settle() {
    GstState state = GST_STATE_NULL;
    gst_element_get_state(pipeline_.get(), &state, nullptr, 0);
    if (state != GST_STATE_PLAYING || !joint_->flowing()) { // nothing has gone through yet
        sayWaiting();
        settling_ = loop_.after(settleTime, [this] { settle(); });
        return;
    }
    settled_ = true;
    attempt_ = 0;
    backoff_.reset();
    unsigned tries = 0;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats_.connected = true;
        tries = stats_.tries;
    }
    tell("online", gst_structure_new("tries", "tries", G_TYPE_UINT, tries, nullptr));
}

/// Some wait to be called, and others call for long: a user shall know where.
void Branch::sayWaiting() {
    if (settled_ || attempt_ > 0 || std::exchange(waited_, true))
        return;
    const std::vector<Address> addresses = addressesOf(settings_.branch);
    const std::string peer = addresses.empty() ? "" : withoutSecrets(addresses.front().value);
    tell("waiting", gst_structure_new("waiting", "peer", G_TYPE_STRING, peer.c_str(), nullptr));
}

void Branch::lose(const Loss& loss) {
    if (again_)
        return; // one failure has several messages
    takeDown();
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats_.losses++;
        stats_.connected = false;
        stats_.reason = loss.reason;
        if (finishing_) {
            finished_ = true;
            changed_.notify_all();
        }
    }
    if (finishing_)
        return;
    if (loss.refused && !settled_ && joint_->endsWhereRefused())
        return refuse(loss);
    const milliseconds delay = backoff_.next(loss.answered);
    tell("offline",
         gst_structure_new("offline", "reason", G_TYPE_STRING, loss.reason.c_str(), "attempt",
                           G_TYPE_UINT, ++attempt_, "retry-in", G_TYPE_UINT64,
                           static_cast<guint64>(std::chrono::nanoseconds(delay).count()), nullptr));
    again_ = loop_.after(delay, [this] { connect(); });
}

/// Trying again could lock the user out.
void Branch::refuse(const Loss& loss) {
    GST_ELEMENT_ERROR(owner_, RESOURCE, NOT_AUTHORIZED,
                      ("The peer lets nobody in with this user and password (%s). Set both in the "
                       "property branch.",
                       loss.reason.c_str()),
                      (nullptr));
}

void Branch::takeDown() {
    watching_ = {};
    settling_ = {};
    current_.reset();
    joint_->disconnect();
    if (!pipeline_)
        return;
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
    pipeline_.reset();
}

void Branch::finish() {
    const bool ending = loop_.call([this] {
        finishing_ = true;
        again_ = {};
        return pipeline_ && joint_->sendEnd();
    });
    std::unique_lock<std::mutex> lock(mutex_);
    if (ending)
        changed_.wait_for(lock, settings_.endTimeout, [this] { return finished_; });
}

Branch::Stats Branch::stats() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stats_;
}

void Branch::tell(const char* what, GstStructure* facts) {
    gst_structure_set_name(facts, (factoryOf(owner_) + "-" + what).c_str());
    GST_CAT_INFO_OBJECT(category_, owner_, "%" GST_PTR_FORMAT, static_cast<void*>(facts));
    gst_element_post_message(owner_, gst_message_new_element(GST_OBJECT(owner_), facts));
}

/// What is left on a bus that nobody reads holds the elements it came from. What elements tell of
/// their own (a new file of recordsink, say) goes out.
GstBusSyncReply Branch::onMessage(GstBus*, GstMessage* message, gpointer data) {
    const auto* listener = static_cast<Listener*>(data);
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
        listener->post(
            [lost = listener->lost, why = lossOf(message, listener->branch)] { lost(why); });
        break;
    case GST_MESSAGE_EOS:
        listener->post(listener->ended);
        break;
    case GST_MESSAGE_ELEMENT:
        gst_element_post_message(listener->owner, message);
        return GST_BUS_DROP;
    default:
        break;
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

} // namespace retry
