#pragma once

#include "camerawatch.hpp"

#include <string>

// The virtual camera's web port, without any client's manners.

/// Sends bytes to the camera's web port and returns all that comes back.
inline std::string askWeb(const camera::VirtualCamera& camera, const std::string& bytes) {
    const Connection connection(camera.deviceServiceUrl());
    connection.send(bytes);
    return connection.all();
}

inline std::string request(const std::string& method, const std::string& path,
                           const std::string& body = {}) {
    return method + " " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

inline std::string soapCall(const std::string& operation) {
    return request("POST", "/onvif/device_service",
                   "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><" +
                       operation +
                       " xmlns='http://www.onvif.org/ver10/device/wsdl'/></e:Body></e:Envelope>");
}
