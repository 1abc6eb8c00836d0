#include "pullpoint.hpp"

#include "xmlvalue.hpp"

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::seconds;

constexpr std::size_t maxReferences = 8, maxReferenceBytes = 4096;
constexpr int messageLimit = 100; ///< devices ignore it either way (quirk E3)
/// A first pull finds out whether the address works at all: it waits no longer than this.
constexpr seconds firstWait{1};
/// On top of what the device was asked to wait.
constexpr seconds answerTime{5};
constexpr seconds longestLease{24 * 3600};

const std::string portType = std::string(wsdl::events) + "/PullPointSubscription/";
const std::string manager = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/";

std::string referenceText(const net::XmlNode& parameter) {
    std::string text = parameter.xml();
    return text.size() <= maxReferenceBytes ? text : std::string();
}

/// Nobody there, or somebody else.
bool gone(const Error& error) {
    return error.kind() == ErrorKind::Unreachable || error.kind() == ErrorKind::BadData;
}

} // namespace

Lease readLease(const net::XmlNode& response) {
    const auto now = readInstant(lineAt(response, "CurrentTime")),
               end = readInstant(lineAt(response, "TerminationTime"));
    if (!now || !end || *end <= *now || *end - *now > longestLease)
        return {};
    return {std::chrono::duration_cast<seconds>(*end - *now)};
}

/// As a length of time; by the device's clock where it does not understand that.
SoapReply PullPoint::create() {
    Operation operation{wsdl::events, "CreatePullPointSubscription", ""};
    operation.soapAction =
        std::string(wsdl::events) + "/EventPortType/CreatePullPointSubscriptionRequest";
    operation.addressing.emplace();
    const auto until = [&](const std::string& time) {
        operation.content = "<InitialTerminationTime>" + time + "</InitialTerminationTime>";
        return device_.call(operation);
    };
    if (!absoluteTime_) {
        try {
            return until(durationText(lifetime));
        } catch (const Error& error) {
            if (!notUnderstood(error) || error.kind() == ErrorKind::Unsupported)
                throw;
        }
        absoluteTime_ = true;
    }
    return until(
        utcText(std::chrono::system_clock::now() + device_.whereabouts().clockOffset + lifetime));
}

void PullPoint::subscribe() {
    const SoapReply reply = create();
    const auto reference = reply.response.child("SubscriptionReference");
    const std::string address = reference ? lineAt(*reference, "Address") : "";
    if (address.empty())
        throw Error(ErrorKind::BadData, "The camera gives no address for its events; update its "
                                        "firmware or switch events off.");
    address_ = device_.addresses().service(address);
    references_.clear();
    if (const auto parameters = reference->child("ReferenceParameters"))
        for (const auto& parameter : parameters->children())
            if (const std::string text = referenceText(parameter);
                !text.empty() && references_.size() < maxReferences)
                references_.push_back(text);
    addressProven_ = false;
    keep(reply.response, Clock::now());
}

void PullPoint::adopt(const PullPoint& other) {
    address_ = other.address_;
    references_ = other.references_;
    addressProven_ = other.addressProven_;
}

void PullPoint::keep(const net::XmlNode& response, Clock::time_point now) {
    const Lease lease = readLease(response);
    const seconds left = lease.left > seconds(0) ? lease.left : lifetime;
    margin_ = left / 2;
    renewAt_ = now + left - margin_;
}

/// At the subscription's address. Its port may be one of the device's own world: then the path is
/// tried where the device was reached.
SoapReply PullPoint::ask(const Operation& given) {
    Operation operation = given;
    operation.addressing = Addressing{references_};
    try {
        const SoapReply reply = device_.callAt(address_, operation);
        addressProven_ = true;
        return reply;
    } catch (const Error& error) {
        net::Url here = device_.addresses().reached();
        if (addressProven_ || !gone(error))
            throw;
        here.rest = net::Url::parse(address_)->rest;
        if (here.text() == address_)
            throw;
        const SoapReply reply = device_.callAt(here.text(), operation);
        address_ = here.text();
        addressProven_ = true;
        return reply;
    }
}

void PullPoint::renew(Clock::time_point now) {
    Operation operation{wsdl::notification, "Renew", ""};
    operation.soapAction = manager + "RenewRequest";
    const std::string until = absoluteTime_ ? utcText(std::chrono::system_clock::now() +
                                                      device_.whereabouts().clockOffset + lifetime)
                                            : durationText(lifetime);
    operation.content = "<TerminationTime>" + until + "</TerminationTime>";
    try {
        keep(ask(operation).response, now);
    } catch (const Error& error) {
        if (!notUnderstood(error))
            throw;
        // Many keep it alive by the pulls and know no Renew; else the next pull will tell.
        renewAt_ = now + lifetime / 2;
    }
}

std::vector<Event> PullPoint::pull(seconds wait, Clock::time_point now) {
    if (now >= renewAt_)
        renew(now);
    if (!addressProven_)
        wait = std::min(wait, firstWait);
    Operation operation{wsdl::events, "PullMessages", ""};
    operation.soapAction = portType + "PullMessagesRequest";
    operation.content = "<Timeout>" + durationText(wait) + "</Timeout><MessageLimit>" +
                        std::to_string(messageLimit) + "</MessageLimit>";
    operation.timeout = wait + answerTime;
    const SoapReply reply = ask(operation);
    if (const Lease lease = readLease(reply.response); lease.left > seconds(0))
        renewAt_ = now + lease.left - margin_; // some prolong it by every pull
    return readEvents(reply.response);
}

void PullPoint::unsubscribe(std::chrono::milliseconds patience) {
    if (!subscribed())
        return;
    Operation operation{wsdl::notification, "Unsubscribe", ""};
    operation.soapAction = manager + "UnsubscribeRequest";
    operation.timeout = patience;
    ask(operation);
    address_.clear();
}

} // namespace onvif
