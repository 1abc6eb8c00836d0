#pragma once

#include "base/error.hpp"
#include "check.hpp"
#include "support/cameraservices.hpp"

#include <condition_variable>
#include <mutex>

/// What SOAP reaches of the virtual camera, without sockets, with two profiles.
class Camera {
public:
    Camera() {
        device.name = "Tor & Hof <1>";
        device.uuid = camera::stableUuid("x");
        device.rtspPort = 554;
        device.auth = camera::Auth::Both;
        camera::StreamProfile main;
        main.token = "main";
        main.name = "Main";
        main.width = 1280;
        main.height = 720;
        main.fps = 25;
        main.bitrate = 2000;
        main.audio = camera::Audio::Aac;
        camera::StreamProfile sub = main;
        sub.token = "sub";
        sub.width = 640;
        sub.height = 360;
        device.profiles = {main, sub};
        for (camera::Service& service : services.make(
                 {[this](const auto& token) { keyFrameFor = token; }, [this] { ++reboots; }}))
            byPath[service.path] = std::move(service);
    }
    ~Camera() { loop.stop(); }
    Camera(const Camera&) = delete;
    Camera& operator=(const Camera&) = delete;

    const camera::Service& at(const std::string& path) const { return byPath.at("/onvif/" + path); }

    /// How a request gets there.
    struct Way {
        std::string query, header;
    };

    /// Calls an operation as a client at 192.0.2.1 would and returns the parsed answer.
    net::XmlDocument call(const std::string& path, const std::string& operation,
                          const std::string& arguments = {}, const Way& way = {}) {
        const auto request = camera::SoapRequest::parse(camera::soapEnvelope(
            "<x:" + operation + " xmlns:x='urn:x'>" + arguments + "</x:" + operation + ">",
            way.header));
        const camera::Service& service = at(path);
        const auto found = service.operations.find(request.operation());
        ck_assert_msg(found != service.operations.end(), "%s", operation.c_str());
        const std::string body = perform(found->second, request, way);
        auto answer = net::XmlDocument::parse(camera::soapEnvelope(body));
        const auto content = answer.root().child("Body")->children();
        ck_assert_uint_eq(content.size(), 1);
        CHECK_STR(content[0].name(), (operation + "Response"));
        return answer;
    }

    /// The innermost code of the fault that an operation ends with.
    std::string fault(const std::string& path, const std::string& operation,
                      const std::string& arguments = {}, const Way& way = {}, int status = 400) {
        try {
            call(path, operation, arguments, way);
        } catch (const camera::SoapFault& thrown) {
            ck_assert_int_eq(thrown.status(), status);
            const auto document = net::XmlDocument::parse(thrown.envelope());
            const auto detail = document.root().textAt("Body/Fault/Code/Subcode/Subcode/Value");
            return detail.empty() ? document.root().textAt("Body/Fault/Code/Subcode/Value")
                                  : detail;
        }
        ck_abort_msg("%s gave no fault", operation.c_str());
    }

    net::EventLoop loop{"camera"};
    camera::Device device;
    camera::CameraServices services{loop, device};
    std::map<std::string, camera::Service> byPath;
    std::string keyFrameFor;
    int reboots = 0;

private:
    /// In the loop's thread, where a camera's services live; an answer that takes its time is
    /// waited for.
    std::string perform(const camera::Service::Operation& operation,
                        const camera::SoapRequest& request, const Way& way) {
        const camera::Caller caller{"192.0.2.1", 8000, way.query, request.header()};
        if (operation.handler)
            return loop.call([&] { return operation.handler(request.arguments(), caller); });
        std::mutex mutex;
        std::condition_variable changed;
        std::string answer;
        loop.call([&] {
            operation.late(request.arguments(), caller, [&](const std::string& body) {
                const std::lock_guard lock(mutex);
                answer = body;
                changed.notify_all();
            });
        });
        std::unique_lock lock(mutex);
        ck_assert(
            changed.wait_for(lock, std::chrono::seconds(100), [&] { return !answer.empty(); }));
        return answer;
    }
};
