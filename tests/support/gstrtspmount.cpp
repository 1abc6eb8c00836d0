#include "support/gstrtspmount.hpp"

#include "glue/object.hpp"
#include "glue/ref.hpp"
#include "rtspserver/datagrams.hpp"
#include "support/gstreplay.hpp"
#include "support/gstrtspauth.hpp"
#include "support/gsttrackills.hpp"

#include <gst/rtsp-server/rtsp-onvif-media-factory.h>
#include <gst/rtsp-server/rtsp-onvif-media.h>
#include <gst/video/video.h>

namespace {

struct CameraFactory {
    GstRTSPOnvifMediaFactory parent;
    camera::RtspMount* mount; ///< lives longer than the server
};
struct CameraFactoryClass {
    GstRTSPOnvifMediaFactoryClass parent;
};

GType camera_factory_get_type();
G_DEFINE_TYPE(CameraFactory, camera_factory, GST_TYPE_RTSP_ONVIF_MEDIA_FACTORY)

camera::RtspStream::Variant variantNow(const camera::Ills& ills) {
    using Variant = camera::RtspStream::Variant;
    return !ills.has("caps-change")              ? Variant::Usual
           : ills.value("caps-change") == "h265" ? Variant::OtherCodec
                                                 : Variant::OtherSize;
}

GstElement* camera_factory_create_element(GstRTSPMediaFactory* factory, const GstRTSPUrl* url) {
    const auto& mount = *reinterpret_cast<CameraFactory*>(factory)->mount;
    const std::string line = mount.stream.launch(variantNow(*mount.ills));
    gst_rtsp_media_factory_set_launch(factory, line.c_str());
    return GST_RTSP_MEDIA_FACTORY_CLASS(camera_factory_parent_class)->create_element(factory, url);
}

void camera_factory_media_constructed(GstRTSPMediaFactory* factory, GstRTSPMedia* media) {
    auto& mount = *reinterpret_cast<CameraFactory*>(factory)->mount;
    const glue::Ref<GstElement> bin(gst_rtsp_media_get_element(media));
    if (mount.stream.prepare)
        mount.stream.prepare(bin.get());
    camera::attachTrackIlls(bin.get(), *mount.ills);
    // Who talks into the camera has a media alone; key frames are asked of the shared one.
    if (!mount.loudspeaker->attach(bin.get()))
        g_weak_ref_set(&mount.media, media);
}

void camera_factory_init(CameraFactory*) {}

void camera_factory_class_init(CameraFactoryClass* klass) {
    auto* factory = GST_RTSP_MEDIA_FACTORY_CLASS(klass);
    factory->create_element = camera_factory_create_element;
    factory->media_constructed = camera_factory_media_constructed;
}

} // namespace

namespace camera {
namespace {

using glue::Object;
using namespace std::chrono_literals;

constexpr auto keyFrameSpacing = 300ms; ///< several who join together share one

void forceKeyFrame(GstRTSPMedia* media) {
    const glue::Ref<GstElement> bin(gst_rtsp_media_get_element(media));
    const glue::Ref<GstElement> payloader(bin ? gst_bin_get_by_name(GST_BIN(bin.get()), "pay0")
                                              : nullptr);
    if (payloader)
        gst_element_send_event(payloader.get(), gst_video_event_new_upstream_force_key_unit(
                                                    GST_CLOCK_TIME_NONE, TRUE, 0));
}

/// What live streams and recordings have in common.
void configure(GstRTSPMediaFactory* factory, const RtspSettings& settings) {
    rtspserver::bindDatagrams(factory, settings.address, settings.multicast);
    gst_rtsp_media_factory_set_stop_on_disconnect(factory, TRUE);
    auto protocols = GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP;
    if (settings.multicast)
        protocols |= GST_RTSP_LOWER_TRANS_UDP_MCAST;
    gst_rtsp_media_factory_set_protocols(factory, static_cast<GstRTSPLowerTrans>(protocols));
    gst_rtsp_media_factory_set_latency(factory, 0);
    gst_rtsp_media_factory_set_media_gtype(factory, GST_TYPE_RTSP_ONVIF_MEDIA);
    gst_rtsp_media_factory_add_role(factory, viewerRole, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                    G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                    G_TYPE_BOOLEAN, TRUE, nullptr);
}

void mountAt(GstRTSPServer* server, const std::string& path, GstRTSPMediaFactory* factory) {
    const Object<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server));
    gst_rtsp_mount_points_add_factory(mounts.get(), path.c_str(),
                                      GST_RTSP_MEDIA_FACTORY(g_object_ref(factory)));
}

} // namespace

RtspMounts::RtspMounts(GstRTSPServer* server, const RtspSettings& settings,
                       const std::vector<RtspStream>& streams, Loudspeaker& loudspeaker) {
    for (const RtspStream& stream : streams)
        add(server, settings, stream, loudspeaker);
    for (const Recording& recording : settings.recordings) {
        const Object<GstRTSPMediaFactory> factory(newReplayFactory(
            recording, settings.replayWidth, settings.replayHeight, settings.replayFps));
        configure(factory.get(), settings);
        mountAt(server, recording.path(), factory.get());
    }
}

void RtspMounts::add(GstRTSPServer* server, const RtspSettings& settings, const RtspStream& stream,
                     Loudspeaker& loudspeaker) {
    auto mount = std::make_unique<RtspMount>();
    mount->stream = stream;
    mount->ills = settings.ills;
    mount->loudspeaker = &loudspeaker;
    const Object<GstRTSPMediaFactory> factory(
        GST_RTSP_MEDIA_FACTORY(g_object_new(camera_factory_get_type(), nullptr)));
    reinterpret_cast<CameraFactory*>(factory.get())->mount = mount.get();
    configure(factory.get(), settings);
    gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
    // All streams and the frame numbers count the same clock.
    const glue::Ref<GstClock> clock(gst_system_clock_obtain());
    gst_rtsp_media_factory_set_clock(factory.get(), clock.get());
    const std::string loudspeakerLine = loudspeaker.launch();
    if (!loudspeakerLine.empty())
        gst_rtsp_onvif_media_factory_set_backchannel_launch(
            GST_RTSP_ONVIF_MEDIA_FACTORY(factory.get()), loudspeakerLine.c_str());
    mountAt(server, "/" + stream.profile.token, factory.get());
    mounts_[stream.profile.token] = std::move(mount);
}

void RtspMounts::requestKeyFrame(const std::string& token) {
    const auto found = mounts_.find(token);
    if (found == mounts_.end())
        return;
    RtspMount& mount = *found->second;
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (now - mount.lastKeyFrame < keyFrameSpacing)
            return;
        mount.lastKeyFrame = now;
    }
    const Object<GstRTSPMedia> media(static_cast<GstRTSPMedia*>(g_weak_ref_get(&mount.media)));
    if (media)
        forceKeyFrame(media.get());
}

void RtspMounts::requestKeyFrameAt(const char* path) {
    for (const auto& [token, mount] : mounts_)
        if (path && g_str_has_prefix(path, ("/" + token).c_str()))
            requestKeyFrame(token);
}

} // namespace camera
