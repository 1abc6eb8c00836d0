#pragma once

#include "device.hpp"
#include "ptz.hpp"

#include <optional>
#include <string>
#include <vector>

namespace onvif {

/// How a camera sees; what has no value is not told, or is not to be changed. Numbers are in the
/// camera's own units (0..100 and 0..255 are common): `ImagingOptions` tells the range.
struct ImagingSettings {
    std::optional<double> brightness, contrast, saturation, sharpness;
    std::string focus; ///< "auto", "manual", or empty
    std::string irCut; ///< "on" (day), "off" (night), "auto", or empty: the infrared cut filter

    bool empty() const;
};

/// What can be set; a range or list that the camera does not tell is empty.
struct ImagingOptions {
    std::optional<Range> brightness, contrast, saturation, sharpness;
    std::vector<std::string> focus, irCut; ///< the words that it takes
};

ImagingSettings readImagingSettings(const net::XmlNode& response); ///< GetImagingSettingsResponse
ImagingOptions readImagingOptions(const net::XmlNode& response);   ///< GetOptionsResponse

/// The imaging service for one video source. Every call is an exchange with the device and throws
/// what `Device` throws.
class Imaging {
public:
    /// `videoSource` is the source's token; where the profiles tell none it is asked for.
    Imaging(Device& device, std::string videoSource)
        : device_(device), source_(std::move(videoSource)) {}

    ImagingSettings settings();
    const ImagingOptions& options(); ///< asked once; empty where the camera tells none
    /// Changes what has a value and leaves the rest. A number out of the camera's range is clamped;
    /// throws base::Error(Settings) for a word that it does not take.
    void set(ImagingSettings wanted);

    /// Moves the focus at -1 (near) .. 1 (far) of the greatest speed, until it is told 0.
    void moveFocus(double speed);

private:
    SoapReply call(const std::string& operation, const std::string& content = {});
    double focusSpeed(double part);

    Device& device_;
    std::string source_;
    std::optional<ImagingOptions> options_;
};

} // namespace onvif
