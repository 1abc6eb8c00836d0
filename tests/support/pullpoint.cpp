#include "support/pullpoint.hpp"

#include "support/eventservice.hpp"

#include <glib.h>

#include <cstdlib>
#include <memory>

namespace camera {
namespace {

using namespace std::chrono_literals;

constexpr const char* path = "/onvif/subscription";
constexpr const char* idHeader = "SubscriptionId"; ///< in ReferenceParameters and in headers
constexpr auto usualLife = 60s;
constexpr auto longestLife = 24h;
constexpr auto longestPull = 60s;
constexpr long pullsBeforeForgetting = 3;

[[noreturn]] void unknown() {
    throw SoapFault(SoapFault::Side::Sender, "wsnt:ResourceUnknownFault",
                    "There is no such subscription, or it is over.");
}

[[noreturn]] void invalid(const std::string& why) {
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal", why);
}

Instant cameraTime(const Device& device) {
    return std::chrono::system_clock::now() +
           std::chrono::seconds(device.ills.number("clock-skew"));
}

/// A moment of the camera's clock as an answer tells it.
std::string told(const Device& device, const char* name, Instant time) {
    return xmlLeaf(name, xsdTime(time + std::chrono::seconds(device.ills.number("clock-skew"))));
}

/// xs:duration, or xs:dateTime of the camera's clock, from now.
Instant untilOf(const Device& device, const std::string& text) {
    const Instant now = std::chrono::system_clock::now();
    if (text.empty())
        return now + usualLife;
    if (const auto life = xsdDuration(text))
        return now + std::clamp<std::chrono::milliseconds>(*life, 1s, longestLife);
    const auto moment = xsdInstant(text);
    if (!moment)
        invalid("The termination time is neither a duration nor a date and time.");
    const auto life = *moment - cameraTime(device);
    if (life <= 0s)
        invalid("The termination time has passed.");
    return now + std::min<std::chrono::system_clock::duration>(life, longestLife);
}

void checkAddressing(const Device& device, const Caller& caller) {
    if (!device.ills.has("events-need-addressing"))
        return;
    for (const char* name : {"To", "MessageID", "Action"})
        if (!caller.header || caller.header->textAt(name).empty())
            throw HangUp{};
}

unsigned numberOf(const Device& device, const Caller& caller) {
    std::string text;
    if (device.ills.has("events-reference-parameters")) {
        text = caller.header ? caller.header->textAt(idHeader) : "";
    } else if (const std::unique_ptr<GHashTable, decltype(&g_hash_table_unref)> fields(
                   g_uri_parse_params(caller.query.c_str(), -1, "&", G_URI_PARAMS_NONE, nullptr),
                   [](GHashTable* t) {
                       if (t)
                           g_hash_table_unref(t);
                   });
               fields) {
        const auto* id = static_cast<const char*>(g_hash_table_lookup(fields.get(), "id"));
        text = id ? id : "";
    }
    return static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 10));
}

std::string reference(const Device& device, const Caller& caller, unsigned id) {
    const std::string number = std::to_string(id);
    std::string origin = caller.origin();
    if (device.ills.has("events-address"))
        origin = "http://" + device.ills.value("events-address");
    if (device.ills.has("events-reference-parameters"))
        return xmlLeaf("wsa:Address", origin + path) +
               xmlTag("wsa:ReferenceParameters",
                      xmlTag("vs:" + std::string(idHeader), number,
                             "xmlns:vs=\"urn:video-stream:virtual-camera\""));
    return xmlLeaf("wsa:Address", origin + path + "?id=" + number);
}

std::size_t limitOf(const net::XmlNode& arguments) {
    const long limit = std::strtol(arguments.textAt("MessageLimit").c_str(), nullptr, 10);
    if (limit < 1)
        invalid("MessageLimit is at least 1.");
    return static_cast<std::size_t>(limit);
}

std::chrono::milliseconds timeoutOf(const net::XmlNode& arguments) {
    const auto timeout = xsdDuration(arguments.textAt("Timeout"));
    if (!timeout)
        invalid("Timeout is no duration.");
    return std::min<std::chrono::milliseconds>(*timeout, longestPull);
}

std::string messages(const Device& device, const EventHub::Batch& batch, Instant until) {
    std::string body = told(device, "tev:CurrentTime", std::chrono::system_clock::now()) +
                       told(device, "tev:TerminationTime", until);
    for (const Event& event : batch)
        body += xmlTag("wsnt:NotificationMessage", notification(event));
    return xmlTag("tev:PullMessagesResponse", body);
}

/// The operations of one pull point, each with its number.
class PullPoints {
public:
    PullPoints(const Device& device, EventHub& hub) : device_(device), hub_(hub) {}

    unsigned find(const Caller& caller) const {
        checkAddressing(device_, caller);
        const unsigned id = numberOf(device_, caller);
        if (!hub_.known(id))
            unknown();
        return id;
    }

    void pull(const net::XmlNode& arguments, const Caller& caller, const Service::Answer& answer) {
        const unsigned id = find(caller);
        forgetSome(id);
        const Instant until = hub_.terminationTime(id);
        hub_.pull(id, limitOf(arguments), timeoutOf(arguments),
                  [&device = device_, until, answer](const EventHub::Batch& batch) {
                      answer(messages(device, batch, until));
                  });
    }

    std::string renew(const net::XmlNode& arguments, const Caller& caller) const {
        const unsigned id = find(caller);
        const Instant until = untilOf(device_, arguments.textAt("TerminationTime"));
        hub_.renew(id, until);
        return xmlTag("wsnt:RenewResponse",
                      told(device_, "wsnt:TerminationTime", until) +
                          told(device_, "wsnt:CurrentTime", std::chrono::system_clock::now()));
    }

private:
    /// The ill events-forget.
    void forgetSome(unsigned id) {
        if (!device_.ills.has("events-forget"))
            return;
        if (++pulls_[id] <= device_.ills.number("events-forget", pullsBeforeForgetting))
            return;
        pulls_.erase(id);
        hub_.unsubscribe(id);
        unknown();
    }

    const Device& device_;
    EventHub& hub_;
    std::map<unsigned, long> pulls_;
};

} // namespace

std::string createPullPoint(const Device& device, EventHub& hub, const net::XmlNode& arguments,
                            const Caller& caller) {
    checkAddressing(device, caller);
    const std::string life = arguments.textAt("InitialTerminationTime");
    if (life.empty() && device.ills.has("events-need-termination-time"))
        invalid("InitialTerminationTime is missing.");
    const Instant until = untilOf(device, life);
    const unsigned id =
        hub.subscribe(TopicFilter(arguments.textAt("Filter/TopicExpression")), until);
    if (id == 0)
        throw SoapFault(SoapFault::Side::Receiver, "ter:Action",
                        "There is no room for another subscription.", "ter:MaxPullPoints");
    return xmlTag("tev:CreatePullPointSubscriptionResponse",
                  xmlTag("tev:SubscriptionReference", reference(device, caller, id)) +
                      told(device, "wsnt:CurrentTime", std::chrono::system_clock::now()) +
                      told(device, "wsnt:TerminationTime", until));
}

Service pullPointService(const Device& device, EventHub& hub) {
    Service service;
    service.path = path;
    const auto points = std::make_shared<PullPoints>(device, hub);
    service.operations["PullMessages"] = {
        Access::Users, {}, [points](const auto& arguments, const auto& caller, const auto& answer) {
            points->pull(arguments, caller, answer);
        }};
    service.operations["Renew"] = {Access::Users, [points](const auto& args, const auto& caller) {
                                       return points->renew(args, caller);
                                   }};
    service.operations["Unsubscribe"] = {Access::Users,
                                         [points, &hub](const auto&, const auto& caller) {
                                             hub.unsubscribe(points->find(caller));
                                             return xmlTag("wsnt:UnsubscribeResponse", {});
                                         }};
    service.operations["SetSynchronizationPoint"] = {
        Access::Users, [points, &hub](const auto&, const auto& caller) {
            hub.synchronize(points->find(caller));
            return xmlTag("tev:SetSynchronizationPointResponse", {});
        }};
    return service;
}

} // namespace camera
