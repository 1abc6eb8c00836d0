// Media2 and Media1 from the first question to the picture: what the camera was asked over SOAP and
// RTSP, as ONVIF's client test specification looks at it.
#include "cameratalk.hpp"
#include "player.hpp"
#include "pullpoint.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <mutex>
#include <vector>

using camera::Auth;
using camera::RequestNote;
using Ills = std::map<std::string, std::string>;

static camera::Settings sick(const Ills& ills) {
    camera::Settings settings = cameraWith(Auth::Digest);
    settings.ills = ills;
    return settings;
}

static const struct Case {
    Ills ills;
    std::vector<std::string> asked; ///< who is asked for what there is, each once
    const char* speaks;             ///< whose stream address is taken
} cases[] = {
    {{}, {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service"}, "media2"},
    {{{"media2-only", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service"},
     "media2"},
    {{{"media2-bare", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service"},
     "media2"},
    {{{"media2-bare", "always"}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service",
      "GetProfiles /onvif/media_service"},
     "media"},
    {{{"media2-bare", "always"}, {"media2-only", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service"},
     "media2"},
    {{{"no-media2", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media_service"},
     "media"},
    {{{"no-get-services", ""}},
     {"GetServices /onvif/device_service", "GetCapabilities /onvif/device_service",
      "GetProfiles /onvif/media_service"},
     "media"},
    {{{"no-encoder-profiles", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media2_service"},
     "media2"},
    {{{"no-encoder-profiles", ""}, {"no-media2", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media_service"},
     "media"},
    {{{"h265-in-media1", ""}, {"no-media2", ""}},
     {"GetServices /onvif/device_service", "GetProfiles /onvif/media_service"},
     "media"},
};

static std::string nameOf(const Case& one) {
    std::string name = "well";
    for (const auto& [ill, value] : one.ills)
        name += " " + ill + "=" + value;
    return name;
}

/// The operations of one kind that were granted, with where they went.
static std::vector<std::string> granted(camera::VirtualCamera& camera, const std::string& prefix) {
    std::vector<std::string> all;
    for (const RequestNote& note : camera.record().all())
        if (note.granted && note.operation.find(prefix) == 0)
            all.push_back(note.operation + " " + note.path);
    return all;
}

/// Quirks M1, M2, M4, M5: each question at the service that has the answer, and no other.
GST_START_TEST(asksWhereTheAnswerIsM1M2M4M5) {
    const Case& one = cases[__i__];
    camera::VirtualCamera camera(sick(one.ills));
    const onvif::Stream stream = find(sourceFor(camera));
    const std::string name = nameOf(one);

    fail_unless(stream.profile.token == "main", "%s: %s", name.c_str(),
                stream.profile.token.c_str());
    fail_unless(stream.uri == camera.rtspUrl("main"), "%s: %s", name.c_str(), stream.uri.c_str());
    const bool spare = one.ills.count("no-encoder-profiles") != 0;
    fail_unless_equals_int(stream.profiles.size(), spare ? 4 : 2);

    std::vector<std::string> asked;
    for (const char* what : {"GetServices", "GetCapabilities", "GetProfiles"})
        for (const std::string& question : granted(camera, what))
            asked.push_back(question);
    fail_unless(asked == one.asked, "%s: asked %s", name.c_str(), asked.back().c_str());
    const std::string service = std::string("/onvif/") + one.speaks + "_service";
    fail_unless(granted(camera, "GetStreamUri") ==
                    std::vector<std::string>{"GetStreamUri " + service},
                "%s", name.c_str());
    fail_unless_equals_int(camera.wrongLogins(), 0);
}
GST_END_TEST

/// Without a Type, most devices leave the configurations out of a profile (M4).
GST_START_TEST(shapeOfMedia2) {
    camera::VirtualCamera camera(sick({}));
    const onvif::Stream stream = find(sourceFor(camera));
    fail_unless(stream.profile.media2 && stream.profile.encoding == "H264");
    fail_unless_equals_int(stream.profile.width, 320);
    const RequestNote profiles = camera.record().of("GetProfiles").back();
    assertHas(profiles.body, "<GetProfiles xmlns=\"http://www.onvif.org/ver20/media/wsdl\">"
                             "<Type>All</Type></GetProfiles>");
    const RequestNote address = camera.record().of("GetStreamUri").back();
    assertHas(address.body, "<GetStreamUri xmlns=\"http://www.onvif.org/ver20/media/wsdl\">"
                            "<Protocol>RTSP</Protocol><ProfileToken>main</ProfileToken>");
}
GST_END_TEST

/// What every RTSP server of this process was asked.
class RtspRecord {
public:
    struct Note {
        std::string method, uri, transport;
    };
    RtspRecord() {
        g_type_class_unref(g_type_class_ref(GST_TYPE_RTSP_CLIENT));
        for (const char* name : {"describe-request", "setup-request"})
            hooks_[g_signal_lookup(name, GST_TYPE_RTSP_CLIENT)] = 0;
        for (auto& [signal, hook] : hooks_)
            hook = g_signal_add_emission_hook(signal, 0, note, this, nullptr);
    }
    ~RtspRecord() {
        for (const auto& [signal, hook] : hooks_)
            g_signal_remove_emission_hook(signal, hook);
    }
    RtspRecord(const RtspRecord&) = delete;
    RtspRecord& operator=(const RtspRecord&) = delete;

    std::vector<Note> of(const std::string& method) {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::vector<Note> some;
        for (const Note& note : notes_)
            if (note.method == method)
                some.push_back(note);
        return some;
    }

private:
    static gboolean note(GSignalInvocationHint*, guint, const GValue* values, gpointer data) {
        auto* self = static_cast<RtspRecord*>(data);
        const auto* context = static_cast<GstRTSPContext*>(g_value_get_pointer(values + 1));
        GstRTSPMethod method;
        const gchar* uri = nullptr;
        gchar* transport = nullptr; // SETUP alone has one
        gst_rtsp_message_parse_request(context->request, &method, &uri, nullptr);
        gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_TRANSPORT, &transport, 0);
        const std::lock_guard<std::mutex> lock(self->mutex_);
        self->notes_.push_back({gst_rtsp_method_as_text(method), uri, transport ? transport : ""});
        return TRUE;
    }

    std::map<guint, gulong> hooks_;
    std::mutex mutex_;
    std::vector<Note> notes_;
};

static const struct Carriage {
    const char *protocols, *asked, *transport;
} carriages[] = {
    {"tcp", "RTSP", "RTP/AVP/TCP"},
    {"udp", "RtspUnicast", "RTP/AVP;unicast"},
    {"tcp+udp", "RtspUnicast", "RTP/AVP;unicast"},
};

/// MEDIA2_MEDIASTREAMING: DESCRIBE of exactly the address that GetStreamUri gave, and SETUP by the
/// transport that it was asked for.
GST_START_TEST(playsWhatItAskedFor) {
    const Carriage& way = carriages[__i__];
    RtspRecord rtsp;
    camera::VirtualCamera camera(sick({{"media2-only", ""}}));
    Player player(std::string("onvifsrc name=src protocols=") + way.protocols +
                  " profile=sub user-id=admin location=" + camera.deviceServiceUrl() +
                  " ! fakesink name=out sync=false");
    g_object_set(player["src"].get(), "user-pw", password, nullptr);
    player.play();
    player.expectBuffers("out", 3);

    assertHas(camera.record().of("GetStreamUri").back().body,
              std::string("<Protocol>") + way.asked + "</Protocol>");
    const std::string address = camera.rtspUrl("sub");
    const auto described = rtsp.of("DESCRIBE"), prepared = rtsp.of("SETUP");
    fail_if(described.empty() || prepared.empty());
    for (const auto& note : described)
        fail_unless_equals_string(note.uri.c_str(), address.c_str());
    for (const auto& note : prepared) {
        assertHas(note.uri, address + "/");
        fail_unless(note.transport.find(way.transport) == 0, "%s: %s", way.protocols,
                    note.transport.c_str());
    }
}
GST_END_TEST

/// What a camera gave as the place of a subscription, out of the trace of its answers.
static net::Url subscriptionIn(const std::string& traced) {
    const std::string end = "</wsa:Address>";
    const auto at = traced.find("/onvif/subscription");
    fail_if(at == std::string::npos, "no subscription in %s", traced.c_str());
    const auto start = traced.rfind('>', at) + 1;
    return *net::Url::parse(traced.substr(start, traced.find('<', at) - start));
}

static const char* const known[] = {"", "events-reference-parameters"};

/// PullPoint: PullMessages, Renew and Unsubscribe go to the SubscriptionReference, with what it is
/// known by (E1).
GST_START_TEST(renewsAtTheSubscriptionReferenceE1) {
    camera::VirtualCamera camera(sick(*known[__i__] ? Ills{{known[__i__], ""}} : Ills{}));
    std::string traced;
    const net::Cancel cancel;
    onvif::Connection connection(
        *net::Url::parse(camera.deviceServiceUrl()), onvif::connectionSettings(sourceFor(camera)),
        cancel, [&](const std::string&, const std::string& text) { traced += text; });
    connection.device().open();
    onvif::PullPoint point(connection.device());
    point.subscribe();
    const net::Url reference = subscriptionIn(traced);
    const std::chrono::seconds wait(1);
    point.pull(wait, onvif::PullPoint::Clock::now() + onvif::PullPoint::lifetime * 3 / 4);
    point.unsubscribe(std::chrono::seconds(30));

    for (const char* operation : {"PullMessages", "Renew", "Unsubscribe"}) {
        const auto notes = camera.record().of(operation);
        fail_if(notes.empty(), "no %s", operation);
        const RequestNote& note = notes.back();
        fail_unless(note.granted);
        const std::string target = note.path + (note.query.empty() ? "" : "?" + note.query);
        fail_unless_equals_string(target.c_str(), reference.rest.c_str());
        assertHas(note.body, "<a:Action s:mustUnderstand=\"1\">http://");
        if (*known[__i__])
            assertHas(note.body, "a:IsReferenceParameter=\"true\"");
    }
    assertHas(camera.record().of("Renew").back().body, "<TerminationTime>PT60S</TerminationTime>");
}
GST_END_TEST

static Suite* onvifmedia2_suite() {
    Suite* suite = suite_create("onvifmedia2");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, asksWhereTheAnswerIsM1M2M4M5, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, shapeOfMedia2);
    tcase_add_loop_test(tests, playsWhatItAskedFor, 0, G_N_ELEMENTS(carriages));
    tcase_add_loop_test(tests, renewsAtTheSubscriptionReferenceE1, 0, G_N_ELEMENTS(known));
    return suite;
}

GST_CHECK_MAIN(onvifmedia2);
