#pragma once

#include <gst/gst.h>

#include <map>
#include <string>

namespace pipelines {

// What a pipeline does, told on stdout in plain words, one line each and without a secret.

/// The cameras that are asked, before they have answered.
void sayWhatIsWaitedFor(GstElement* pipeline);

/// Elements that serve or send to a place and do not say so themselves.
void sayWhereItGoes(GstElement* pipeline);

/// What happens while it plays.
class Narration {
public:
    /// A warning, info or element message.
    void say(GstMessage* message);

private:
    void sayMissing(GstMessage* message, const std::string& debug);
    bool saysMissing(GstMessage* message);
    void sayCamera(GstMessage* message, const GstStructure* facts);
    void sayElementMessage(GstMessage* message);

    bool soundless_ = false;
    std::map<std::string, std::string> pictures_; ///< that each camera was said to send
};

} // namespace pipelines
