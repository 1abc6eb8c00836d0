// What the virtual camera sends besides its picture, and what it hears.
#include "net/xml.hpp"
#include "rtspdialogue.hpp"
#include "support/scene.hpp"

#include <gio/gio.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <cmath>
#include <map>

namespace {

constexpr double fps = 10;

struct Packet {
    std::string payload;
    guint32 time; ///< of RTP
    bool marker;
};

Packet packetOf(GstSample* sample) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    fail_unless(gst_rtp_buffer_map(gst_sample_get_buffer(sample), GST_MAP_READ, &rtp));
    Packet packet{std::string(static_cast<const char*>(gst_rtp_buffer_get_payload(&rtp)),
                              gst_rtp_buffer_get_payload_len(&rtp)),
                  gst_rtp_buffer_get_timestamp(&rtp), gst_rtp_buffer_get_marker(&rtp) != FALSE};
    gst_rtp_buffer_unmap(&rtp);
    return packet;
}

/// One document, from as many packets as it came in.
Packet document(Player& player, const char* sink) {
    Packet whole;
    do {
        Packet part = packetOf(pull(player, sink).get());
        part.payload.insert(0, whole.payload);
        whole = std::move(part);
    } while (!whole.marker);
    return whole;
}

/// The frame of which a document tells.
std::uint32_t frameOf(const net::XmlDocument& document) {
    const auto boxes = document.root().findAll("BoundingBox");
    fail_unless_equals_int(boxes.size(), 3);
    for (std::uint32_t frame = 0; frame < 3000; ++frame) {
        const auto signs = camera::objectsAt(frame, fps, 16.0 / 9);
        double off = 0;
        for (std::size_t i = 0; i < signs.size(); ++i)
            off += std::abs(std::stod(boxes[i].attribute("left")) - (2 * signs[i].box.x - 1)) +
                   std::abs(std::stod(boxes[i].attribute("top")) - (1 - 2 * signs[i].box.y));
        if (off < 0.005)
            return frame;
    }
    ck_abort_msg("no frame of the scene looks like that");
    return 0;
}

std::string inflated(const std::string& gzip) {
    GZlibDecompressor* decompressor = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    std::string out(65536, 0);
    gsize read = 0, written = 0;
    g_converter_convert(G_CONVERTER(decompressor), gzip.data(), gzip.size(), out.data(), out.size(),
                        G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
    g_object_unref(decompressor);
    out.resize(written);
    return out;
}

std::string metadataOf(const camera::VirtualCamera& camera) {
    return "rtspsrc protocols=tcp location=" + camera.rtspUrl("main") +
           " name=r r. ! application/x-rtp,media=application ! appsink name=meta sync=false ";
}

std::string talkingTo(const camera::VirtualCamera& camera) {
    return "rtspsrc protocols=tcp backchannel=onvif location=" + camera.rtspUrl("main") +
           " name=r r. ! application/x-rtp,media=video ! rtph264depay ! fakesink name=out "
           "sync=false";
}

/// Sends what it is given into the camera's loudspeaker, as stock applications do: the sample goes
/// by an action signal, with the number of the stream that says sendonly.
struct Speech {
    explicit Speech(Player& player, const std::string& encoder)
        : source_(player["r"]),
          voice_("audiotestsrc is-live=true freq=1200 volume=0.5 samplesperbuffer=160 ! "
                 "audio/x-raw,rate=8000,channels=1 ! " +
                 encoder + " ! appsink name=out emit-signals=true sync=false") {
        g_signal_connect(source_.get(), "select-stream", G_CALLBACK(note), this);
    }

    void speak() {
        fail_unless(becomes([this] { return stream_ >= 0; }), "the camera has no loudspeaker");
        g_signal_connect(voice_["out"].get(), "new-sample", G_CALLBACK(push), this);
        voice_.play();
    }

    std::string codec() const { return codec_; }

private:
    static gboolean note(GstElement*, guint number, GstCaps* caps, gpointer data) {
        auto* self = static_cast<Speech*>(data);
        const GstStructure* s = gst_caps_get_structure(caps, 0);
        if (gst_structure_has_field(s, "a-sendonly")) {
            self->codec_ = gst_structure_get_string(s, "encoding-name");
            self->stream_ = static_cast<int>(number);
        }
        return TRUE;
    }
    static GstFlowReturn push(GstElement* sink, gpointer data) {
        auto* self = static_cast<Speech*>(data);
        GstSample* sample = nullptr;
        g_signal_emit_by_name(sink, "pull-sample", &sample);
        if (!sample)
            return GST_FLOW_EOS;
        // It takes the sample.
        GstFlowReturn flow = GST_FLOW_OK;
        g_signal_emit_by_name(self->source_.get(), "push-backchannel-buffer",
                              static_cast<guint>(self->stream_), sample, &flow);
        return GST_FLOW_OK;
    }

    glue::Ref<GstElement> source_;
    std::atomic<int> stream_{-1};
    std::string codec_;
    Player voice_; ///< ends first
};

} // namespace

/// The document about a frame has that frame's time: the two tracks' RTP times, which start at
/// random, stay as far apart as they were.
GST_START_TEST(metadataInStepWithThePicture) {
    const camera::VirtualCamera camera(small());
    Player player(metadataOf(camera) +
                  "r. ! application/x-rtp,media=video ! tee name=t "
                  "t. ! queue ! appsink name=rtp sync=false t. ! queue ! rtph264depay ! "
                  "avdec_h264 ! videoconvert ! video/x-raw,format=BGRx ! appsink name=out "
                  "sync=false");
    player.play();
    std::map<std::uint32_t, guint32> told, shown; ///< RTP time by frame
    std::map<GstClockTime, guint32> sent;         ///< RTP time by when it is to be shown
    std::vector<gint32> apart;
    while (apart.size() < 5) {
        const Packet packet = document(player, "meta");
        const auto parsed = net::XmlDocument::parse(packet.payload);
        const std::string root = parsed.root().name();
        fail_unless_equals_string(root.c_str(), "MetadataStream");
        told[frameOf(parsed)] = packet.time;
        const auto sample = pull(player, "out");
        const GstClockTime at = GST_BUFFER_PTS(gst_sample_get_buffer(sample.get()));
        while (!sent.count(at)) {
            const auto picture = pull(player, "rtp");
            sent[GST_BUFFER_PTS(gst_sample_get_buffer(picture.get()))] =
                packetOf(picture.get()).time;
        }
        shown[numberOf(sample.get())] = sent[at];
        fail_unless(sent.size() < 600, "in a minute the tracks told of no frame together");
        apart.clear();
        for (const auto& [frame, time] : told)
            if (shown.count(frame))
                apart.push_back(static_cast<gint32>(time - shown[frame]));
    }
    const auto [least, most] = std::minmax_element(apart.begin(), apart.end());
    fail_unless(*most - *least <= 90, "the tracks moved by %d ticks of 90000 a second",
                *most - *least);
}
GST_END_TEST

GST_START_TEST(metadataTellsOfEvents) {
    const camera::VirtualCamera camera(small());
    Player player(metadataOf(camera));
    player.play();
    bool happened = false;
    for (int i = 0; i < 100 && !happened; ++i)
        happened = says(document(player, "meta").payload, "tns1:VideoSource/MotionAlarm");
    fail_unless(happened, "twenty seconds without motion starting or ending");
}
GST_END_TEST

GST_START_TEST(metadataCompressedOrNone) {
    auto settings = small();
    settings.ills["metadata-gzip"] = "";
    {
        const camera::VirtualCamera camera(settings);
        Player player(metadataOf(camera));
        player.play();
        const auto sample = pull(player, "meta");
        const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
        fail_unless_equals_string(gst_structure_get_string(caps, "encoding-name"),
                                  "VND.ONVIF.METADATA+GZIP");
        frameOf(net::XmlDocument::parse(inflated(document(player, "meta").payload)));
    }
    settings.metadata = false;
    const camera::VirtualCamera camera(settings);
    const Connection connection(camera.rtspUrl("main"));
    connection.send("DESCRIBE " + camera.rtspUrl("main") + " RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    const std::string answer = connection.until("m=audio");
    fail_unless(says(answer, "m=audio") && !says(answer, "m=application"), "%s", answer.c_str());
}
GST_END_TEST

/// A tick a second is heard by whoever decodes.
GST_START_TEST(everySoundCodec) {
    const struct {
        camera::Audio audio;
        const char *name, *decoder;
    } kinds[] = {{camera::Audio::Opus, "OPUS", "rtpopusdepay ! opusdec"},
                 {camera::Audio::Pcma, "PCMA", "rtppcmadepay ! alawdec"},
                 {camera::Audio::Pcmu, "PCMU", "rtppcmudepay ! mulawdec"},
                 {camera::Audio::Aac, "MPEG4-GENERIC", "rtpmp4gdepay ! avdec_aac"}};
    for (const auto& kind : kinds) {
        auto settings = small();
        settings.audio = kind.audio;
        const camera::VirtualCamera camera(settings);
        Player player("rtspsrc protocols=tcp location=" + camera.rtspUrl("sub") +
                      " name=r r. ! application/x-rtp,media=audio,encoding-name=" + kind.name +
                      " ! " + kind.decoder +
                      " ! audioconvert ! audio/x-raw,format=S16LE,channels=1 ! appsink "
                      "sync=false name=out");
        player.play();
        bool loud = false;
        for (int i = 0; i < 500 && !loud; ++i) {
            GstMapInfo map;
            const auto sample = pull(player, "out");
            gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
            const auto* samples = reinterpret_cast<const gint16*>(map.data);
            for (gsize at = 0; at < map.size / 2; ++at)
                loud |= std::abs(samples[at]) > 1500;
            gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
        }
        fail_unless(loud, "no tick in %s", kind.name);
    }
}
GST_END_TEST

/// Who speaks into the camera by a stock client is heard, in the tone and as loud as it was sent.
GST_START_TEST(loudspeakerHears) {
    const struct {
        camera::Backchannel codec;
        const char *name, *encoder;
    } kinds[] = {
        {camera::Backchannel::Pcmu, "PCMU", "mulawenc ! rtppcmupay"},
        {camera::Backchannel::Pcma, "PCMA", "alawenc ! rtppcmapay"},
        {camera::Backchannel::Aac, "MPEG4-GENERIC",
         "audioresample ! audio/x-raw,rate=16000 ! avenc_aac ! aacparse ! rtpmp4gpay pt=110"}};
    for (const auto& kind : kinds) {
        auto settings = small();
        settings.backchannel = kind.codec;
        const camera::VirtualCamera camera(settings);
        Player player(talkingTo(camera));
        Speech speech(player, kind.encoder);
        player.play();
        player.expectBuffers("out", 3);
        speech.speak();
        const std::string codec = speech.codec();
        fail_unless_equals_string(codec.c_str(), kind.name);
        fail_unless(becomes([&] { return camera.heard().samples > 8000; }), "%s: %d packets",
                    kind.name, static_cast<int>(camera.heard().packets));
        const camera::Heard heard = camera.heard();
        fail_unless(std::abs(heard.frequency - 1200) <= 20, "%s: %f Hz", kind.name,
                    heard.frequency);
        fail_unless(heard.loudness > -15 && heard.loudness < -5, "%f dB", heard.loudness);
        fail_unless(says(camera.control().run("backchannel"), "frequency=1"));
    }
}
GST_END_TEST

/// Who takes the picture alone does not end sound and metadata for those who come after.
GST_START_TEST(oneTrackAndThenAll) {
    const camera::VirtualCamera camera(small());
    RtspDialogue first(camera.rtspUrl("main"));
    first.setUp();
    first.ask("PLAY");
    for (int i = 0; i < 20; ++i)
        fail_unless(first.packet().has_value());
    Player second(metadataOf(camera) +
                  "r. ! application/x-rtp,media=video ! fakesink name=video sync=false "
                  "r. ! application/x-rtp,media=audio ! fakesink name=audio sync=false");
    second.play();
    second.expectBuffers("video", 10);
    second.expectBuffers("audio", 10);
    document(second, "meta");
    fail_unless(first.packet().has_value());
}
GST_END_TEST

GST_START_TEST(unknownRequirements) {
    auto settings = small();
    settings.backchannel = camera::Backchannel::None;
    const camera::VirtualCamera camera(settings);
    for (const std::string wish : {"www.onvif.org/ver20/backchannel", "onvif-replay", "magic"}) {
        const Connection connection(camera.rtspUrl("main"));
        connection.send("DESCRIBE " + camera.rtspUrl("main") +
                        " RTSP/1.0\r\nCSeq: 1\r\nRequire: " + wish + "\r\n\r\n");
        const std::string answer = connection.until("\r\n\r\n");
        fail_unless(says(answer, "RTSP/1.0 551 ") && says(answer, "Unsupported: " + wish), "%s",
                    answer.c_str());
    }
}
GST_END_TEST

static Suite* camerastreams_suite() {
    Suite* suite = suite_create("camerastreams");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, metadataInStepWithThePicture);
    tcase_add_test(tests, metadataTellsOfEvents);
    tcase_add_test(tests, metadataCompressedOrNone);
    tcase_add_test(tests, everySoundCodec);
    tcase_add_test(tests, loudspeakerHears);
    tcase_add_test(tests, oneTrackAndThenAll);
    tcase_add_test(tests, unknownRequirements);
    return suite;
}

GST_CHECK_MAIN(camerastreams);
