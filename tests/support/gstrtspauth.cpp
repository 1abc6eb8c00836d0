#include "support/gstrtspauth.hpp"

#include "base/error.hpp"
#include "glue/ref.hpp"
#include "net/random.hpp"

namespace {

struct CameraAuth {
    GstRTSPAuth parent;
    camera::RtspDoor* door;
};
struct CameraAuthClass {
    GstRTSPAuthClass parent;
};

GType camera_auth_get_type();
G_DEFINE_TYPE(CameraAuth, camera_auth, GST_TYPE_RTSP_AUTH)

camera::RtspDoor& doorOf(GstRTSPAuth* auth) { return *reinterpret_cast<CameraAuth*>(auth)->door; }

/// One nonce for each connection, kept with it.
std::string nonceOf(GstRTSPContext* context) {
    const char* key = "camera-nonce";
    auto* client = G_OBJECT(context->client);
    auto* kept = static_cast<char*>(g_object_get_data(client, key));
    if (!kept) {
        kept = g_strdup(net::randomHex(16).c_str());
        g_object_set_data_full(client, key, kept, g_free);
    }
    return kept;
}

bool proves(camera::RtspDoor& door, GstRTSPContext* context) {
    char* said = nullptr;
    if (gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_AUTHORIZATION, &said, 0) !=
        GST_RTSP_OK)
        return false;
    const auto& request = context->request->type_data.request;
    return door.digest->granted(said, gst_rtsp_method_as_text(request.method), request.uri,
                                nonceOf(context), door.algorithms());
}

gboolean camera_auth_authenticate(GstRTSPAuth* auth, GstRTSPContext* context) {
    camera::RtspDoor& door = doorOf(auth);
    // Without a token in the context the answer is 401.
    if (!door.digest || proves(door, context)) {
        context->token = gst_rtsp_auth_get_default_token(auth);
        gst_rtsp_token_unref(context->token); // a context borrows it
    }
    return TRUE;
}

void camera_auth_challenge(GstRTSPAuth* auth, GstRTSPContext* context) {
    const camera::RtspDoor& door = doorOf(auth);
    for (const auto& challenge : door.digest->challenges(nonceOf(context), door.algorithms()))
        gst_rtsp_message_add_header(context->response, GST_RTSP_HDR_WWW_AUTHENTICATE,
                                    challenge.c_str());
}

void camera_auth_finalize(GObject* object) {
    delete reinterpret_cast<CameraAuth*>(object)->door;
    G_OBJECT_CLASS(camera_auth_parent_class)->finalize(object);
}

void camera_auth_init(CameraAuth*) {}

void camera_auth_class_init(CameraAuthClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = camera_auth_finalize;
    auto* auth = GST_RTSP_AUTH_CLASS(klass);
    auth->authenticate = camera_auth_authenticate;
    auth->generate_authenticate_header = camera_auth_challenge;
}

void setCertificate(GstRTSPAuth* auth, const camera::Certificate& certificate) {
    GError* failure = nullptr;
    const std::string pem = certificate.pem();
    GTlsCertificate* made =
        g_tls_certificate_new_from_pem(pem.data(), static_cast<gssize>(pem.size()), &failure);
    const glue::Ref<GError> error(failure);
    if (!made)
        throw base::Error(base::ErrorKind::Settings,
                          "TLS cannot be served: install glib-networking, or mend the certificate.",
                          error ? error->message : "");
    gst_rtsp_auth_set_tls_certificate(auth, made);
    g_object_unref(made);
}

} // namespace

namespace camera {

GstRTSPAuth* newRtspAuth(RtspDoor door) {
    auto* made = GST_RTSP_AUTH(g_object_new(camera_auth_get_type(), nullptr));
    reinterpret_cast<CameraAuth*>(made)->door = new RtspDoor(std::move(door));
    GstRTSPToken* token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, viewerRole, nullptr);
    gst_rtsp_auth_set_default_token(made, token);
    gst_rtsp_token_unref(token);
    try {
        if (doorOf(made).certificate)
            setCertificate(made, *doorOf(made).certificate);
    } catch (...) {
        g_object_unref(made);
        throw;
    }
    return made;
}

} // namespace camera
