#include "pullpoint.hpp"

#include "fakedevice.hpp"

#include <algorithm>

using namespace onvif;
using base::ErrorKind;
using std::chrono::seconds;

static std::string times(int lease) {
    char end[32];
    std::snprintf(end, sizeof end, "2000-01-01T00:%02d:%02dZ", lease / 60, lease % 60);
    return "<CurrentTime>2000-01-01T00:00:00Z</CurrentTime><TerminationTime>" + std::string(end) +
           "</TerminationTime>";
}

static std::string subscription(const std::string& address, const std::string& parameters = {}) {
    return "<SubscriptionReference><w:Address xmlns:w=\"urn:w\">" + address + "</w:Address>" +
           (parameters.empty() ? ""
                               : "<ReferenceParameters>" + parameters + "</ReferenceParameters>") +
           "</SubscriptionReference>" + times(60);
}

struct Source : FakeDevice {
    explicit Source(const std::string& reference = subscription("http://10.0.0.9:8080/sub?Idx=0")) {
        respond("CreatePullPointSubscription", reference);
        respond("PullMessages", times(60));
        respond("Renew", times(60));
        respond("Unsubscribe");
    }
    PullPoint point{device};
    PullPoint::Clock::time_point start = PullPoint::Clock::now();
};

/// On the host that was reached, the query kept, and with the headers that some devices want.
START_TEST(pullsAtTheSubscriptionE1) {
    Source source;
    source.point.subscribe();
    ck_assert(source.said("CreatePullPointSubscription",
                          "<InitialTerminationTime>PT60S</InitialTerminationTime>"));
    source.respond("PullMessages", times(60) + "<NotificationMessage><Topic>t</Topic>"
                                               "</NotificationMessage>");
    ck_assert_uint_eq(source.point.pull(seconds(8)).size(), 1);
    CHECK_STR(source.last("PullMessages").url, "http://cam:8080/sub?Idx=0");
    const std::string& body = source.last("PullMessages").body;
    for (const char* part : {"PullPointSubscription/PullMessagesRequest</",
                             "urn:uuid:", "/sub?Idx=0</", "<MessageLimit>100</MessageLimit>"})
        ck_assert_msg(body.find(part) != std::string::npos, "%s lacks %s", body.c_str(), part);
}
END_TEST

/// What tells the subscription apart goes back as a header, with its namespace.
START_TEST(echoesReferenceParametersE1) {
    Source source(subscription("http://cam/onvif/services",
                               "<d:SubscriptionId xmlns:d=\"http://www.axis.com/2009/event\">5"
                               "</d:SubscriptionId>"));
    source.point.subscribe();
    source.point.pull(seconds(8));
    source.point.unsubscribe(std::chrono::milliseconds(100));
    for (const char* operation : {"PullMessages", "Unsubscribe"}) {
        const auto sent = net::XmlDocument::parse(source.last(operation).body);
        const auto header = sent.root().child("Header");
        ck_assert(header && header->child("SubscriptionId"));
        CHECK_STR(header->child("SubscriptionId")->text(), "5");
        CHECK_STR(header->child("SubscriptionId")->attribute("IsReferenceParameter"), "true");
        ck_assert(source.said(operation, "http://www.axis.com/2009/event"));
    }
    ck_assert(!source.point.subscribed());
}
END_TEST

START_TEST(repairsADeadPortE2) {
    Source source(subscription("http://10.0.0.9:1024/event-1"));
    source.before = [](const FakeDevice::Asked& asked) {
        if (asked.url.find(":1024") != std::string::npos)
            throw base::Error(ErrorKind::Unreachable, "nobody there");
    };
    source.point.subscribe();
    source.point.pull(seconds(8));
    source.point.pull(seconds(8));
    CHECK_STR(source.last("PullMessages").url, "http://cam:8080/event-1");
    ck_assert_uint_eq(source.count("PullMessages"), 3); // the dead port once
    // Once it has worked, silence is silence.
    source.before = [](const FakeDevice::Asked&) {
        throw base::Error(ErrorKind::Unreachable, "nobody there");
    };
    ck_assert(kindOf([&] { source.point.pull(seconds(8)); }) == ErrorKind::Unreachable);
    ck_assert_uint_eq(source.count("PullMessages"), 4);
}
END_TEST

START_TEST(asksInAbsoluteTimeE2) {
    Source source;
    source.before = [&](const FakeDevice::Asked& asked) {
        if (asked.body.find("PT60S") != std::string::npos)
            source.fault(asked.operation, "wsnt:UnacceptableInitialTerminationTimeFault");
        else if (asked.operation == "CreatePullPointSubscription")
            source.respond(asked.operation, subscription("http://cam/s"));
    };
    source.point.subscribe();
    ck_assert(source.said("CreatePullPointSubscription", "<InitialTerminationTime>20"));
    source.point.pull(seconds(8), source.start + seconds(40));
    ck_assert(source.said("Renew", "<TerminationTime>20"));
}
END_TEST

START_TEST(renewsAtTheSubscriptionBeforeItsEnd) {
    Source source;
    source.point.subscribe();
    source.respond("PullMessages"); // tells no times
    source.point.pull(seconds(8), source.start + seconds(20));
    ck_assert_uint_eq(source.count("Renew"), 0);
    source.point.pull(seconds(8), source.start + seconds(31));
    ck_assert_uint_eq(source.count("Renew"), 1);
    CHECK_STR(source.last("Renew").url, "http://cam:8080/sub?Idx=0");
    ck_assert(source.said("Renew", "http://docs.oasis-open.org/wsn/b-2"));
    source.point.pull(seconds(8), source.start + seconds(45));
    ck_assert_uint_eq(source.count("Renew"), 1);
}
END_TEST

/// A device whose pulls prolong it is not bothered, one whose end comes nearer is.
START_TEST(renewsByWhatThePullsTell) {
    Source source;
    source.point.subscribe();
    for (int i = 1; i <= 10; i++)
        source.point.pull(seconds(8), source.start + seconds(10 * i));
    ck_assert_uint_eq(source.count("Renew"), 0);
    Source other;
    other.point.subscribe();
    for (int i = 1; i <= 2; i++) {
        other.respond("PullMessages", times(60 - 10 * i));
        other.point.pull(seconds(8), other.start + seconds(10 * i));
    }
    other.point.pull(seconds(8), other.start + seconds(31));
    ck_assert_uint_eq(other.count("Renew"), 1);
    ck_assert_uint_eq(other.count("PullMessages"), 3);
}
END_TEST

/// Quirk H2: no Renew, said by hanging up; and no lengths of time, said by a page.
START_TEST(unknownOperationsH2) {
    Source source;
    source.before = [&](const FakeDevice::Asked& asked) {
        if (asked.body.find("PT60S") != std::string::npos)
            throw base::Error(ErrorKind::BadData, "a page");
        if (asked.operation == "Renew")
            throw base::Error(ErrorKind::Unreachable, "it hung up");
    };
    source.point.subscribe();
    ck_assert(source.said("CreatePullPointSubscription", "<InitialTerminationTime>20"));
    source.point.pull(seconds(8));
    source.point.pull(seconds(8), source.start + seconds(40));
    ck_assert_uint_eq(source.count("Renew"), 1);
    ck_assert_uint_eq(source.count("PullMessages"), 2);
}
END_TEST

START_TEST(livesWithoutRenew) {
    Source source;
    source.fault("Renew", "ter:ActionNotSupported");
    source.point.subscribe();
    source.point.pull(seconds(8), source.start + seconds(40));
    ck_assert_uint_eq(source.count("PullMessages"), 1);
}
END_TEST

/// More than was asked for is taken (a device sent 117 kB for a limit of ten).
START_TEST(takesMoreThanTheLimitE3) {
    Source source;
    source.point.subscribe();
    std::string many;
    for (int i = 0; i < 500; i++)
        many += "<NotificationMessage><Topic>tns1:A/B</Topic></NotificationMessage>";
    source.respond("PullMessages", many);
    ck_assert_uint_eq(source.point.pull(seconds(8)).size(), 500);
}
END_TEST

START_TEST(clocksAndRubbishE3) {
    const auto lease = [](const std::string& text) {
        return readLease(net::XmlDocument::parse("<a>" + text + "</a>").root()).left;
    };
    ck_assert(lease(times(90)) == seconds(90));
    ck_assert(lease("<wsnt:CurrentTime>2000-01-01T00:00:00Z</wsnt:CurrentTime>"
                    "<wsnt:TerminationTime>2000-01-01T00:10:00Z</wsnt:TerminationTime>") ==
              seconds(600)); // undeclared prefixes
    ck_assert(lease("<CurrentTime>x</CurrentTime>") == seconds(0));
    ck_assert(lease("<CurrentTime>2026-01-01T00:00:00Z</CurrentTime><TerminationTime>1970-01-01T00:"
                    "01:00Z</TerminationTime>") == seconds(0));
    ck_assert(lease("<CurrentTime>1970-01-01T00:00:00Z</CurrentTime><TerminationTime>2026-01-01T00:"
                    "01:00Z</TerminationTime>") == seconds(0));
    Source source("<SubscriptionReference/>");
    ck_assert(kindOf([&] { source.point.subscribe(); }) == ErrorKind::BadData);
}
END_TEST

CHECK_MAIN("pullpoint", pullsAtTheSubscriptionE1, echoesReferenceParametersE1, repairsADeadPortE2,
           asksInAbsoluteTimeE2, renewsAtTheSubscriptionBeforeItsEnd, renewsByWhatThePullsTell,
           livesWithoutRenew, unknownOperationsH2, takesMoreThanTheLimitE3, clocksAndRubbishE3)
