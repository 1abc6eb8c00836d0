#pragma once

#include "soapcamera.hpp"

/// A SoapCamera with a head, a picture to adjust, a switch and events, whose answers say "yes" and
/// little more.
class SteerableCamera : public SoapCamera {
public:
    SteerableCamera() {
        std::string services;
        for (const char* space :
             {"ver10/device", "ver10/media", "ver20/ptz", "ver20/imaging", "ver10/events"})
            services += std::string("<Service><Namespace>http://www.onvif.org/") + space +
                        "/wsdl</Namespace><XAddr>http://192.0.2.1/onvif/" + space +
                        "</XAddr></Service>";
        respond("GetServices", services);
        respond(
            "GetProfiles",
            "<Profiles token=\"p1\"><Name>main</Name><VideoSourceConfiguration><SourceToken>v0"
            "</SourceToken></VideoSourceConfiguration><VideoEncoderConfiguration><Encoding>H264"
            "</Encoding></VideoEncoderConfiguration><PTZConfiguration token=\"c\"/></Profiles>");
        for (const char* operation : {"ContinuousMove", "AbsoluteMove", "RelativeMove", "Stop",
                                      "GotoPreset", "SetImagingSettings", "Unsubscribe", "Renew"})
            respond(operation);
        respond("GetStatus", "<PTZStatus><Position><PanTilt x=\"0.25\" y=\"-0.5\"/></Position>"
                             "<MoveStatus><PanTilt>MOVING</PanTilt></MoveStatus></PTZStatus>");
        respond("GetPresets", "<Preset token=\"1\"><Name>Door</Name></Preset>"
                              "<Preset token=\"2\"><Name>Gate</Name></Preset>");
        respond("GetImagingSettings",
                "<ImagingSettings><Brightness>40</Brightness><IrCutFilter>AUTO</IrCutFilter>"
                "</ImagingSettings>");
        respond("GetOptions", "<ImagingOptions><Brightness><Min>0</Min><Max>100</Max></Brightness>"
                              "</ImagingOptions>");
        respond("CreatePullPointSubscription",
                "<SubscriptionReference><Address>http://192.0.2.1/sub?1</Address>"
                "</SubscriptionReference>");
    }

    void respond(const std::string& operation, const std::string& content = {}) {
        answer(operation,
               {200, "<" + operation + "Response>" + content + "</" + operation + "Response>"});
    }
    /// The latest request of that name.
    std::string last(const std::string& operation) {
        std::string body;
        for (const Request& request : requests())
            if (request.operation == operation)
                body = request.body;
        return body;
    }
};
