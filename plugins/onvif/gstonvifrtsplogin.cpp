/**
 * SECTION:element-onvifrtsplogin
 * @title: onvifrtsplogin
 * @short_description: Lets the rtspsrc in onvifsrc log in by SHA-256
 *
 * Not to be put into a pipeline: it is an extension of RTSP, of which every rtspsrc makes one for
 * itself. It does nothing in any but those inside onvifsrc, where it answers cameras that want
 * digest by SHA-256.
 */
#include "gstonvifrtsplogin.hpp"

#include "rtsplogin.hpp"

#include <optional>
#include <string>
#include <vector>

namespace {

struct OnvifRtspLoginPrivate {
    std::optional<onvif::RtspLogin> login;
    std::function<void()> refused;
};

/// rtspsrc asks its extensions and then emits "before-send", in one thread: so that is how one
/// finds the other, which no property tells.
struct Asked {
    const GstRTSPMessage* request = nullptr;
    OnvifRtspLoginPrivate* by = nullptr; ///< alive while its request is being sent
};
thread_local Asked asked;

} // namespace

struct _GstOnvifRtspLogin {
    GstElement parent;
    OnvifRtspLoginPrivate* priv;
};

static void gst_onvif_rtsp_login_extension_init(gpointer iface, gpointer);

G_DEFINE_FINAL_TYPE_WITH_CODE(GstOnvifRtspLogin, gst_onvif_rtsp_login, GST_TYPE_ELEMENT,
                              G_IMPLEMENT_INTERFACE(GST_TYPE_RTSP_EXTENSION,
                                                    gst_onvif_rtsp_login_extension_init))
// With no rank at all rtspsrc would not take it.
GST_ELEMENT_REGISTER_DEFINE(onvifrtsplogin, "onvifrtsplogin", GST_RANK_MARGINAL,
                            GST_TYPE_ONVIF_RTSP_LOGIN)

static void showLogin(onvif::RtspLogin& login, GstRTSPMessage* request) {
    GstRTSPMethod method = GST_RTSP_INVALID;
    const gchar* uri = nullptr;
    gst_rtsp_message_parse_request(request, &method, &uri, nullptr);
    const char* name = gst_rtsp_method_as_text(method);
    const std::string header = login.authorization(name ? name : "", uri ? uri : "");
    if (header.empty())
        return;
    gst_rtsp_message_remove_header(request, GST_RTSP_HDR_AUTHORIZATION, -1);
    gst_rtsp_message_add_header(request, GST_RTSP_HDR_AUTHORIZATION, header.c_str());
}

static GstRTSPResult beforeSend(GstRTSPExtension* extension, GstRTSPMessage* request) {
    OnvifRtspLoginPrivate* priv = GST_ONVIF_RTSP_LOGIN(extension)->priv;
    asked = {request, priv};
    if (priv->login && request->type == GST_RTSP_MESSAGE_REQUEST)
        showLogin(*priv->login, request);
    return GST_RTSP_OK;
}

static std::vector<std::string> challengesOf(GstRTSPMessage* answer) {
    std::vector<std::string> all;
    gchar* text = nullptr;
    for (int i = 0; gst_rtsp_message_get_header(answer, GST_RTSP_HDR_WWW_AUTHENTICATE, &text, i) ==
                    GST_RTSP_OK;
         i++)
        all.emplace_back(text);
    return all;
}

/// Without a realm rtspsrc sends the request again and adds nothing of its own; without a challenge
/// it gives up.
static void answerFor(OnvifRtspLoginPrivate& priv, GstRTSPMessage* answer) {
    using Verdict = onvif::RtspLogin::Verdict;
    const Verdict verdict = priv.login->judge(challengesOf(answer));
    if (verdict == Verdict::NotOurs)
        return;
    gst_rtsp_message_remove_header(answer, GST_RTSP_HDR_WWW_AUTHENTICATE, -1);
    if (verdict == Verdict::Again)
        gst_rtsp_message_add_header(answer, GST_RTSP_HDR_WWW_AUTHENTICATE,
                                    "Digest algorithm=SHA-256");
    else
        priv.refused();
}

static GstRTSPResult afterSend(GstRTSPExtension* extension, GstRTSPMessage*,
                               GstRTSPMessage* answer) {
    OnvifRtspLoginPrivate* priv = GST_ONVIF_RTSP_LOGIN(extension)->priv;
    GstRTSPStatusCode code = GST_RTSP_STS_INVALID;
    if (!priv->login || answer->type != GST_RTSP_MESSAGE_RESPONSE ||
        gst_rtsp_message_parse_response(answer, &code, nullptr, nullptr) != GST_RTSP_OK)
        return GST_RTSP_OK;
    if (code == GST_RTSP_STS_UNAUTHORIZED)
        answerFor(*priv, answer);
    else
        priv->login->accepted();
    return GST_RTSP_OK;
}

void onvif::allowLogin(GstRTSPMessage* request, const std::string& user,
                       const std::string& password, const std::function<void()>& refused) {
    if (asked.request != request || asked.by->login)
        return;
    asked.by->login.emplace(net::Credentials{user, password});
    asked.by->refused = refused;
}

static void gst_onvif_rtsp_login_extension_init(gpointer iface, gpointer) {
    auto* extension = static_cast<GstRTSPExtensionInterface*>(iface);
    extension->before_send = beforeSend;
    extension->after_send = afterSend;
}

static void gst_onvif_rtsp_login_finalize(GObject* object) {
    delete GST_ONVIF_RTSP_LOGIN(object)->priv;
    G_OBJECT_CLASS(gst_onvif_rtsp_login_parent_class)->finalize(object);
}

static void gst_onvif_rtsp_login_init(GstOnvifRtspLogin* self) {
    self->priv = new OnvifRtspLoginPrivate;
}

static void gst_onvif_rtsp_login_class_init(GstOnvifRtspLoginClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = gst_onvif_rtsp_login_finalize;
    gst_element_class_set_static_metadata(
        GST_ELEMENT_CLASS(klass), "RTSP login by SHA-256", "Network/Extension/Protocol",
        "Lets the rtspsrc in onvifsrc log in by SHA-256", "Video Stream");
}
