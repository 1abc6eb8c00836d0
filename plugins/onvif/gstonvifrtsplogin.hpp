#pragma once

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <functional>
#include <string>

G_BEGIN_DECLS

#define GST_TYPE_ONVIF_RTSP_LOGIN (gst_onvif_rtsp_login_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifRtspLogin, gst_onvif_rtsp_login, GST, ONVIF_RTSP_LOGIN, GstElement)

GST_ELEMENT_REGISTER_DECLARE(onvifrtsplogin);

G_END_DECLS

namespace onvif {

/// Only in "before-send" of an rtspsrc, with the message at hand: from now on this rtspsrc can log
/// in by SHA-256 with these credentials. `refused` is called in its thread when the camera does not
/// take them, before it posts an error. Where it is done already, nothing happens.
void allowLogin(GstRTSPMessage* request, const std::string& user, const std::string& password,
                const std::function<void()>& refused);

} // namespace onvif
