#include "glue/ref.hpp"
#include "metadatapackets.hpp"
#include "player.hpp"

#include <gio/gio.h>

#include <gst/check/gstcheck.h>

using glue::Ref;
using packets::document;
using packets::moment;
using packets::packet;

static const std::string text = document(moment("2026-01-31T12:00:00Z"));

static GstHarness* depayloader(const std::string& encoding = "VND.ONVIF.METADATA") {
    GstHarness* h = gst_harness_new("onvifmetadatadepay");
    gst_harness_set_src_caps_str(h, packets::rtpCaps(encoding).c_str());
    return h;
}

GST_START_TEST(documentsComeWhole) {
    GstHarness* h = depayloader();
    gst_harness_push(h, packet(text.substr(0, 120), 1, false, 40 * GST_MSECOND));
    gst_harness_push(h, packet(text.substr(120), 2, true, 40 * GST_MSECOND));
    gst_harness_push(h, packet(text + document(""), 3, true, 80 * GST_MSECOND));
    fail_unless_equals_int(gst_harness_buffers_received(h), 3);
    const Ref<GstBuffer> one(gst_harness_pull(h));
    fail_unless(packets::textOf(one.get()) == text);
    fail_unless_equals_uint64(GST_BUFFER_PTS(one.get()), 40 * GST_MSECOND);
    const Ref<GstBuffer> two(gst_harness_pull(h)), third(gst_harness_pull(h));
    fail_unless_equals_uint64(GST_BUFFER_PTS(two.get()), 80 * GST_MSECOND);
    fail_unless(packets::textOf(third.get()) == document(""));
    const Ref<GstCaps> caps(gst_pad_get_current_caps(h->sinkpad));
    const Ref<GstCaps> known(gst_caps_from_string("application/x-onvif-metadata, parsed=true"));
    fail_unless(gst_caps_is_subset(caps.get(), known.get()));
    fail_unless_equals_uint64(packets::statOf(h->element, "documents"), 3);
    gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(lostPacketsCostTheirDocument) {
    GstHarness* h = depayloader();
    gst_harness_push(h, packet(text.substr(0, 100), 1, false, 0));
    // Number 2 is lost.
    gst_harness_push(h, packet(text.substr(200), 3, true, 0));
    gst_harness_push(h, packet(text, 4, true, 40 * GST_MSECOND));
    fail_unless_equals_int(gst_harness_buffers_received(h), 1);
    const Ref<GstBuffer> whole(gst_harness_pull(h));
    fail_unless(packets::textOf(whole.get()) == text);
    fail_unless_equals_uint64(packets::statOf(h->element, "dropped"), 1);
    gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(gzipIsUnpacked) {
    GConverter* zlib = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
    std::string packed(4096, '\0');
    gsize taken = 0, made = 0;
    g_converter_convert(zlib, text.data(), text.size(), packed.data(), packed.size(),
                        G_CONVERTER_INPUT_AT_END, &taken, &made, nullptr);
    packed.resize(made);
    g_object_unref(zlib);
    for (const char* name : {"VND.ONVIF.METADATA.GZIP", "VND.ONVIF.METADATA+GZIP"}) {
        GstHarness* h = depayloader(name);
        gst_harness_push(h, packet(packed.substr(0, 40), 1, false, 0));
        gst_harness_push(h, packet(packed.substr(40), 2, true, 0));
        const Ref<GstBuffer> whole(gst_harness_pull(h));
        fail_unless(packets::textOf(whole.get()) == text, "%s", name);
        gst_harness_teardown(h);
    }
}
GST_END_TEST

/// EXI is told in a warning that says what to do, and stops nothing.
GST_START_TEST(exiIsRefusedPolitely) {
    GstHarness* h = gst_harness_new("onvifmetadatadepay");
    const Ref<GstBus> bus(gst_bus_new());
    gst_element_set_bus(h->element, bus.get());
    gst_harness_set_src_caps_str(h, packets::rtpCaps("VND.ONVIF.METADATA.EXI.EXT").c_str());
    fail_unless_equals_int(gst_harness_push(h, packet("\x80 no xml", 1, true, 0)), GST_FLOW_OK);
    fail_unless_equals_int(gst_harness_buffers_received(h), 0);
    const Ref<GstMessage> message(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
    fail_unless(message != nullptr);
    GError* warning = nullptr;
    gst_message_parse_warning(message.get(), &warning, nullptr);
    fail_unless(std::string(warning->message).find("GZIP") != std::string::npos);
    g_error_free(warning);
    gst_element_set_bus(h->element, nullptr);
    gst_harness_teardown(h);
}
GST_END_TEST

/// decodebin takes a camera's metadata stream all the way without being told.
GST_START_TEST(autopluggersTakeIt) {
    Player player(
        "appsrc name=in format=time caps=\"" + packets::rtpCaps() +
        "\" ! decodebin caps=application/x-onvif-metadata ! fakesink name=out sync=false");
    player.play();
    for (guint16 n = 0; n < 5; n++) {
        const Ref<GstBuffer> buffer(packet(text, n, true, n * 40 * GST_MSECOND));
        GstFlowReturn result = GST_FLOW_OK;
        g_signal_emit_by_name(player["in"].get(), "push-buffer", buffer.get(), &result);
        fail_unless_equals_int(result, GST_FLOW_OK);
    }
    player.expectBuffers("out", 3);
    player.stop();
}
GST_END_TEST

static Suite* onvifmetadatadepay_suite() {
    Suite* suite = suite_create("onvifmetadatadepay");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, documentsComeWhole);
    tcase_add_test(tests, lostPacketsCostTheirDocument);
    tcase_add_test(tests, gzipIsUnpacked);
    tcase_add_test(tests, exiIsRefusedPolitely);
    tcase_add_test(tests, autopluggersTakeIt);
    return suite;
}

GST_CHECK_MAIN(onvifmetadatadepay);
