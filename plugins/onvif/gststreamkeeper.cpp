#include "gststreamkeeper.hpp"

#include "glue/guard.hpp"
#include "gststreamerror.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <utility>

#define GST_CAT_DEFAULT onvifsrc_debug

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

constexpr unsigned datagrams = GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST;

GstClockTime nanoseconds(std::chrono::steady_clock::duration time) {
    return static_cast<GstClockTime>(std::chrono::nanoseconds(time).count());
}

/// Asks in a thread of its own for as long as it lives. That there was no answer is no failure.
class Questioner {
public:
    Questioner(bool wanted, std::function<void(const net::Cancel&)> ask) {
        if (wanted)
            answer_ = std::async(std::launch::async, std::move(ask), end_);
    }
    ~Questioner() { end_.cancel(); }
    Questioner(const Questioner&) = delete;
    Questioner& operator=(const Questioner&) = delete;

private:
    std::future<void> answer_; ///< waits for its thread as it goes, once that has been told to end
    net::Cancel end_;
};

/// Trying again would count as another wrong password, and lock the account.
bool isFinal(const Error& error) { return error.kind() == ErrorKind::NotAuthorized; }

} // namespace

StreamKeeper::StreamKeeper(GstOnvifSrc* owner, Companions& companions)
    : owner_(owner), companions_(companions),
      pads_(GST_ELEMENT(owner),
            {[this] { watch_.flows(); },
             [this] {
                 // A recording comes to its end, a live stream does not.
                 if (isOver())
                     end();
                 else
                     watch_.lose(lost("ended its stream"));
             },
             [this] { end(); }, [this](const std::string& pads) { fail(unlinked(pads)); },
             [this](const std::string& pad, const std::string& encoding) {
                 fail(notTaken(pad, encoding));
             }}),
      session_(GST_BIN(owner), pads_,
               {[this] { watch_.playAsked(); },
                [this](const std::string& elsewhere) { fail(sentAway(host(), elsewhere)); },
                [this] { fail(refusedAt(host())); }}),
      backoff_(milliseconds(1), milliseconds(1), g_random_double) {}

void StreamKeeper::start(const SourceSettings& settings) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        settings_ = settings;
        running_ = true;
        stream_.reset();
        offline_.reset();
        reconnects_ = 0;
        downtime_ = Clock::duration::zero();
        started_ = gst_util_get_timestamp();
        resolved_ = GST_CLOCK_TIME_NONE;
    }
    watch_.start({settings.timeout, (settings.protocols & datagrams) != 0});
    finder_.start(settings);
    session_.forget();
    backoff_ =
        net::Backoff(settings.reconnectMinDelay, settings.reconnectMaxDelay, g_random_double);
    pads_.start(settings);
    for (const auto& companion : companions_)
        companion->start(settings);
    cancel_ = net::Cancel();
    thread_ = std::thread([this] { run(); });
}

void StreamKeeper::cancel() {
    if (!thread_.joinable())
        return;
    watch_.finish();
    cancel_.cancel();
    thread_.join();
    session_.hold();
}

void StreamKeeper::stop() {
    close();
    pads_.clear();
    for (const auto& companion : companions_)
        companion->stop();
    setPhase("stopped");
    const std::lock_guard<std::mutex> lock(mutex_);
    running_ = false;
    offline_.reset();
}

void StreamKeeper::end() {
    watch_.finish();
    pads_.end();
}

void StreamKeeper::run() {
    try {
        work();
    } catch (const net::Cancelled&) {
        GST_DEBUG_OBJECT(owner_, "cancelled");
    } catch (const Error& error) {
        fail(error);
    } catch (const std::exception& error) {
        fail(Error(ErrorKind::Failed, "Something unexpected happened while asking the camera.",
                   error.what()));
    }
}

void StreamKeeper::work() {
    try {
        connect();
    } catch (const Error& error) {
        const bool absent = error.kind() == ErrorKind::Unreachable ||
                            (settings_.location.empty() && error.kind() == ErrorKind::NotFound);
        if (!settings_.waitForCamera || !absent)
            throw;
        recover(error);
    }
    for (;;) {
        const auto since = Clock::now();
        const Error reason = watch();
        if (isOver())
            return end();
        if (!settings_.reconnect)
            throw Error(ErrorKind::Unreachable,
                        std::string(reason.what()) +
                            ": check that it is on and reachable, then start again.",
                        reason.details());
        if (Clock::now() - since > settings_.timeout)
            backoff_.reset();
        recover(reason);
    }
}

/// Who does not say at once what it is called is asked beside that: its loss is seen meanwhile, and
/// ends the question.
Error StreamKeeper::watch() {
    const Questioner questioner(settings_.reconnect && !finder_.knowsEndpoint(),
                                [this](const net::Cancel& end) { finder_.learnEndpoint(end); });
    return watch_.untilLost([this](Clock::time_point playing) {
        const std::string silent = pads_.silent(playing);
        return silent.empty() ? std::nullopt : std::optional(lost("stopped sending " + silent));
    });
}

void StreamKeeper::connect() {
    for (;;) {
        watch_.forget();
        const Stream stream = ask();
        cancel_.check();
        try {
            open(stream);
            watch_.untilFlowing();
            setPhase("playing");
            return tell(playingFacts(stream));
        } catch (const Error&) {
            if (!watch_.isRetracted())
                throw;
        }
        close();
    }
}

bool StreamKeeper::isOver() const {
    for (const auto& companion : companions_)
        if (companion->over())
            return true;
    return false;
}

/// An error that a companion's wish has brought about, and what follows from it.
bool StreamKeeper::retracts(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR)
        return false;
    if (watch_.isRetracted())
        return true;
    for (const auto& companion : companions_) {
        if (!companion->retracts(message))
            continue;
        watch_.retract();
        return true;
    }
    return false;
}

Stream StreamKeeper::ask() {
    setPhase(finder_.knows() ? "asking the camera" : "looking for cameras");
    const Stream stream = finder_.ask(cancel_, tracer());
    const bool news = !stream_ || stream_->uri != stream.uri || stream_->service != stream.service;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stream_ = stream;
        if (!GST_CLOCK_TIME_IS_VALID(resolved_))
            resolved_ = gst_util_get_timestamp();
    }
    if (news)
        announce(stream);
    return stream;
}

void StreamKeeper::open(const Stream& stream) {
    setPhase("connecting");
    for (const auto& companion : companions_)
        companion->asked(stream);
    GstElement* rtspsrc = session_.make(settings_, stream);
    prepared_ = true;
    for (const auto& companion : companions_)
        companion->prepare(rtspsrc, stream);
    watch_.opened();
    if (!session_.open(stateLock_))
        throw Error(ErrorKind::Failed, "The camera's stream could not be started.");
}

void StreamKeeper::close() {
    watch_.setClosing(true);
    if (std::exchange(prepared_, false))
        for (const auto& companion : companions_)
            companion->offline();
    session_.close();
    watch_.setClosing(false);
}

void StreamKeeper::recover(Error reason) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        offline_ = Clock::now();
    }
    for (unsigned attempt = 1;; attempt++) {
        setPhase("offline");
        close();
        if (isFinal(reason))
            throw Error(reason);
        if (settings_.maxReconnects >= 0 && attempt > unsigned(settings_.maxReconnects))
            throw notBack(attempt - 1, reason);
        const milliseconds delay = backoff_.next(reason.kind() != ErrorKind::Unreachable);
        tell(offlineFacts(reason.what(), attempt, nanoseconds(delay)));
        watch_.pause(delay);
        try {
            connect();
        } catch (const Error& error) {
            reason = error;
            continue;
        }
        Clock::duration took{};
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            took = Clock::now() - *offline_;
            downtime_ += took;
            reconnects_++;
            offline_.reset();
        }
        return tell(onlineFacts(nanoseconds(took), attempt));
    }
}

void StreamKeeper::tell(GstStructure* facts) {
    GST_INFO_OBJECT(owner_, "%" GST_PTR_FORMAT, static_cast<void*>(facts));
    gst_element_post_message(GST_ELEMENT(owner_),
                             gst_message_new_element(GST_OBJECT(owner_), facts));
}

void StreamKeeper::announce(const Stream& stream) {
    if (!stream.found.sender.empty())
        GST_ELEMENT_INFO(owner_, RESOURCE, SETTINGS, ("%s", choiceText(stream).c_str()), (nullptr));
    tell(deviceFacts(stream));
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
    const Meaning meaning = meaningOf(message);
    if (meaning == Meaning::Nothing)
        return false;
    GST_INFO_OBJECT(owner_, "from inside: %" GST_PTR_FORMAT, static_cast<void*>(message));
    if (meaning != Meaning::Chatter)
        session_.started();
    if (retracts(message))
        return true;
    if (meaning == Meaning::Closed && !(settings_.protocols & datagrams))
        watch_.lose(lost("stopped sending"));
    if (meaning == Meaning::Broken)
        watch_.lose(explain(message, host()));
    // rtspsrc says of a connection that was reset first that it broke and then that it failed.
    if (meaning == Meaning::Refused && !watch_.isGone())
        fail(explain(message, host()));
    return true;
}

void StreamKeeper::fail(const Error& error) {
    if (!watch_.finish())
        return;
    setPhase("failed");
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

Error StreamKeeper::lost(const std::string& how) const {
    return {ErrorKind::Unreachable, "The camera at " + host() + " " + how};
}

CameraNow StreamKeeper::now() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return {settings_, stream_, running_};
}

GstStructure* StreamKeeper::stats() const {
    StreamStats stats;
    std::optional<Stream> stream;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stats.phase = phase_;
        if (GST_CLOCK_TIME_IS_VALID(resolved_))
            stats.resolveTime = resolved_ - started_;
        stats.reconnects = reconnects_;
        stats.downtime = nanoseconds(
            downtime_ + (offline_ ? Clock::now() - *offline_ : Clock::duration::zero()));
        stream = stream_;
    }
    GstStructure* facts = statsFacts(stats, stream ? &*stream : nullptr, pads_);
    for (const auto& companion : companions_)
        companion->addStats(facts);
    return facts;
}

} // namespace onvif
