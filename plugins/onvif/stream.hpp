#pragma once

#include "answers.hpp"
#include "connection.hpp"
#include "discovery.hpp"
#include "recordings.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace onvif {

/// What `onvifsrc` can be told; the defaults are here and nowhere else.
struct SourceSettings {
    std::string location; ///< never with user info
    std::string userId, userPw;
    std::string profile;
    std::string interfaces;
    std::chrono::milliseconds latency{200};
    std::chrono::milliseconds timeout{5000};
    unsigned protocols = 4;             ///< GstRTSPLowerTrans: TCP
    unsigned tlsValidationFlags = 0x7f; ///< GTlsCertificateFlags: all
    bool metadata = false;              ///< whether the metadata stream is wanted
    bool events = false;                ///< whether what the camera notices is told
    bool reconnect = true;              ///< when the stream is lost
    bool waitForCamera = false;         ///< also before it was there
    std::chrono::milliseconds reconnectMinDelay{500};
    std::chrono::milliseconds reconnectMaxDelay{30000};
    int maxReconnects = -1;          ///< tries in a row; -1: no end
    bool followAddress = false;      ///< of a camera whose location was given, to another host
    std::string recording;           ///< token, name or "latest"; empty: live
    std::string startTime, stopTime; ///< of the recording, xs:dateTime; empty: all of it
    bool onvifRateControl = true;
};

/// Takes what a user wrote; user name and password in it become `userId` and `userPw`.
void setLocation(SourceSettings& settings, const std::string& text);

/// A camera that was asked, and where its stream is.
struct Stream {
    std::string uri; ///< rtsp, without user info
    std::string service;
    DeviceInformation device;
    Profile profile;
    std::vector<Profile> profiles;
    std::vector<Recording> recordings;  ///< only where one was asked for
    std::optional<Recording> recording; ///< that is played
    std::string authentication;
    std::optional<Whereabouts> whereabouts; ///< for others who talk to the same device
    std::vector<Found> others;              ///< who else answered, where there was no location
    Found found; ///< the answer that was taken, where there was no location
};

/// How a device is asked, for a `Connection` of one's own.
ConnectionSettings connectionSettings(const SourceSettings& settings);

/// How the protocols of rtspsrc are asked for at the device: the first it will try.
StreamTransport transportFor(unsigned protocols);

/// From settings to stream: finds, asks, chooses. Blocks; `cancel` ends it at once with
/// net::Cancelled. Throws base::Error with a sentence that says what to do.
Stream findStream(const SourceSettings& settings, const net::Cancel& cancel,
                  const Trace& trace = {});

/// The same with the device at hand, not yet opened.
Stream askDevice(Device& device, SoapClient& soap, const SourceSettings& settings);

} // namespace onvif
