#pragma once

#include "found.hpp"

#include <gst/gst.h>

/// A camera of the network, as a device monitor lists it. Immutable; it makes an onvifsrc that
/// plays it, and knows no secret.
#define GST_TYPE_ONVIF_DEVICE (gst_onvif_device_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifDevice, gst_onvif_device, GST, ONVIF_DEVICE, GstDevice)

namespace onvif {

/// A floating reference.
GstDevice* newDevice(const Found& camera);

} // namespace onvif
