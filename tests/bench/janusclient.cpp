#include "bench/janusclient.hpp"

#include "support/webrtcpeer.hpp"
#include "support/whepclient.hpp"

#include <json-glib/json-glib.h>

#include <stdexcept>

namespace bench {
namespace {

using glue::Ref;

/// What Janus answers to a request, or next has to say of a session.
class Reply {
public:
    Reply(const std::string& method, const std::string& address, const std::string& body = "")
        : text_(support::WhepClient::ask(method, address, {{"Content-Type", "application/json"}},
                                         body)
                    .body),
          parser_(json_parser_new()) {
        if (!json_parser_load_from_data(parser_, text_.c_str(), -1, nullptr))
            throw std::runtime_error("Janus does not answer at " + address);
    }
    ~Reply() { g_object_unref(parser_); }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    /// The value at a JSONPath as text; "" when there is none.
    std::string at(const char* path) const {
        JsonNode* found = json_path_query(path, json_parser_get_root(parser_), nullptr);
        JsonArray* all = json_node_get_array(found);
        std::string value;
        if (json_array_get_length(all)) {
            JsonNode* first = json_array_get_element(all, 0);
            value = json_node_get_value_type(first) == G_TYPE_STRING
                        ? json_node_get_string(first)
                        : std::to_string(json_node_get_int(first));
        }
        json_node_unref(found);
        return value;
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
    JsonParser* parser_;
};

std::string quoted(const std::string& text) {
    JsonNode* node = json_node_init_string(json_node_alloc(), text.c_str());
    const Ref<char> written(json_to_string(node, FALSE));
    json_node_unref(node);
    return written.get();
}

std::string request(const std::string& kind, const std::string& more = "") {
    return R"({"transaction":"t","janus":)" + quoted(kind) + more + "}";
}

} // namespace

JanusClient::JanusClient(std::string server, int stream)
    : address_(std::move(server)), stream_(stream),
      pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr)))),
      webrtc_(gst_element_factory_make("webrtcbin", nullptr)) {
    g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 50,
                 nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
    support::keepQuiet(pipeline_.get(), webrtc_);
    g_signal_connect(webrtc_, "pad-added", G_CALLBACK(onPad), this);
    g_signal_connect(webrtc_, "on-new-transceiver", G_CALLBACK(onTransceiver), this);
}

JanusClient::~JanusClient() {
    g_signal_handlers_disconnect_by_data(webrtc_, this);
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    if (!session_.empty())
        support::WhepClient::ask("POST", session_, {{"Content-Type", "application/json"}},
                                 request("destroy"));
}

void JanusClient::join() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    session_ = address_ + "/" + Reply("POST", address_, request("create")).at("$.data.id");
    const std::string handle =
        session_ + "/" +
        Reply("POST", session_, request("attach", R"(,"plugin":"janus.plugin.streaming")"))
            .at("$.data.id");
    const auto say = [&](const std::string& what, const std::string& more) {
        const Reply reply("POST", handle,
                          request("message", R"(,"body":{"request":")" + what + "\"" + more));
        if (reply.at("$.janus") != "ack")
            throw std::runtime_error("Janus refuses: " + reply.text());
    };
    say("watch", ",\"id\":" + std::to_string(stream_) + "}");
    const std::string answer = answerTo(offer());
    say("start", R"(},"jsep":{"type":"answer","sdp":)" + quoted(answer) + "}");
}

/// The first that it says of the session with a description in it.
std::string JanusClient::offer() const {
    for (int i = 0; i < 10; i++) {
        const Reply event("GET", session_ + "?maxev=1");
        const std::string sdp = event.at("$.jsep.sdp");
        if (!sdp.empty())
            return sdp;
    }
    throw std::runtime_error("Janus makes no offer");
}

std::string JanusClient::answerTo(const std::string& offer) {
    if (!support::take(webrtc_, GST_WEBRTC_SDP_TYPE_OFFER, offer))
        throw std::runtime_error("Janus's offer is none");
    return support::describe(webrtc_, "answer");
}

void JanusClient::onTransceiver(GstElement*, GObject* transceiver, gpointer) {
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
}

void JanusClient::onPad(GstElement*, GstPad* pad, gpointer data) {
    auto* self = static_cast<JanusClient*>(data);
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    GstElement* bin = gst_parse_bin_from_description("rtph264depay ! h264parse", TRUE, nullptr);
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "signal-handoffs", TRUE, "sync", FALSE, "async", FALSE, nullptr);
    g_signal_connect(sink, "handoff", G_CALLBACK(onFrame), self);
    gst_bin_add_many(GST_BIN(self->pipeline_.get()), bin, sink, nullptr);
    gst_element_link(bin, sink);
    gst_element_sync_state_with_parent(sink);
    gst_element_sync_state_with_parent(bin);
    const Ref<GstPad> in(gst_element_get_static_pad(bin, "sink"));
    gst_pad_link(pad, in.get());
}

void JanusClient::onFrame(GstElement*, GstBuffer*, GstPad*, gpointer data) {
    static_cast<JanusClient*>(data)->frames_++;
}

} // namespace bench
