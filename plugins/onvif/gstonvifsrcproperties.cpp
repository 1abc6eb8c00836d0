#include "gstonvifsrcproperties.hpp"

#include <gst/rtsp/rtsp.h>

namespace onvif {

static glue::Property<SourceSettings> locationRow() {
    auto row = glue::text<SourceSettings>(
        "location",
        "The camera: onvif://host[:port] or http://host:port/onvif/device_service. Empty: the "
        "first that "
        "is found on the network. A user name and password in it go to user-id and user-pw",
        &SourceSettings::location);
    row.write = [](SourceSettings& s, const GValue* value) {
        const char* given = g_value_get_string(value);
        setLocation(s, given ? given : "");
    };
    return row;
}

const glue::PropertyTable<SourceSettings>& sourceProperties() {
    using S = SourceSettings;
    using std::chrono::milliseconds;
    static const glue::PropertyTable<S> table = {
        locationRow(),
        glue::text<S>("user-id", "User name at the camera", &S::userId),
        glue::secret<S>("user-pw", "Password at the camera; it can be set and never read",
                        &S::userPw),
        glue::text<S>(
            "profile",
            "Media profile: a token or name, main, sub, or wishes such as "
            "max-width=1280,codec=h264,max-fps=15,audio=yes. Empty: main, the largest picture",
            &S::profile),
        glue::text<S>("interfaces",
                      "Network interfaces to look for cameras on and to receive multicast streams "
                      "from, comma "
                      "separated. Empty: those in the "
                      "environment variable ONVIF_INTERFACES, else all",
                      &S::interfaces),
        glue::duration<S>("latency", "Jitter buffer in ms, as rtspsrc has it", &S::latency,
                          milliseconds(0), milliseconds(60000)),
        glue::duration<S>("timeout",
                          "How long in ms the camera may take for an answer or to send on",
                          &S::timeout, milliseconds(100), milliseconds(600000)),
        glue::flags<S>("protocols",
                       "Lower transport protocols that are allowed, as rtspsrc has them",
                       &S::protocols, GST_TYPE_RTSP_LOWER_TRANS),
        glue::flags<S>("tls-validation-flags",
                       "What to check of the camera's certificate where it is asked over https",
                       &S::tlsValidationFlags, G_TYPE_TLS_CERTIFICATE_FLAGS),
        glue::toggle<S>("metadata",
                        "Ask for the metadata stream too, which comes from pad application_%u",
                        &S::metadata),
        glue::toggle<S>("events",
                        "Tell what the camera notices (motion, tampering, inputs, …) in element "
                        "messages \"onvif-event\". Off, it costs nothing; on, it takes one of the "
                        "few places that a camera has for subscribers",
                        &S::events),
        glue::toggle<S>("reconnect",
                        "When the stream is lost, go on by itself as soon as the camera is back",
                        &S::reconnect),
        glue::duration<S>("reconnect-min-delay",
                          "In ms: how long to wait at most before the first try after a loss. Each "
                          "further try waits twice as long, and a random part of it less",
                          &S::reconnectMinDelay, milliseconds(1), milliseconds(600000)),
        glue::duration<S>("reconnect-max-delay",
                          "In ms: how long to wait at most between two tries. While nothing at all "
                          "answers it is never more than 1500, unless reconnect-min-delay is",
                          &S::reconnectMaxDelay, milliseconds(1), milliseconds(3600000)),
        glue::number<S, int>("max-reconnects",
                             "How many tries in a row may fail before that is an error. -1: any",
                             &S::maxReconnects, -1, G_MAXINT),
        glue::toggle<S>("wait-for-camera",
                        "Wait for a camera that is not there at the start as for one that was "
                        "lost. Otherwise it is an error, as a wrong address would be",
                        &S::waitForCamera),
        glue::toggle<S>("follow-address",
                        "Follow a lost camera whose location was given to another host that says "
                        "it is that camera. One that was found on the network is always followed",
                        &S::followAddress),
        glue::text<S>("recording",
                      "Plays a recording of the device instead of its live picture: its token or "
                      "name, or \"latest\"",
                      &S::recording),
        glue::text<S>("start-time",
                      "Where in the recording to begin, as 2026-01-31T12:00:00Z. Empty: at its "
                      "beginning",
                      &S::startTime),
        glue::text<S>("stop-time", "Where in the recording to end, as start-time", &S::stopTime),
        glue::toggle<S>("onvif-rate-control",
                        "Whether the device sends a recording at its own speed, or as fast as it "
                        "is taken",
                        &S::onvifRateControl),
    };
    return table;
}

} // namespace onvif
