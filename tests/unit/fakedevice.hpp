#pragma once

#include "check.hpp"
#include "device.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

/// A device that answers each operation as it was told and keeps what it was asked, without a
/// network.
class FakeDevice {
public:
    struct Asked {
        std::string operation, url, body;
        std::chrono::milliseconds timeout;
    };

    FakeDevice() : FakeDevice("http://cam:8080/onvif/device_service") {}
    explicit FakeDevice(const std::string& reached)
        : soap_([this](const net::HttpRequest& r) { return exchange(r); }, {}, {}, refusals_),
          device(soap_, whereabouts(reached)) {}

    /// The content of the answer's body.
    void answer(const std::string& operation, const std::string& content) {
        answers_[operation] = {200, content};
    }
    /// "<PTZStatus>…</PTZStatus>" as the operation's response.
    void respond(const std::string& operation, const std::string& content = {}) {
        answer(operation,
               "<x:" + operation + "Response>" + content + "</x:" + operation + "Response>");
    }
    void fault(const std::string& operation, const std::string& code) {
        answers_[operation] = {500, "<Fault><Code><Value>s:Sender</Value><Subcode><Value>" + code +
                                        "</Value></Subcode></Code></Fault>"};
    }

    std::size_t count(const std::string& operation) const {
        return static_cast<std::size_t>(std::count_if(
            asked.begin(), asked.end(), [&](const Asked& a) { return a.operation == operation; }));
    }
    /// The latest request of that name.
    const Asked& last(const std::string& operation) const {
        for (auto one = asked.rbegin(); one != asked.rend(); ++one)
            if (one->operation == operation)
                return *one;
        ck_abort_msg("%s was not asked", operation.c_str());
        return asked.front();
    }
    bool said(const std::string& operation, const std::string& part) const {
        return last(operation).body.find(part) != std::string::npos;
    }

    std::vector<Asked> asked;
    std::function<void(const Asked&)> before; ///< may throw what an exchange throws

private:
    struct Answer {
        int status;
        std::string content;
    };

    static onvif::Whereabouts whereabouts(const std::string& reached) {
        const auto url = *net::Url::parse(reached);
        onvif::Whereabouts known{onvif::AddressPolicy(url), {}, false, {}};
        for (const char* space :
             {onvif::wsdl::device, onvif::wsdl::media, onvif::wsdl::media2, onvif::wsdl::ptz,
              onvif::wsdl::imaging, onvif::wsdl::events, onvif::wsdl::deviceIo})
            known.services[space] = reached;
        return known;
    }

    net::HttpResponse exchange(const net::HttpRequest& request) {
        const auto body = net::XmlDocument::parse(request.body);
        const std::string name = body.root().find("Body")->children().front().name();
        asked.push_back({name, request.url, request.body, request.timeout});
        if (before)
            before(asked.back());
        const auto known = answers_.find(name);
        ck_assert_msg(known != answers_.end(), "%s has no answer", name.c_str());
        return {known->second.status,
                "",
                {},
                "<E xmlns:x=\"urn:x\"><Body>" + known->second.content + "</Body></E>"};
    }

    std::map<std::string, Answer> answers_;
    onvif::Refusals refusals_;
    onvif::SoapClient soap_;

public:
    onvif::Device device;
};

/// What a call threw, which it has to.
template <class Call>
base::ErrorKind kindOf(Call call) {
    try {
        call();
    } catch (const base::Error& error) {
        return error.kind();
    }
    ck_abort_msg("nothing was thrown");
    return base::ErrorKind::Failed;
}
