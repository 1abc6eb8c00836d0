#pragma once

#include <gst/check/gstharness.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <string>

/// A metadata stream as a camera sends it.
namespace packets {

inline std::string document(const std::string& content) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tt:MetadataStream "
           "xmlns:tt=\"http://www.onvif.org/ver10/schema\" "
           "xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\">" +
           content + "</tt:MetadataStream>";
}

/// One moment with one object over the lower right quarter of the picture.
inline std::string moment(const std::string& utcTime, int id = 1) {
    return "<tt:VideoAnalytics><tt:Frame UtcTime=\"" + utcTime + "\"><tt:Object ObjectId=\"" +
           std::to_string(id) +
           "\"><tt:Appearance><tt:Shape><tt:BoundingBox left=\"0\" top=\"0\" right=\"1\" "
           "bottom=\"-1\"/></tt:Shape><tt:Class><tt:Type Likelihood=\"0.5\">Vehicle</tt:Type>"
           "</tt:Class></tt:Appearance></tt:Object></tt:Frame></tt:VideoAnalytics>";
}

inline std::string alarm(const std::string& utcTime) {
    return "<tt:Event><wsnt:NotificationMessage><wsnt:Topic>tns1:VideoSource/MotionAlarm"
           "</wsnt:Topic><wsnt:Message><tt:Message UtcTime=\"" +
           utcTime +
           "\" PropertyOperation=\"Changed\"><tt:Source><tt:SimpleItem Name=\"Source\" "
           "Value=\"camera 1\"/></tt:Source><tt:Data><tt:SimpleItem Name=\"State\" "
           "Value=\"true\"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>"
           "</tt:Event>";
}

inline GstBuffer* packet(const std::string& payload, guint16 number, bool marker,
                         GstClockTime time) {
    GstBuffer* buffer = gst_rtp_buffer_new_allocate(static_cast<guint>(payload.size()), 0, 0);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(buffer, GST_MAP_WRITE, &rtp);
    gst_rtp_buffer_set_payload_type(&rtp, 107);
    gst_rtp_buffer_set_seq(&rtp, number);
    gst_rtp_buffer_set_marker(&rtp, marker);
    gst_rtp_buffer_set_timestamp(
        &rtp, static_cast<guint32>(gst_util_uint64_scale(time, 90000, GST_SECOND)));
    memcpy(gst_rtp_buffer_get_payload(&rtp), payload.data(), payload.size());
    gst_rtp_buffer_unmap(&rtp);
    GST_BUFFER_PTS(buffer) = time;
    return buffer;
}

inline std::string rtpCaps(const std::string& encoding = "VND.ONVIF.METADATA") {
    return "application/x-rtp, media=(string)application, clock-rate=(int)90000, "
           "payload=(int)107, encoding-name=(string)" +
           encoding;
}

inline std::string textOf(GstBuffer* buffer) {
    std::string text(gst_buffer_get_size(buffer), '\0');
    gst_buffer_extract(buffer, 0, text.data(), text.size());
    return text;
}

inline guint64 statOf(GstElement* element, const char* name) {
    GstStructure* stats = nullptr;
    guint64 value = 0;
    g_object_get(element, "stats", &stats, nullptr);
    gst_structure_get_uint64(stats, name, &value);
    gst_structure_free(stats);
    return value;
}

} // namespace packets
