#include "gstbranch.hpp"

#include "base/error.hpp"
#include "scrub.hpp"

#include <cstring>

GST_DEBUG_CATEGORY_EXTERN(retrysink_debug);
#define GST_CAT_DEFAULT retrysink_debug

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
    std::function<void(const std::string&)> lost;
    std::function<void()> ended;

    void post(std::function<void()> work) const {
        loop->post([current = current, work = std::move(work)] {
            if (current.lock())
                work();
        });
    }
};

/// A source whose data nobody takes says why only in its details: "reason not-negotiated (-4)".
std::string flowOf(const char* details) {
    const char* found = details ? std::strstr(details, ", reason ") : nullptr;
    return found ? std::string(found, std::strcspn(found, "\n")) : "";
}

std::string reasonOf(GstMessage* message) {
    GError* error = nullptr;
    char* debug = nullptr;
    gst_message_parse_error(message, &error, &debug);
    const Ref<GError> owned(error);
    const Ref<char> text(debug);
    return std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + withoutSecrets(error->message) +
           flowOf(text.get());
}

} // namespace

Branch::Branch(GstElement* owner, const RetrySettings& settings, Inputs inputs)
    : owner_(owner), settings_(settings), inputs_(std::move(inputs)),
      backoff_(settings.minDelay, settings.maxDelay, g_random_double), loop_("retrysink") {
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
    const std::string line = withSources(settings_.branch, static_cast<unsigned>(inputs_.size()));
    Ref<GstElement> made(
        gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &failure));
    const Ref<GError> error(failure);
    if (!made)
        throw Error(ErrorKind::Settings,
                    "The property branch is no pipeline: " +
                        withoutSecrets(error ? error->message : "nobody knows why") + ".");
    gst_object_ref_sink(made.get());
    for (std::size_t i = 0; i < inputs_.size(); i++) {
        const std::string name = "in" + std::to_string(i);
        const Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(made.get()), name.c_str()));
        const Ref<GstPad> out(gst_element_get_static_pad(source.get(), "src"));
        if (!gst_pad_is_linked(out.get()))
            throw Error(ErrorKind::Settings, "The property branch does not take input " +
                                                 std::to_string(i) + ": name \"" + name +
                                                 ".\" in it.");
    }
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
        return lose(error.what());
    }
    current_ = std::make_shared<bool>(true);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), onMessage,
                             new Listener{&loop_, current_, owner_,
                                          [this](const std::string& why) { lose(why); },
                                          [this] {
                                              if (!finishing_)
                                                  return lose("its end came before the stream's");
                                              const std::lock_guard<std::mutex> lock(mutex_);
                                              finished_ = true;
                                              changed_.notify_all();
                                          }},
                             [](gpointer data) { delete static_cast<Listener*>(data); });
    if (const Ref<GstClock> clock{gst_element_get_clock(owner_)})
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
    const auto overture = std::make_shared<Overture>();
    for (std::size_t i = 0; i < inputs_.size(); i++) {
        const std::string name = "in" + std::to_string(i);
        const Ref<GstElement> source(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
        inputs_[i]->connect(source.get(), settings_.maxBuffers, overture);
    }
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        // A better reason is on its way, as a message.
        settling_ = loop_.after(lookEvery, [this] { lose("it could not be started"); });
        return;
    }
    watching_ = loop_.every(lookEvery, [this] { watch(); });
    settling_ = loop_.after(settleTime, [this] { settle(); });
}

/// Some peers neither take nor refuse.
void Branch::watch() {
    if (settings_.stallTimeout <= 0ms)
        return;
    for (const auto& input : inputs_)
        if (input->stalled() > settings_.stallTimeout)
            return lose("it takes nothing any more");
}

void Branch::settle() {
    GstState state = GST_STATE_NULL;
    gst_element_get_state(pipeline_.get(), &state, nullptr, 0);
    if (state != GST_STATE_PLAYING) { // nothing has come yet
        settling_ = loop_.after(settleTime, [this] { settle(); });
        return;
    }
    backoff_.reset();
    unsigned tries = 0;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats_.connected = true;
        tries = stats_.tries;
    }
    tell(gst_structure_new("retrysink-online", "tries", G_TYPE_UINT, tries, nullptr));
}

void Branch::lose(const std::string& reason) {
    if (again_)
        return; // one failure has several messages
    takeDown();
    const milliseconds delay = backoff_.next(false);
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats_.losses++;
        stats_.connected = false;
        stats_.reason = reason;
        if (finishing_) {
            finished_ = true;
            changed_.notify_all();
        }
    }
    if (finishing_)
        return;
    tell(gst_structure_new("retrysink-offline", "reason", G_TYPE_STRING, reason.c_str(), "retry-in",
                           G_TYPE_UINT64,
                           static_cast<guint64>(std::chrono::nanoseconds(delay).count()), nullptr));
    again_ = loop_.after(delay, [this] { connect(); });
}

void Branch::takeDown() {
    watching_ = {};
    settling_ = {};
    current_.reset();
    for (const auto& input : inputs_)
        input->disconnect();
    if (!pipeline_)
        return;
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    const Ref<GstBus> bus(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
    pipeline_.reset();
}

void Branch::finish() {
    const bool running = loop_.call([this] {
        finishing_ = true;
        again_ = {};
        if (pipeline_)
            for (const auto& input : inputs_)
                input->sendEnd();
        return pipeline_ != nullptr;
    });
    std::unique_lock<std::mutex> lock(mutex_);
    if (running)
        changed_.wait_for(lock, settings_.endTimeout, [this] { return finished_; });
}

Branch::Stats Branch::stats() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stats_;
}

void Branch::tell(GstStructure* facts) {
    GST_INFO_OBJECT(owner_, "%" GST_PTR_FORMAT, static_cast<void*>(facts));
    gst_element_post_message(owner_, gst_message_new_element(GST_OBJECT(owner_), facts));
}

/// What is left on a bus that nobody reads holds the elements it came from. What elements tell of
/// their own (a new file of splitmuxsink, say) goes out.
GstBusSyncReply Branch::onMessage(GstBus*, GstMessage* message, gpointer data) {
    const auto* listener = static_cast<Listener*>(data);
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
        listener->post([lost = listener->lost, why = reasonOf(message)] { lost(why); });
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
