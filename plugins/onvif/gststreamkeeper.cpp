#include "gststreamkeeper.hpp"

#include "glue/guard.hpp"
#include "gststreamerror.hpp"
#include "gststreamfacts.hpp"
#include "net/url.hpp"

#define GST_CAT_DEFAULT onvifsrc_debug

namespace onvif {

namespace {

/// rtspsrc only warns when the camera hangs up, and then ends the stream as if that were its end.
bool saysLost(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_WARNING)
        return false;
    GError* raw = nullptr;
    gst_message_parse_warning(message, &raw, nullptr);
    const glue::Ref<GError> error(raw);
    return g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
}

} // namespace

StreamKeeper::StreamKeeper(GstOnvifSrc* owner, Companions& companions)
    : owner_(owner), companions_(companions),
      pads_(GST_ELEMENT(owner),
            {[this] { setPhase("playing"); },
             [this](const std::string& pads) {
                 fail(base::Error(base::ErrorKind::Settings,
                                  "Nothing takes the camera's streams, which are: " + pads +
                                      ". Link one of these pads to an element that takes it."));
             }}),
      session_(GST_BIN(owner), pads_) {}

void StreamKeeper::start(const SourceSettings& settings) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        settings_ = settings;
        running_ = true;
        failed_ = false;
        stream_.reset();
        started_ = gst_util_get_timestamp();
        resolved_ = GST_CLOCK_TIME_NONE;
    }
    pads_.start(settings.timeout, settings.metadata);
    for (const auto& companion : companions_)
        companion->start(settings);
    cancel_ = net::Cancel();
    thread_ = std::thread([this] { run(); });
}

void StreamKeeper::cancel() {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        failed_ = true;
    }
    cancel_.cancel();
    thread_.join();
}

void StreamKeeper::close() {
    if (std::exchange(prepared_, false))
        for (const auto& companion : companions_)
            companion->offline();
    session_.close();
}

void StreamKeeper::stop() {
    close();
    pads_.clear();
    for (const auto& companion : companions_)
        companion->stop();
    setPhase("stopped");
    const std::lock_guard<std::mutex> lock(mutex_);
    running_ = false;
}

void StreamKeeper::run() {
    try {
        work();
    } catch (const net::Cancelled&) {
        GST_DEBUG_OBJECT(owner_, "cancelled");
    } catch (const base::Error& error) {
        fail(error);
    } catch (const std::exception& error) {
        fail(base::Error(base::ErrorKind::Failed,
                         "Something unexpected happened while asking the camera.", error.what()));
    }
}

void StreamKeeper::work() {
    setPhase(settings_.location.empty() ? "looking for cameras" : "asking the camera");
    const Stream stream = findStream(settings_, cancel_, tracer());
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stream_ = stream;
        resolved_ = gst_util_get_timestamp();
        phase_ = "connecting";
    }
    announce(stream);
    cancel_.check();
    open(stream);
}

void StreamKeeper::open(const Stream& stream) {
    for (const auto& companion : companions_)
        companion->asked(stream);
    GstElement* rtspsrc = session_.make(settings_, stream);
    prepared_ = true;
    for (const auto& companion : companions_)
        companion->prepare(rtspsrc, stream);
    if (!session_.open())
        fail(base::Error(base::ErrorKind::Failed, "The camera's stream could not be started."));
}

void StreamKeeper::announce(const Stream& stream) {
    if (!stream.found.sender.empty())
        GST_ELEMENT_INFO(owner_, RESOURCE, SETTINGS, ("%s", choiceText(stream).c_str()), (nullptr));
    gst_element_post_message(GST_ELEMENT(owner_),
                             gst_message_new_element(GST_OBJECT(owner_), deviceFacts(stream)));
}

/// What is said to the camera and back, for who wants to read it.
Trace StreamKeeper::tracer() {
    if (gst_debug_category_get_threshold(onvifsrc_debug) < GST_LEVEL_LOG)
        return {};
    return [this](const std::string& what, const std::string& text) {
        GST_LOG_OBJECT(owner_, "%s", what.c_str());
        GST_TRACE_OBJECT(owner_, "%s", text.c_str());
    };
}

bool StreamKeeper::heard(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GST_WARNING_OBJECT(owner_, "from inside: %s", GST_MESSAGE_SRC_NAME(message));
        fail(explain(message, host()));
        return true;
    }
    if (!saysLost(message))
        return false;
    fail(base::Error(base::ErrorKind::Unreachable,
                     "The camera at " + host() +
                         " stopped sending: check that it is on and reachable, then start again."));
    return true;
}

void StreamKeeper::fail(const base::Error& error) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (failed_)
            return;
        failed_ = true;
        phase_ = "failed";
    }
    glue::postError(owner_, error);
}

void StreamKeeper::setPhase(const char* phase) {
    GST_INFO_OBJECT(owner_, "%s", phase);
    const std::lock_guard<std::mutex> lock(mutex_);
    phase_ = phase;
}

std::string StreamKeeper::host() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto url = net::Url::parse(stream_ ? stream_->uri : "");
    return url ? url->host + ":" + std::to_string(url->effectivePort()) : "its address";
}

CameraNow StreamKeeper::now() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return {settings_, stream_, running_};
}

GstStructure* StreamKeeper::stats() const {
    const PadCount video = pads_.count("video"), audio = pads_.count("audio"),
                   metadata = pads_.count("application");
    const std::lock_guard<std::mutex> lock(mutex_);
    const GstClockTime took =
        GST_CLOCK_TIME_IS_VALID(resolved_) ? resolved_ - started_ : GST_CLOCK_TIME_NONE;
    return statsFacts(phase_, stream_ ? &*stream_ : nullptr, took, video, audio, metadata);
}

} // namespace onvif
