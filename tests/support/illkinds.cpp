#include "support/ills.hpp"

namespace camera {

const std::vector<IllKind>& illKinds() {
    using Value = IllKind::Value;
    static const std::vector<IllKind> all{
        // The clock.
        {"clock-skew", Value::Number, "SECONDS", "the clock is wrong by that much"},
        {"no-utc-time", Value::None, "", "only the local time is told"},
        {"clock-local", Value::None, "", "local time under the name of UTC, two hours ahead"},
        {"clock-needs-login", Value::None, "", "the time is told to users only"},
        // Addresses.
        {"wrong-xaddr", Value::Text, "HOST", "addresses of services and streams name that host"},
        {"redirect", Value::Text, "URL", "every call is redirected there"},
        {"no-path-uri", Value::None, "", "the main stream's address has no path"},
        {"uri-user", Value::None, "", "stream addresses carry a user name and password"},
        // Services.
        {"no-get-services", Value::None, "", "GetServices is not known"},
        {"media2-only", Value::None, "", "there is no media service of version 1"},
        {"no-media2", Value::None, "", "there is no media service of version 2"},
        {"media2-bare", Value::Optional, "always",
         "Media2 profiles come without configurations, unless all are asked for (or always)"},
        {"no-encoder-profiles", Value::None, "",
         "the first profile and the last have no encoder, and no stream"},
        {"h265-in-media1", Value::None, "", "Media1 says H265, which it does not know"},
        {"ptz-no-stop", Value::None, "", "the operation Stop is not known"},
        {"ptz-timeout-range", Value::None, "", "moves of less than 1 s or more than 60 s fail"},
        // Events.
        {"events-reference-parameters", Value::None, "",
         "a subscription is known by its reference parameters alone"},
        {"events-need-addressing", Value::None, "",
         "closes the connection on event requests without WS-Addressing"},
        {"events-address", Value::Text, "HOST:PORT", "subscriptions are said to be there"},
        {"events-forget", Value::Optional, "PULLS", "forgets a subscription after 3 pulls"},
        {"events-need-termination-time", Value::None, "",
         "wants an InitialTerminationTime in a subscription"},
        {"events-many", Value::None, "", "200 events are waiting, and no limit is heeded"},
        // Logging in.
        {"empty-401", Value::None, "", "refuses with 401 and no body"},
        {"lock-out", Value::Number, "N", "after N wrong logins refuses everything for 30 s"},
        {"echo-security", Value::None, "", "sends the caller's security header back"},
        // Faults and HTTP.
        {"fault-400", Value::None, "", "every fault comes with status 400"},
        {"fault-500", Value::None, "", "every fault comes with status 500"},
        {"fault-200-empty", Value::None, "", "instead of a fault, status 200 without a body"},
        {"html-errors", Value::None, "", "instead of a fault, a page for people"},
        {"hang-up-unknown", Value::None, "", "closes the connection on an unknown operation"},
        {"slow", Value::Number, "MS", "every answer waits that long"},
        {"action-required", Value::None, "", "wants the action in Content-Type"},
        {"action-refused", Value::None, "", "refuses an action in Content-Type"},
        // XML.
        {"undeclared-prefixes", Value::None, "", "prefixes are used and not declared"},
        {"wrong-encoding", Value::None, "", "says utf-16 and sends UTF-8"},
        {"invalid-utf8", Value::None, "", "texts hold bytes that are no UTF-8"},
        {"whitespace", Value::None, "", "line breaks and blanks around every text"},
        {"huge-answer", Value::None, "", "answers are longer than 2 MiB"},
        {"deep-answer", Value::None, "", "answers nest 5000 elements"},
        {"doctype-bomb", Value::None, "", "answers define entities that multiply"},
        // Discovery.
        {"discovery-nvt-only", Value::None, "", "is found as NetworkVideoTransmitter only"},
        {"discovery-device-only", Value::None, "", "is found as Device only"},
        {"discovery-ignores-untyped", Value::None, "", "does not answer a probe without types"},
        {"discovery-any-type", Value::None, "", "answers a probe for a printer"},
        {"discovery-any-scope", Value::None, "", "answers a probe for scopes that it has not"},
        {"discovery-prefix-text", Value::None, "", "knows types by the prefixes dn: and tds:"},
        {"discovery-line-breaks", Value::None, "", "does not read a probe with line breaks"},
        {"discovery-xaddrs", Value::Text, "URLS", "tells those before its own, with commas"},
        {"discovery-zero-xaddr", Value::None, "", "tells an address on 0.0.0.0"},
        {"discovery-split", Value::None, "", "answers in two parts"},
        {"discovery-other-port", Value::None, "", "answers from another port than 3702"},
        {"discovery-delay", Value::Number, "MS", "answers after up to that long, at random"},
        {"discovery-lossy", Value::Number, "N", "the first N probes get lost"},
        {"discovery-no-unicast", Value::None, "", "does not answer a probe to itself alone"},
        {"discovery-raw-scopes", Value::None, "", "scopes hold blanks and line breaks"},
        // The stream.
        {"stream-stops", Value::Optional, "S", "no more RTP, after that many seconds of a stream"},
        {"video-stops", Value::Optional, "S", "the same of its picture alone"},
        {"audio-stops", Value::Optional, "S", "the same of its sound alone"},
        {"metadata-stops", Value::Optional, "S", "the same of its metadata alone"},
        {"starts-without-key-frame", Value::None, "", "a stream begins with its second picture"},
        {"caps-change", Value::Optional, "h265", "streams that start are half as large, or H.265"},
        {"metadata-gzip", Value::None, "", "metadata of streams that start is compressed"},
        // RTSP.
        {"hangs-up", Value::Optional, "S", "closes the connection a second (or S) after PLAY"},
        {"refuses-setup", Value::Optional, "STATUS", "answers 461 (or STATUS) to SETUP"},
        {"session-timeout", Value::Number, "S", "ends sessions that ask nothing for so long"},
        {"no-keepalive-answer", Value::None, "", "says nothing to OPTIONS and GET_PARAMETER"},
        {"rtsp-slow", Value::Number, "MS", "every RTSP answer waits that long"},
        {"rtsp-sha256", Value::None, "", "RTSP knows no digest but SHA-256"},
        {"wrong-sdp", Value::Text, "HOW", "absolute, other-host or no-rtpmap"},
    };
    return all;
}

} // namespace camera
