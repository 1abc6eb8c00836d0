/**
 * SECTION:element-retrysink
 * @title: retrysink
 * @short_description: a branch that may fail without failing the pipeline
 *
 * Runs what the property branch says, a sink that speaks to a peer, in a pipeline of its own. When
 * the peer is absent, slow or dies, this pipeline goes on as if nothing had happened: the branch is
 * taken down and made anew, after a time that doubles with each failure, and goes on at the next
 * key frame, which is asked for. What it could not take meanwhile is dropped and counted.
 *
 * On the bus it says "retrysink-waiting" when a peer (at "peer") is longer in coming than a second,
 * "retrysink-online" when something has been taken, and "retrysink-offline" with a "reason" when
 * the branch has failed.
 *
 * The inputs are the appsrc elements "in0", "in1", … in the branch, in the order in which the pads
 * were asked for. A branch that names none begins with the first.
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! \
 * retrysink branch="flvmux streamable=true ! rtmp2sink location=rtmp://127.0.0.1/live/test"
 * ]| Sends to an RTMP server that may come and go.
 */
#include "gstretrysink.hpp"

#include "glue/guard.hpp"
#include "glue/requestpads.hpp"
#include "gstbranch.hpp"
#include "gstinputs.hpp"
#include "gstretryproperties.hpp"

#include <algorithm>

GST_DEBUG_CATEGORY_STATIC(retrysink_debug);
#define GST_CAT_DEFAULT retrysink_debug

namespace {

using retry::Branch;
using retry::Inputs;
using retry::RetryInput;
using retry::RetrySettings;

struct RetrySinkPrivate {
    RetrySettings settings;
    std::mutex mutex; ///< for all below
    std::vector<std::shared_ptr<RetryInput>> inputs;
    std::shared_ptr<Branch> branch; ///< between PAUSED and READY
    std::atomic<unsigned> padCount{0};
    bool started = false;
};

const glue::PropertyTable<RetrySettings>& properties() {
    using std::chrono::milliseconds;
    static const auto table = glue::joined(
        retry::retryProperties(
            {"What is run, in gst-launch's words, with its inputs as in0., in1., …; it may hold a "
             "password, and cannot be read back",
             "Milliseconds after which a branch that takes nothing is taken for dead (0 = never)",
             "Buffers of each input that may wait for the branch; with more, it goes on at the "
             "next "
             "key frame"}),
        {glue::duration("end-timeout",
                        "Milliseconds that the branch has to write its end when the stream ends or "
                        "the element stops",
                        &RetrySettings::endTimeout, milliseconds(0), milliseconds(600000))});
    return table;
}

guint statsId() { return static_cast<guint>(properties().size()) + 1; }

GstStaticPadTemplate sinkTemplate =
    GST_STATIC_PAD_TEMPLATE("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);

} // namespace

struct _GstRetrySink {
    GstBin parent;
    RetrySinkPrivate* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstRetrySink, gst_retry_sink, GST_TYPE_BIN,
                        GST_DEBUG_CATEGORY_INIT(retrysink_debug, "retrysink", 0,
                                                "branches that may fail"))
GST_ELEMENT_REGISTER_DEFINE(retrysink, "retrysink", GST_RANK_NONE, GST_TYPE_RETRY_SINK)

static std::shared_ptr<Branch> branchOf(GstRetrySink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    return self->priv->branch;
}

static GstStructure* statsOf(GstRetrySink* self) {
    Branch::Stats stats;
    if (const auto branch = branchOf(self))
        stats = branch->stats();
    guint64 buffers = 0, drops = 0;
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    for (const auto& input : self->priv->inputs) {
        buffers += input->buffers();
        drops += input->drops();
    }
    return gst_structure_new("application/x-retrysink-stats", "connected", G_TYPE_BOOLEAN,
                             stats.connected, "tries", G_TYPE_UINT, stats.tries, "losses",
                             G_TYPE_UINT, stats.losses, "reason", G_TYPE_STRING,
                             stats.reason.c_str(), "buffers", G_TYPE_UINT64, buffers, "drops",
                             G_TYPE_UINT64, drops, nullptr);
}

static void gst_retry_sink_set_property(GObject* object, guint id, const GValue* value,
                                        GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_RETRY_SINK(object)->priv->settings, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_retry_sink_get_property(GObject* object, guint id, GValue* value,
                                        GParamSpec* spec) {
    if (id == statsId())
        g_value_take_boxed(value, statsOf(GST_RETRY_SINK(object)));
    else if (!glue::getProperty(object, properties(), GST_RETRY_SINK(object)->priv->settings, id,
                                value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/// The branch writes its end before the element says that it has come to its own.
static void ended(GstRetrySink* self) {
    std::shared_ptr<Branch> branch;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        const auto& inputs = self->priv->inputs;
        if (std::all_of(inputs.begin(), inputs.end(), [](const auto& i) { return i->ended(); }))
            branch = self->priv->branch;
    }
    if (branch)
        branch->finish();
}

static bool open(GstRetrySink* self) {
    return glue::guard(self, false, [&] {
        RetrySinkPrivate* priv = self->priv;
        const RetrySettings settings = glue::settingsOf(self, priv->settings);
        if (settings.branch.empty())
            throw base::Error(base::ErrorKind::Settings,
                              "The property branch is empty: say what retrysink is to run, for "
                              "example branch=\"rtmp2sink location=…\".");
        const std::lock_guard<std::mutex> lock(priv->mutex);
        if (priv->inputs.empty())
            throw base::Error(base::ErrorKind::Settings,
                              "Nothing is linked to retrysink: link at least one stream.");
        priv->branch = std::make_shared<Branch>(GST_ELEMENT(self), GST_CAT_DEFAULT, settings,
                                                std::make_shared<Inputs>(priv->inputs));
        priv->started = false;
        return true;
    });
}

static void start(GstRetrySink* self) {
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    if (self->priv->branch && !std::exchange(self->priv->started, true))
        self->priv->branch->start();
}

static void close(GstRetrySink* self) {
    std::shared_ptr<Branch> branch;
    {
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        branch = std::move(self->priv->branch);
        self->priv->branch.reset();
    }
    branch.reset(); // without the lock: it may take its time
    const std::lock_guard<std::mutex> lock(self->priv->mutex);
    for (const auto& input : self->priv->inputs)
        input->reset();
}

static GstStateChangeReturn gst_retry_sink_change_state(GstElement* element,
                                                        GstStateChange transition) {
    auto* self = GST_RETRY_SINK(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open(self))
        return GST_STATE_CHANGE_FAILURE;
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_retry_sink_parent_class)->change_state(element, transition);
    const bool failed = result == GST_STATE_CHANGE_FAILURE;
    if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && !failed)
        start(self);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
        (failed && transition == GST_STATE_CHANGE_READY_TO_PAUSED))
        close(self);
    return result;
}

static GstPad* gst_retry_sink_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                              const gchar* requested, const GstCaps*) {
    auto* self = GST_RETRY_SINK(element);
    return glue::guard(self, static_cast<GstPad*>(nullptr), [&]() -> GstPad* {
        if (branchOf(self))
            throw base::Error(base::ErrorKind::Settings,
                              "retrysink takes no more streams while it runs: link them before.");
        const std::string name = glue::padName(element, templ, requested, self->priv->padCount);
        auto input = std::make_shared<RetryInput>(GST_BIN(self), templ, name.c_str(),
                                                  [self] { ended(self); });
        if (!glue::addInput(element, *input))
            return nullptr;
        const std::lock_guard<std::mutex> lock(self->priv->mutex);
        self->priv->inputs.push_back(input);
        return input->pad();
    });
}

static void gst_retry_sink_release_pad(GstElement* element, GstPad* pad) {
    RetrySinkPrivate* priv = GST_RETRY_SINK(element)->priv;
    std::shared_ptr<RetryInput> input;
    {
        const std::lock_guard<std::mutex> lock(priv->mutex);
        input = glue::takeInput(priv->inputs, pad);
    }
    if (input)
        glue::removeInput(element, *input);
}

static void gst_retry_sink_finalize(GObject* object) {
    delete GST_RETRY_SINK(object)->priv;
    G_OBJECT_CLASS(gst_retry_sink_parent_class)->finalize(object);
}

static void gst_retry_sink_init(GstRetrySink* self) {
    self->priv = new RetrySinkPrivate;
    glue::makeEnd(GST_BIN(self), GST_ELEMENT_FLAG_SINK);
}

static void gst_retry_sink_class_init(GstRetrySinkClass* klass) {
    auto* object = G_OBJECT_CLASS(klass);
    auto* element = GST_ELEMENT_CLASS(klass);
    object->set_property = gst_retry_sink_set_property;
    object->get_property = gst_retry_sink_get_property;
    object->finalize = gst_retry_sink_finalize;
    glue::installProperties(object, properties());
    glue::installStats(object, statsId(),
                       "Whether the branch is connected, how often it was tried and lost and why, "
                       "and what it got and could not take");
    element->change_state = gst_retry_sink_change_state;
    element->request_new_pad = gst_retry_sink_request_new_pad;
    element->release_pad = gst_retry_sink_release_pad;
    gst_element_class_add_static_pad_template(element, &sinkTemplate);
    gst_element_class_set_static_metadata(element, "Retrying sink", "Sink/Network",
                                          "Runs a branch that may fail, and brings it back",
                                          "Video Stream");
}
