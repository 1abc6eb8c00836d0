#pragma once

#include "base/error.hpp"
#include "check.hpp"
#include "stream.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

// A device of ONVIF that does one thing wrong.

namespace odd {

using namespace onvif;
using base::ErrorKind;

/// A device made of one answer per operation, which may look at the request.
struct Odd {
    using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;
    std::map<std::string, Answer> answers{};
    std::vector<std::string> asked{}; ///< "POST http://cam/x GetProfiles"
    std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();

    static std::string operationOf(const net::HttpRequest& request) {
        const auto document = net::XmlDocument::parse(request.body);
        return document.root().child("Body")->children().front().name();
    }
    net::HttpResponse operator()(const net::HttpRequest& request) {
        const std::string operation = operationOf(request);
        const bool two = request.body.find("ver20/media") != std::string::npos;
        asked.push_back(operation + (two ? "2 " : " ") + request.url);
        ck_assert_uint_lt(asked.size(), 40);
        const auto known = answers.find(operation + (two ? "2" : ""));
        return known == answers.end() ? fault("ter:ActionNotSupported") : known->second(request);
    }
    SoapClient client(const net::Credentials& credentials = {}) {
        return SoapClient([this](const net::HttpRequest& r) { return (*this)(r); }, credentials, {},
                          *refusals);
    }
    Stream walk(const net::Credentials& credentials = {},
                const char* address = "http://cam/onvif/device_service",
                const SourceSettings& settings = {}) {
        SoapClient soap = client(credentials);
        Device device(soap, *net::Url::parse(address));
        return askDevice(device, soap, settings);
    }
    int count(const std::string& operation) const {
        int n = 0;
        for (const std::string& line : asked)
            n += line.compare(0, operation.size() + 1, operation + " ") == 0;
        return n;
    }

    static net::HttpResponse body(const std::string& xml, int status = 200) {
        return {status, "", {}, "<E><Body>" + xml + "</Body></E>"};
    }
    static net::HttpResponse fault(const char* code, int status = 500) {
        return body("<Fault><Code><Value>s:Sender</Value><Subcode><Value>" + std::string(code) +
                        "</Value></Subcode></Code></Fault>",
                    status);
    }
    static Answer always(const std::string& xml) {
        return [xml](const net::HttpRequest&) { return body(xml); };
    }
};

inline std::string services(const std::string& base, bool two = false, bool one = true) {
    const auto service = [&](const char* space, const char* path) {
        return "<Service><Namespace>" + std::string(space) + "</Namespace><XAddr>" + base + path +
               "</XAddr></Service>";
    };
    return "<GetServicesResponse>" + service(wsdl::device, "/onvif/device_service") +
           (one ? service(wsdl::media, "/onvif/media") : "") +
           (two ? service(wsdl::media2, "/onvif/media2") : "") + "</GetServicesResponse>";
}
inline std::string profile(const char* token, const char* encoding) {
    return std::string("<Profiles token='") + token + "'><Name>" + token +
           "</Name><VideoEncoderConfiguration><Encoding>" + encoding +
           "</Encoding></VideoEncoderConfiguration></Profiles>";
}
inline std::string uri(const std::string& text) {
    return "<GetStreamUriResponse><MediaUri><Uri>" + text +
           "</Uri></MediaUri></GetStreamUriResponse>";
}

/// One that does nothing wrong yet.
inline Odd right() {
    Odd device;
    device.answers = {
        {"GetSystemDateAndTime",
         Odd::always("<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime><Time><Hour>1"
                     "</Hour><Minute>2</Minute><Second>3</Second></Time><Date><Year>2001</Year>"
                     "<Month>4</Month><Day>5</Day></Date></UTCDateTime></SystemDateAndTime>"
                     "</GetSystemDateAndTimeResponse>")},
        {"GetServices", Odd::always(services("http://cam"))},
        {"GetDeviceInformation",
         Odd::always(
             "<GetDeviceInformationResponse><Model>M</Model></GetDeviceInformationResponse>")},
        {"GetProfiles",
         Odd::always("<GetProfilesResponse>" + profile("p1", "H264") + "</GetProfilesResponse>")},
        {"GetStreamUri", Odd::always(uri("rtsp://cam:554/live"))}};
    return device;
}

} // namespace odd
