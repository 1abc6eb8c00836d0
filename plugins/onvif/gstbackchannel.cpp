#include "gstbackchannel.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "gstsoundencoder.hpp"
#include "gstsoundsender.hpp"

#include <atomic>

#define GST_CAT_DEFAULT onvifsrc_debug

namespace onvif {

namespace {

constexpr const char* padName = "backchannel";
/// RTSP's "Option not supported": the answer to a Require that the camera does not know.
constexpr guint optionNotSupported = 551;

GstStaticPadTemplate padTemplate =
    GST_STATIC_PAD_TEMPLATE(padName, GST_PAD_SINK, GST_PAD_REQUEST,
                            GST_STATIC_CAPS("audio/x-raw; audio/x-mulaw; audio/x-alaw; "
                                            "audio/mpeg, mpegversion=(int){ 2, 4 }"));

std::optional<SoundOffer> offerOf(unsigned stream, const GstCaps* caps) {
    const GstStructure* s = gst_caps_get_structure(caps, 0);
    if (!gst_structure_has_field(s, "a-sendonly"))
        return std::nullopt;
    SoundOffer offer;
    offer.stream = stream;
    if (const char* encoding = gst_structure_get_string(s, "encoding-name"))
        offer.encoding = encoding;
    gst_structure_get_int(s, "clock-rate", &offer.clockRate);
    gst_structure_get_int(s, "payload", &offer.payload);
    if (const char* channels = gst_structure_get_string(s, "encoding-params"))
        offer.channels = static_cast<int>(g_ascii_strtoll(channels, nullptr, 10));
    return offer;
}

class Backchannel : public Companion {
public:
    explicit Backchannel(GstOnvifSrc* owner);
    ~Backchannel() override;

    void start(const SourceSettings&) override;
    void prepare(GstElement* rtspsrc, const Stream&) override;
    bool retracts(GstMessage* error) override;
    void offline() override;
    void stop() override;
    GstPad* requestPad(GstPadTemplate*, const char*) override;
    bool releasePad(GstPad*) override;
    void addStats(GstStructure*) const override;

private:
    struct Line {
        SoundOffer offer;
        std::shared_ptr<SoundSender> sender;
    };

    static gboolean onSelect(GstElement*, guint, GstCaps*, gpointer);
    static void onAllPads(GstElement*, gpointer);
    static GstFlowReturn onSound(GstPad*, GstObject*, GstBuffer*);
    static gboolean onEvent(GstPad*, GstObject*, GstEvent*);

    bool offered(GstElement* rtspsrc, unsigned stream, GstCaps* caps);
    void sound(glue::Ref<GstBuffer> buffer);
    bool encoderFits(const Line& line);
    void warn(const std::string& sentence);
    void hangUp();

    GstOnvifSrc* owner_;
    glue::Ref<GstPad> end_; ///< where the sound arrives
    glue::Ref<GstElement> sync_;
    GstPad* pad_ = nullptr;

    /// Of the thread that brings sound.
    std::unique_ptr<SoundEncoder> encoder_;
    std::weak_ptr<SoundSender> encodedFor_;

    mutable std::mutex mutex_;             ///< for all below
    std::optional<Line> line_;             ///< to the camera, while there is one
    std::shared_ptr<SoundSender> retired_; ///< may wait in rtspsrc until that is stopped
    SoundSender::Count before_;            ///< of earlier lines
    std::uint64_t unheard_ = 0;            ///< buffers that came while there was no line
    bool refused_ = false, warned_ = false, selected_ = false;
};

Backchannel::Backchannel(GstOnvifSrc* owner)
    : owner_(owner),
      end_(GST_PAD(gst_object_ref_sink(gst_pad_new_from_static_template(&padTemplate, "sound")))) {
    gst_pad_set_element_private(end_.get(), this);
    gst_pad_set_chain_function(end_.get(), onSound);
    gst_pad_set_event_function(end_.get(), onEvent);
    gst_pad_set_active(end_.get(), TRUE);
}

Backchannel::~Backchannel() { gst_pad_set_active(end_.get(), FALSE); }

GstPad* Backchannel::requestPad(GstPadTemplate* templ, const char*) {
    if (pad_ || g_strcmp0(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), padName) != 0)
        return nullptr;
    // Sound from a file is there at once; a camera plays it as it comes.
    GstElement* sync = gst_element_factory_make("clocksync", nullptr);
    if (!sync)
        return nullptr;
    gst_bin_add(GST_BIN(owner_), sync);
    sync_ = glue::share(sync);
    const glue::Ref<GstPad> sink(gst_element_get_static_pad(sync, "sink")),
        src(gst_element_get_static_pad(sync, "src"));
    gst_pad_link(src.get(), end_.get());
    gst_element_sync_state_with_parent(sync);
    GstPad* pad = gst_ghost_pad_new_from_template(padName, sink.get(), templ);
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(GST_ELEMENT(owner_), pad);
    const std::lock_guard<std::mutex> lock(mutex_);
    return pad_ = pad;
}

bool Backchannel::releasePad(GstPad* pad) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (pad != pad_)
            return false;
        pad_ = nullptr;
    }
    gst_pad_set_active(pad, FALSE);
    gst_element_remove_pad(GST_ELEMENT(owner_), pad);
    gst_element_set_locked_state(sync_.get(), TRUE);
    gst_element_set_state(sync_.get(), GST_STATE_NULL);
    // The element may be in its last throes, and have let go of what is in it.
    if (GST_OBJECT_PARENT(sync_.get()) == GST_OBJECT(owner_))
        gst_bin_remove(GST_BIN(owner_), sync_.get());
    sync_.reset();
    encoder_.reset();
    return true;
}

void Backchannel::start(const SourceSettings&) {
    const std::lock_guard<std::mutex> lock(mutex_);
    before_ = {};
    unheard_ = 0;
    refused_ = warned_ = false;
}

void Backchannel::prepare(GstElement* rtspsrc, const Stream&) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        retired_.reset(); // its rtspsrc is gone
        selected_ = false;
        if (!pad_ || refused_)
            return;
    }
    gst_util_set_object_arg(G_OBJECT(rtspsrc), "backchannel", "onvif");
    g_signal_connect(rtspsrc, "select-stream", G_CALLBACK(onSelect), this);
    g_signal_connect(rtspsrc, "no-more-pads", G_CALLBACK(onAllPads), this);
}

gboolean Backchannel::onSelect(GstElement* rtspsrc, guint stream, GstCaps* caps, gpointer self) {
    return static_cast<Backchannel*>(self)->offered(rtspsrc, stream, caps);
}

/// True for what is no business of ours, and for the one stream that will be spoken to.
bool Backchannel::offered(GstElement* rtspsrc, unsigned stream, GstCaps* caps) {
    const auto offer = offerOf(stream, caps);
    if (!offer)
        return true;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!offer->understood() || (line_ && line_->offer.stream != stream))
        return false;
    GST_INFO_OBJECT(owner_, "the camera takes sound as %s", offer->encoding.c_str());
    selected_ = true;
    if (!line_) {
        // rtspsrc goes on writing into its own.
        const glue::Ref<GstCaps> copy(gst_caps_copy(caps));
        line_ = Line{*offer, std::make_shared<SoundSender>(rtspsrc, stream, copy.get())};
    }
    return true;
}

void Backchannel::onAllPads(GstElement*, gpointer data) {
    auto* self = static_cast<Backchannel*>(data);
    {
        const std::lock_guard<std::mutex> lock(self->mutex_);
        if (self->selected_)
            return;
    }
    self->warn("The camera offers no loudspeaker that can be spoken to here (G.711 or AAC): the "
               "sound for it is discarded. Check whether its audio output is switched on.");
}

/// Once: rtspsrc takes a 551 to DESCRIBE for a camera without SDP, an error of the kind SETTINGS.
bool Backchannel::retracts(GstMessage* message) {
    GError* failure = nullptr;
    gst_message_parse_error(message, &failure, nullptr);
    const glue::Ref<GError> error(failure);
    const GstStructure* details = nullptr;
    gst_message_parse_error_details(message, &details);
    guint status = 0;
    if (details)
        gst_structure_get_uint(details, "rtsp-status-code", &status);
    const bool meansUs =
        status == optionNotSupported ||
        g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!pad_ || refused_ || !meansUs)
            return false;
        refused_ = true;
    }
    warn("The camera knows no ONVIF backchannel: the sound for it is discarded.");
    return true;
}

void Backchannel::warn(const std::string& sentence) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (std::exchange(warned_, true))
            return;
    }
    GST_ELEMENT_WARNING(owner_, RESOURCE, OPEN_WRITE, ("%s", sentence.c_str()), (nullptr));
}

void Backchannel::hangUp() {
    std::optional<Line> line;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        line.swap(line_);
    }
    if (!line)
        return;
    line->sender->end();
    const std::lock_guard<std::mutex> lock(mutex_);
    const SoundSender::Count count = line->sender->count();
    before_.sent += count.sent;
    before_.dropped += count.dropped;
    retired_ = std::move(line->sender);
}

void Backchannel::offline() { hangUp(); }

void Backchannel::stop() {
    std::shared_ptr<SoundSender> last;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        last.swap(retired_);
    }
    encoder_.reset(); // the pads are not active: nobody brings sound
}

GstFlowReturn Backchannel::onSound(GstPad* pad, GstObject*, GstBuffer* buffer) {
    static_cast<Backchannel*>(gst_pad_get_element_private(pad))
        ->sound(glue::Ref<GstBuffer>(buffer));
    return GST_FLOW_OK;
}

/// The end of what is said now is no end: more may be said later.
gboolean Backchannel::onEvent(GstPad* pad, GstObject*, GstEvent* raw) {
    auto* self = static_cast<Backchannel*>(gst_pad_get_element_private(pad));
    glue::Ref<GstEvent> event(raw);
    if (GST_EVENT_TYPE(raw) == GST_EVENT_CAPS)
        self->encoder_.reset();
    if (GST_EVENT_TYPE(raw) == GST_EVENT_SEGMENT && self->encoder_)
        self->encoder_->event(std::move(event));
    return TRUE;
}

bool Backchannel::encoderFits(const Line& line) {
    if (encoder_ && encodedFor_.lock() == line.sender)
        return true;
    encoder_.reset();
    const glue::Ref<GstCaps> caps(gst_pad_get_current_caps(end_.get()));
    if (!caps)
        return false;
    encoder_ = std::make_unique<SoundEncoder>(
        line.offer, caps.get(),
        [sender = line.sender](glue::Ref<GstBuffer> packet) { sender->push(std::move(packet)); });
    encodedFor_ = line.sender;
    if (glue::Ref<GstEvent> segment{gst_pad_get_sticky_event(end_.get(), GST_EVENT_SEGMENT, 0)})
        encoder_->event(std::move(segment));
    return true;
}

void Backchannel::sound(glue::Ref<GstBuffer> buffer) {
    std::optional<Line> line;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        line = line_;
        unheard_ += !line;
    }
    if (!line)
        return;
    try {
        if (encoderFits(*line))
            encoder_->sound(std::move(buffer));
    } catch (const base::Error& error) {
        warn(error.what());
        hangUp();
    }
}

void Backchannel::addStats(GstStructure* stats) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!pad_)
        return;
    SoundSender::Count count = before_;
    if (line_) {
        const SoundSender::Count now = line_->sender->count();
        count.sent += now.sent;
        count.dropped += now.dropped;
    }
    gst_structure_set(stats, "backchannel-codec", G_TYPE_STRING,
                      line_ ? line_->offer.encoding.c_str() : "", "backchannel-packets",
                      G_TYPE_UINT64, static_cast<guint64>(count.sent), "backchannel-dropped",
                      G_TYPE_UINT64, static_cast<guint64>(count.dropped + unheard_), nullptr);
}

} // namespace

const CompanionKind backchannel = {
    [](GstElementClass* klass) { gst_element_class_add_static_pad_template(klass, &padTemplate); },
    [](GstOnvifSrc* owner) -> std::unique_ptr<Companion> {
        return std::make_unique<Backchannel>(owner);
    }};

} // namespace onvif
