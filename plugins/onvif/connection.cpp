#include "connection.hpp"

namespace onvif {

namespace {

net::HttpOptions optionsOf(const ConnectionSettings& settings) {
    net::HttpOptions options;
    options.timeout = settings.timeout;
    options.tlsFlags = settings.tlsFlags;
    return options;
}

} // namespace

Exchange Connection::exchange() {
    return [this](const net::HttpRequest& request) { return http_.send(request, cancel_); };
}

Connection::Connection(const net::Url& service, const ConnectionSettings& settings,
                       const net::Cancel& cancel, const Trace& trace)
    : http_(optionsOf(settings)), cancel_(cancel),
      soap_(exchange(), settings.credentials, trace, Refusals::ofProcess(), cancel),
      web_(exchange(), settings.credentials, trace, Refusals::ofProcess(), cancel),
      device_(soap_, service) {}

Connection::Connection(const Whereabouts& known, const ConnectionSettings& settings,
                       const net::Cancel& cancel, const Trace& trace)
    : http_(optionsOf(settings)), cancel_(cancel),
      soap_(exchange(), settings.credentials, trace, Refusals::ofProcess(), cancel),
      web_(exchange(), settings.credentials, trace, Refusals::ofProcess(), cancel),
      device_(soap_, known) {}

net::HttpResponse Connection::fetch(const std::string& uri, const std::string& what) {
    const std::string address = device_.addresses().service(uri);
    if (address.empty())
        throw base::Error(base::ErrorKind::BadData,
                          "The camera at " + device_.addresses().reached().authority() +
                              " gives no web address for " + what + "; choose another profile.");
    return web_.get(address, what);
}

} // namespace onvif
