#include "gstinputs.hpp"

#include "base/error.hpp"
#include "scrub.hpp"

namespace retry {

using glue::Ref;

static Ref<GstElement> sourceOf(GstBin* branch, std::size_t input) {
    return Ref<GstElement>(gst_bin_get_by_name(branch, ("in" + std::to_string(input)).c_str()));
}

std::string Inputs::line(const std::string& branch) const {
    return withSources(branch, static_cast<unsigned>(list_.size()));
}

void Inputs::check(GstBin* branch) const {
    for (std::size_t i = 0; i < list_.size(); i++) {
        const Ref<GstPad> out(gst_element_get_static_pad(sourceOf(branch, i).get(), "src"));
        if (!gst_pad_is_linked(out.get()))
            throw base::Error(base::ErrorKind::Settings,
                              "The property branch does not take input " + std::to_string(i) +
                                  ": name \"in" + std::to_string(i) + ".\" in it.");
    }
}

void Inputs::connect(GstBin* branch, const RetrySettings& settings) {
    arrival_.watch(branch);
    const auto overture = std::make_shared<Overture>();
    for (std::size_t i = 0; i < list_.size(); i++)
        list_[i]->connect(sourceOf(branch, i).get(), settings.maxBuffers, overture);
}

void Inputs::disconnect() {
    arrival_.forget();
    for (const auto& input : list_)
        input->disconnect();
}

bool Inputs::sendEnd() {
    for (const auto& input : list_)
        input->sendEnd();
    return true;
}

/// Some peers neither take nor refuse.
std::string Inputs::complaint(const RetrySettings& settings) {
    for (const auto& input : list_)
        if (input->stalled() > settings.stallTimeout)
            return flowing() ? "it takes nothing any more" : "it takes nothing";
    return {};
}

} // namespace retry
