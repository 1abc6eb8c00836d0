#pragma once

namespace camera {

/// Makes the element "virtualmetadatapay" known to this process; any number of times. It puts
/// application/x-onvif-metadata documents into RTP packets as section "Metadata stream" of the
/// ONVIF streaming specification says: as many packets as it takes, the marker on a document's
/// last one. Caps with encoding=gzip go out as vnd.onvif.metadata+gzip.
void registerMetadataPayloader();

} // namespace camera
