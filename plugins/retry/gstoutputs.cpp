#include "gstoutputs.hpp"

#include "scrub.hpp"

namespace retry {

using glue::Ref;
using std::chrono::nanoseconds;

Outputs::Outputs(GstBin* bin, const RetrySettings& settings) {
    const auto latency = static_cast<GstClockTime>(nanoseconds(settings.latency).count());
    for (unsigned i = 0; i < outputsOf(settings.branch); i++)
        list_.push_back(std::make_unique<RetryOutput>(bin, i, latency, passage_));
}

std::string Outputs::line(const std::string& branch) const { return withSinks(branch); }

void Outputs::connect(GstBin* branch, const RetrySettings& settings) {
    {
        const std::lock_guard<std::mutex> lock(passage_.mutex);
        passage_.timeline.begin();
        passage_.heard = Passage::Clock::now();
        passage_.flowing = false;
    }
    for (std::size_t i = 0; i < list_.size(); i++) {
        const std::string name = "out" + std::to_string(i);
        const Ref<GstElement> sink(gst_bin_get_by_name(branch, name.c_str()));
        list_[i]->connect(sink.get(), settings.maxBuffers);
    }
}

void Outputs::disconnect() {
    for (const auto& output : list_)
        output->disconnect();
}

/// Some peers neither send nor end.
std::string Outputs::complaint(const RetrySettings& settings) {
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    if (Passage::Clock::now() - passage_.heard <= settings.stallTimeout)
        return {};
    return passage_.flowing ? "nothing comes any more" : "nothing comes";
}

bool Outputs::flowing() const {
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    return passage_.flowing;
}

void Outputs::setPlaying(bool playing) {
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    passage_.playing = playing;
}

void Outputs::describe(GstStructure* stats) const {
    const std::lock_guard<std::mutex> lock(passage_.mutex);
    gst_structure_set(stats, "buffers", G_TYPE_UINT64, passage_.buffers, "drops", G_TYPE_UINT64,
                      passage_.drops, "gaps", G_TYPE_UINT64, passage_.gaps, "gap-time",
                      G_TYPE_UINT64, static_cast<guint64>(nanoseconds(passage_.absent).count()),
                      "jumps", G_TYPE_UINT64, passage_.jumps, nullptr);
}

} // namespace retry
