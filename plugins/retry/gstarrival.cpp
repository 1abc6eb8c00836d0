#include "gstarrival.hpp"

#include <algorithm>

namespace retry {
namespace {

using glue::Ref;
using Count = std::shared_ptr<std::atomic<unsigned>>;

GstPadProbeReturn onBuffer(GstPad*, GstPadProbeInfo*, gpointer count) {
    (**static_cast<Count*>(count))++;
    return GST_PAD_PROBE_OK;
}

/// Some take what they throw away (srtsink) or only need to begin (rtmp2sink), and count what they
/// send.
bool hasSent(GstElement* sink) {
    const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(sink), "stats");
    if (!spec || spec->value_type != GST_TYPE_STRUCTURE)
        return true;
    GstStructure* raw = nullptr;
    g_object_get(sink, "stats", &raw, nullptr);
    const Ref<GstStructure> stats(raw);
    guint64 bytes = 0;
    for (const char* sent : {"bytes-sent-total", "out-bytes-total"})
        if (stats && gst_structure_get_uint64(stats.get(), sent, &bytes))
            return bytes > 0;
    return true;
}

} // namespace

gboolean Arrival::watchPad(GstElement* sink, GstPad* pad, gpointer self) {
    const auto count = std::make_shared<std::atomic<unsigned>>(0);
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        onBuffer, new Count(count), [](gpointer data) { delete static_cast<Count*>(data); });
    static_cast<Arrival*>(self)->inputs_.push_back({glue::share(sink), count});
    return TRUE;
}

void Arrival::watch(GstBin* branch) {
    forget();
    const Ref<GstIterator> sinks(gst_bin_iterate_sinks(branch));
    const auto watchSink = [](const GValue* sink, gpointer self) {
        gst_element_foreach_sink_pad(GST_ELEMENT(g_value_get_object(sink)), watchPad, self);
    };
    gst_iterator_foreach(sinks.get(), watchSink, this);
}

bool Arrival::complete() const {
    const auto given = [](const Input& input) { return *input.buffers > 0; };
    // Who is given the next one has taken the one before.
    const auto done = [&](const Input& input) {
        return !given(input) || (*input.buffers > 1 && hasSent(input.sink.get()));
    };
    return std::any_of(inputs_.begin(), inputs_.end(), given) &&
           std::all_of(inputs_.begin(), inputs_.end(), done);
}

} // namespace retry
