#pragma once

#include "base/error.hpp"
#include "check.hpp"
#include "soapclient.hpp"

#include <deque>
#include <string>
#include <vector>

// What a SoapClient is answered, and what it asked.

namespace script {

using namespace onvif;
using base::ErrorKind;

/// A device that answers what it is told to, in order, and keeps what it was asked.
struct Script {
    std::deque<net::HttpResponse> answers;
    std::vector<net::HttpRequest> asked{};
    Refusals refusals{};

    SoapClient client(const net::Credentials& credentials) {
        return SoapClient(
            [this](const net::HttpRequest& request) {
                asked.push_back(request);
                ck_assert_msg(!answers.empty(), "asked once too often: %s", request.body.c_str());
                net::HttpResponse next = answers.front();
                answers.pop_front();
                return next;
            },
            credentials, {}, refusals);
    }
    std::string authorization(std::size_t i) const {
        for (const auto& [name, value] : asked.at(i).headers)
            if (name == "Authorization")
                return value;
        return {};
    }
    bool token(std::size_t i) const {
        return asked.at(i).body.find("UsernameToken") != std::string::npos;
    }
    bool bare(std::size_t i) const { return !token(i) && authorization(i).empty(); }
};

inline const Operation operation = {wsdl::media, "GetProfiles", ""};
inline const net::Credentials admin = {"admin", "s3cret"};

inline net::HttpResponse soap(int status, const std::string& body) {
    return {status, "", {}, "<E><Body>" + body + "</Body></E>"};
}
inline net::HttpResponse fine() { return soap(200, "<x:GetProfilesResponse/>"); }
inline net::HttpResponse fault(int status, const char* code) {
    return soap(status, "<Fault><Code><Value>s:Sender</Value><Subcode><Value>" + std::string(code) +
                            "</Value></Subcode></Code><Reason><Text>no</Text></Reason></Fault>");
}
inline net::HttpResponse challenge(const std::string& more = "", const char* nonce = "n1") {
    return {401,
            "",
            {{"WWW-Authenticate",
              "Digest realm=\"r\", qop=\"auth\", nonce=\"" + std::string(nonce) + "\"" + more}},
            ""};
}

inline SoapReply call(SoapClient& client, bool mayLogIn = true) {
    std::string url = "http://192.0.2.1/onvif/media";
    return client.call(url, operation, mayLogIn);
}
inline SoapReply callOther(SoapClient& client, const std::string& name) {
    std::string url = "http://192.0.2.1/onvif/media";
    return client.call(url, {wsdl::media, name, ""});
}

inline ErrorKind refusal(SoapClient& client, const std::string& name = "GetProfiles") {
    try {
        callOther(client, name);
    } catch (const base::Error& error) {
        const std::string all = error.what() + error.details();
        ck_assert_msg(all.find("s3cret") == std::string::npos, "%s", all.c_str());
        return error.kind();
    }
    ck_abort_msg("it was not refused");
    return ErrorKind::Failed;
}

} // namespace script
