// How what is sent leaves the process, on the last pad that is GStreamer's.
#include "support/whepstage.hpp"

#include <atomic>

using namespace support;

namespace {

/// Looks at what the transports of all webrtcbins in this process are given to send.
class Transports {
public:
    Transports() { hook_ = g_signal_add_emission_hook(signal(), 0, onElement, this, nullptr); }
    ~Transports() { g_signal_remove_emission_hook(signal(), hook_); }
    Transports(const Transports&) = delete;
    Transports& operator=(const Transports&) = delete;

    std::atomic<int> lists{0}; ///< of more than one packet

private:
    static guint signal() { return g_signal_lookup("element-added", GST_TYPE_BIN); }

    static gboolean onElement(GSignalInvocationHint*, guint, const GValue* values, gpointer self) {
        auto* element = GST_ELEMENT(g_value_get_object(&values[1]));
        GstElementFactory* factory = gst_element_get_factory(element);
        if (!factory || !g_str_equal(GST_OBJECT_NAME(factory), "nicesink"))
            return TRUE;
        const Ref<GstPad> pad(gst_element_get_static_pad(element, "sink"));
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER_LIST, onList, self, nullptr);
        return TRUE;
    }

    static GstPadProbeReturn onList(GstPad*, GstPadProbeInfo* info, gpointer self) {
        const guint packets = gst_buffer_list_length(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        static_cast<Transports*>(self)->lists += packets > 1;
        return GST_PAD_PROBE_OK;
    }

    gulong hook_ = 0;
};

} // namespace

// What takes a list apart, anywhere on the way, makes viewers a third more expensive.
GST_START_TEST(framesLeaveInOnePiece) {
    Transports transports;
    Stage stage("videotestsrc is-live=true pattern=snow ! "
                "video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! " +
                vp8 + "whepsink name=w port=0");
    stage.playAndWait();
    WhepClient client(stage.endpoint(), video("VP8"));
    fail_unless_equals_int(client.join(), 201);
    fail_unless(client.sees(10), "no picture: %s", stage.error().c_str());
    fail_unless(Stage::wait(20s, [&] { return transports.lists >= 10; }),
                "%d lists of packets came so far", transports.lists.load());
    fail_unless_equals_int(client.leave(), 200);
}
GST_END_TEST

static Suite* whepsinksending_suite() {
    Suite* suite = suite_create("whepsinksending");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, framesLeaveInOnePiece);
    return suite;
}

GST_CHECK_MAIN(whepsinksending);
