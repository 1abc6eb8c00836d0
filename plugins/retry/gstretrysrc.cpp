/**
 * SECTION:element-retrysrc
 * @title: retrysrc
 * @short_description: a source that may fail without failing the pipeline
 *
 * Runs what the property branch says, a source that speaks to a peer, in a pipeline of its own.
 * When the peer is absent, falls silent, ends or dies, this pipeline goes on: the branch is taken
 * down and made anew, after a time that doubles with each failure. Its pads come with the first
 * buffers and stay; what comes after a gap goes on at the time it then is, with a key frame.
 *
 * The outputs are the elements "out0", "out1", … in the branch, one pad for each. A branch that
 * names none ends with the first. What its peer does not pace, such as a file on a web server,
 * needs a clocksync in the branch.
 *
 * Sinks of a pipeline that has other sources too, or more outputs than the peer may have, want
 * async=false: GStreamer begins when all others have something.
 *
 * A peer that refuses the user or the password, and never has let anybody in, ends the pipeline.
 *
 * |[
 * gst-launch-1.0 retrysrc branch="rtmp2src location=rtmp://127.0.0.1/live/test ! flvdemux" ! \
 * decodebin ! autovideosink
 * ]| Plays from an RTMP server that may come and go.
 */
#include "gstretrysrc.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "gstbranch.hpp"
#include "gstoutputs.hpp"
#include "gstretryproperties.hpp"

GST_DEBUG_CATEGORY_STATIC(retrysrc_debug);
#define GST_CAT_DEFAULT retrysrc_debug

namespace {

using retry::Branch;
using retry::Outputs;
using retry::RetrySettings;

struct RetrySrcPrivate {
    RetrySettings settings;
    std::mutex mutex; ///< for all below, which are there between PAUSED and READY
    std::shared_ptr<Outputs> outputs;
    std::shared_ptr<Branch> branch; ///< it ends before its outputs
    bool started = false;
};

const glue::PropertyTable<RetrySettings>& properties() {
    using std::chrono::milliseconds;
    static const auto table = glue::joined(
        retry::retryProperties(
            {"What is run, in gst-launch's words, with its outputs as out0., out1., …; it may hold "
             "a "
             "password, and cannot be read back",
             "Milliseconds after which a branch that brings nothing is taken for dead (0 = never)",
             "Buffers of each output that may wait for the pipeline; with more, it goes on at the "
             "next key frame"}),
        {glue::duration("latency", "Milliseconds that what comes may be late",
                        &RetrySettings::latency, milliseconds(0), milliseconds(60000))});
    return table;
}

guint statsId() { return static_cast<guint>(properties().size()) + 1; }

GstStaticPadTemplate srcTemplate =
    GST_STATIC_PAD_TEMPLATE("src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

} // namespace

struct _GstRetrySrc {
    GstBin parent;
    RetrySrcPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstRetrySrc, gst_retry_src, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(retrysrc_debug, "retrysrc", 0,
                                                "sources that may fail"))
GST_ELEMENT_REGISTER_DEFINE(retrysrc, "retrysrc", GST_RANK_NONE, GST_TYPE_RETRY_SRC)

static GstStructure* statsOf(GstRetrySrc* self) {
    std::shared_ptr<Outputs> outputs;
    std::shared_ptr<Branch> branch;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        outputs = self->priv->outputs;
        branch = self->priv->branch;
    }
    const Branch::Stats stats = branch ? branch->stats() : Branch::Stats{};
    GstStructure* told =
        gst_structure_new("application/x-retrysrc-stats", "connected", G_TYPE_BOOLEAN,
                          stats.connected, "tries", G_TYPE_UINT, stats.tries, "losses", G_TYPE_UINT,
                          stats.losses, "reason", G_TYPE_STRING, stats.reason.c_str(), nullptr);
    if (outputs)
        outputs->describe(told);
    return told;
}

static void gst_retry_src_set_property(GObject* object, guint id, const GValue* value,
                                       GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_RETRY_SRC(object)->priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_retry_src_get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    if (id == statsId())
        g_value_take_boxed(value, statsOf(GST_RETRY_SRC(object)));
    else if (!glue::getProperty(object, properties(), GST_RETRY_SRC(object)->priv->settings, id,
                                value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static bool open(GstRetrySrc* self) {
    return glue::guard(self, false, [&] {
        RetrySrcPrivate* priv = self->priv;
        const RetrySettings settings = glue::settingsOf(self, priv->settings);
        if (settings.branch.empty())
            throw base::Error(base::ErrorKind::Settings,
                              "The property branch is empty: say what retrysrc is to run, for "
                              "example branch=\"rtmp2src location=… ! flvdemux\".");
        const auto outputs = std::make_shared<Outputs>(GST_BIN(self), settings);
        auto branch =
            std::make_shared<Branch>(GST_ELEMENT(self), GST_CAT_DEFAULT, settings, outputs);
        const std::lock_guard<std::mutex> lock(priv->mutex);
        priv->outputs = outputs;
        priv->branch = std::move(branch);
        priv->started = false;
        return true;
    });
}

static void setPlaying(GstRetrySrc* self, bool playing) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    if (self->priv->outputs)
        self->priv->outputs->setPlaying(playing);
    if (playing && self->priv->branch && !std::exchange(self->priv->started, true))
        self->priv->branch->start();
}

static void close(GstRetrySrc* self) {
    std::shared_ptr<Branch> branch;
    std::shared_ptr<Outputs> outputs;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        branch = std::move(self->priv->branch);
        outputs = std::move(self->priv->outputs);
    }
    branch.reset(); // without the lock: it may take its time
}

static GstStateChangeReturn gst_retry_src_change_state(GstElement* element,
                                                       GstStateChange transition) {
    auto* self = GST_RETRY_SRC(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open(self))
        return GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
        setPlaying(self, false);
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_retry_src_parent_class)->change_state(element, transition);
    const bool failed = result == GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && !failed)
        setPlaying(self, true);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
        (failed && transition == GST_STATE_CHANGE_READY_TO_PAUSED))
        close(self);
    return result;
}

static void gst_retry_src_finalize(GObject* object) {
    delete GST_RETRY_SRC(object)->priv;
    G_OBJECT_CLASS(gst_retry_src_parent_class)->finalize(object);
}

static void gst_retry_src_init(GstRetrySrc* self) {
    self->priv = new RetrySrcPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SOURCE);
}

static void gst_retry_src_class_init(GstRetrySrcClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_retry_src_set_property;
    object->get_property = gst_retry_src_get_property;
    object->finalize = gst_retry_src_finalize;
    glue::installProperties(object, properties());
    glue::installStats(
        object, statsId(),
        "Whether the branch is connected, how often it was tried and lost and why, "
        "what came and was dropped, how often and for how long nothing came, and how "
        "often its time jumped");
    element->change_state = gst_retry_src_change_state;
    gst_element_class_add_static_pad_template(element, &srcTemplate);
    gst_element_class_set_static_metadata(element, "Retrying source", "Source/Network",
                                          "Runs a source that may fail, and brings it back",
                                          "Video Stream");
}
