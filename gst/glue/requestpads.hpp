#pragma once

#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

namespace glue {

// For bins that have one input for each pad asked of them. An input has a pad() and is taken out of
// its bin by dispose().

/// A name for a pad of `padTemplate`: the one that was asked for or, without one, the template's
/// word and the next number that no pad has.
std::string padName(GstElement* element, GstPadTemplate* padTemplate, const char* requested,
                    std::atomic<unsigned>& next);

/// Activates and adds the input's pad, or takes the input out again. Whether it was added.
template <class Input>
bool addInput(GstElement* element, Input& input) {
    gst_pad_set_active(input.pad(), TRUE);
    if (gst_element_add_pad(element, input.pad()))
        return true;
    input.dispose();
    return false;
}

/// Removes the input's pad and the input. The pad is gone after it.
template <class Input>
void removeInput(GstElement* element, Input& input) {
    // In PAUSED a buffer waits in there, and who brought it is waited for.
    gst_pad_send_event(input.pad(), gst_event_new_flush_start());
    gst_pad_set_active(input.pad(), FALSE);
    gst_element_remove_pad(element, input.pad());
    input.dispose();
}

/// Takes the input with that pad out of the list; null where there is none. `Pointer` owns it.
template <class Pointer>
Pointer takeInput(std::vector<Pointer>& inputs, const GstPad* pad) {
    const auto found = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const Pointer& each) { return each->pad() == pad; });
    if (found == inputs.end())
        return nullptr;
    Pointer taken = std::move(*found);
    inputs.erase(found);
    return taken;
}

/// Makes a bin one end of the pipeline, GST_ELEMENT_FLAG_SINK or _SOURCE, whatever is inside.
void makeEnd(GstBin* bin, GstElementFlags end);

} // namespace glue
