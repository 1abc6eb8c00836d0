// Real datagrams, on loopback only. Others on this machine may answer too: a test looks for its
// own.
#include "discovery.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "net/datagram.hpp"
#include "net/random.hpp"
#include "net/xml.hpp"
#include "support/ownnetwork.hpp"

#include <atomic>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace onvif;
using std::chrono::milliseconds;

/// Joins WS-Discovery's group on loopback and answers probes with what a function makes of them.
class Responder {
public:
    using Answer = std::function<std::vector<std::string>(const std::string& messageId, bool nvt)>;

    explicit Responder(Answer answer) : answer_(std::move(answer)) {
        socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in group{};
        group.sin_family = AF_INET;
        group.sin_port = htons(3702);
        inet_pton(AF_INET, "239.255.255.250", &group.sin_addr);
        ck_assert_int_eq(bind(socket_, reinterpret_cast<sockaddr*>(&group), sizeof group), 0);
        ip_mreqn join{};
        join.imr_multiaddr = group.sin_addr;
        join.imr_address.s_addr = htonl(INADDR_LOOPBACK);
        ck_assert_int_eq(setsockopt(socket_, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join), 0);
        timeval tick{0, 20000};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
        thread_ = std::thread([this] { serve(); });
    }
    ~Responder() {
        stop_ = true;
        thread_.join();
        close(socket_);
        if (other_ >= 0)
            close(other_);
    }
    void answerFromAnotherPort() { other_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
    std::atomic<int> nvtProbes{0}, deviceProbes{0};

private:
    void serve() {
        char buffer[65536];
        while (!stop_) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            const ssize_t got = recvfrom(socket_, buffer, sizeof buffer, 0,
                                         reinterpret_cast<sockaddr*>(&from), &size);
            if (got > 0)
                reply(std::string(buffer, static_cast<std::size_t>(got)), from, size);
        }
    }
    void reply(const std::string& probe, const sockaddr_storage& to, socklen_t size) {
        const auto document = net::XmlDocument::parse(probe);
        const bool nvt = document.root().textAt("Body/Probe/Types") == "dn:NetworkVideoTransmitter";
        (nvt ? nvtProbes : deviceProbes)++;
        for (const std::string& text : answer_(document.root().textAt("Header/MessageID"), nvt))
            sendto(other_ >= 0 ? other_.load() : socket_, text.data(), text.size(), 0,
                   reinterpret_cast<const sockaddr*>(&to), size);
    }

    Answer answer_;
    int socket_;
    std::atomic<int> other_{-1};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

static std::string match(const std::string& relates, const std::string& endpoint, const char* types,
                         const std::string& xaddrs) {
    return "<E xmlns:d='x'><Header><RelatesTo>" + relates +
           "</RelatesTo></Header><Body><ProbeMatches><ProbeMatch><EndpointReference><Address>" +
           endpoint + "</Address></EndpointReference><Types>" + types +
           "</Types><Scopes>onvif://www.onvif.org/name/Test%20Cam</Scopes><XAddrs>" + xaddrs +
           "</XAddrs></ProbeMatch></ProbeMatches></Body></E>";
}

static DiscoverySettings quick() {
    DiscoverySettings settings;
    settings.interfaces = "lo";
    settings.timeout = std::chrono::seconds(30);
    settings.settle = milliseconds(1500); // in which a busy machine says the rest, too
    return settings;
}

static const Found* findOwn(const std::vector<Found>& all, const std::string& endpoint) {
    for (const Found& found : all)
        if (found.endpoint == endpoint)
            return &found;
    return nullptr;
}

/// Quirk D1: devices that know one of the two types only, and both are found.
START_TEST(bothProbesD1) {
    enterOwnNetwork();
    const std::string one = "urn:uuid:" + net::randomUuid(), two = "urn:uuid:" + net::randomUuid();
    Responder responder([&](const std::string& id, bool nvt) {
        return std::vector<std::string>{
            nvt ? match(id, one, "dn:NetworkVideoTransmitter", "http://10.0.0.1:81/a")
                : match(id, two, "tds:Device", "http://127.0.0.1:82/b")};
    });
    const auto found = discover(quick(), net::Cancel());
    const Found *first = findOwn(found, one), *second = findOwn(found, two);
    ck_assert(first && second);
    CHECK_STR(first->address(), "http://127.0.0.1:81/a");
    CHECK_STR(first->name(), "Test Cam");
    CHECK_STR(second->address(), "http://127.0.0.1:82/b");
    ck_assert_int_ge(responder.nvtProbes, 1);
    ck_assert_int_ge(responder.deviceProbes, 1);
}
END_TEST

/// Forged, foreign and broken answers before the true one.
START_TEST(hostileAnswers) {
    enterOwnNetwork();
    const std::string forged = "urn:uuid:" + net::randomUuid(),
                      own = "urn:uuid:" + net::randomUuid();
    Responder responder([&](const std::string& id, bool) {
        return std::vector<std::string>{
            std::string("\0\1\2", 3), std::string(60000, '<'),
            match("urn:uuid:" + net::randomUuid(), forged, "tds:Device", ""),
            match("", forged, "tds:Device", ""),
            match(id, own, "tds:Device", "http://127.0.0.1:83/c")};
    });
    const auto found = discover(quick(), net::Cancel());
    ck_assert(findOwn(found, own) != nullptr);
    ck_assert(findOwn(found, forged) == nullptr);
}
END_TEST

/// Quirk D9: the first probe got lost, the repetition is answered.
START_TEST(repeatedD9) {
    enterOwnNetwork();
    const std::string own = "urn:uuid:" + net::randomUuid();
    std::atomic<int> count{0};
    Responder responder([&](const std::string& id, bool) {
        std::vector<std::string> answers;
        if (++count > 2)
            answers.push_back(match(id, own, "tds:Device", ""));
        return answers;
    });
    DiscoverySettings settings = quick();
    settings.settle = milliseconds(3000); // another device may answer at once
    ck_assert(findOwn(discover(settings, net::Cancel()), own) != nullptr);
}
END_TEST

/// Quirk D7: answers in several parts, and from a port other than 3702.
START_TEST(partsFromAnotherPortD7) {
    enterOwnNetwork();
    const std::string own = "urn:uuid:" + net::randomUuid();
    Responder responder([&](const std::string& id, bool nvt) {
        std::vector<std::string> parts;
        if (nvt)
            parts = {match(id, own, "dn:NetworkVideoTransmitter", "http://127.0.0.1:81/a"),
                     match(id, own, "tds:Device", "https://127.0.0.1:82/b")};
        return parts;
    });
    responder.answerFromAnotherPort();
    const auto found = discover(quick(), net::Cancel());
    ck_assert_uint_eq(found.size(), 1);
    ck_assert(found[0].addresses() ==
              (std::vector<std::string>{"http://127.0.0.1:81/a", "https://127.0.0.1:82/b"}));
    ck_assert_uint_eq(found[0].types.size(), 2);
}
END_TEST

/// Where is it now? It is found under its name alone, among others, and once it answers.
START_TEST(locatesAnEndpoint) {
    enterOwnNetwork();
    const std::string own = "urn:uuid:" + net::randomUuid(),
                      other = "urn:uuid:" + net::randomUuid();
    std::atomic<int> count{0};
    Responder responder([&](const std::string& id, bool) {
        std::vector<std::string> answers{match(id, other, "tds:Device", "http://127.0.0.1:81/a")};
        if (++count > 2)
            answers.push_back(match(id, own, "tds:Device", "http://127.0.0.1:82/b"));
        return answers;
    });
    DiscoverySettings settings = quick();
    settings.timeout = std::chrono::minutes(2);
    const auto found = locate("uuid:" + own.substr(9), settings, net::Cancel());
    ck_assert(found.has_value());
    CHECK_STR(found->address(), "http://127.0.0.1:82/b");
    settings.timeout = milliseconds(300);
    ck_assert(!locate("urn:uuid:" + net::randomUuid(), settings, net::Cancel()));
    ck_assert(!locate("", settings, net::Cancel()));
}
END_TEST

START_TEST(cancelEndsTheSearch) {
    enterOwnNetwork();
    net::Cancel cancel;
    DiscoverySettings settings = quick();
    settings.timeout = settings.settle = std::chrono::minutes(10);
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(50));
        cancel.cancel();
    });
    bool cancelled = false;
    try {
        discover(settings, cancel);
    } catch (const net::Cancelled&) {
        cancelled = true;
    }
    other.join();
    ck_assert(cancelled);
}
END_TEST

START_TEST(unknownInterface) {
    DiscoverySettings settings = quick();
    settings.interfaces = "lo, nosuch9";
    try {
        discover(settings, net::Cancel());
        ck_abort_msg("there is no such interface");
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        ck_assert(std::string(error.what()).find("'nosuch9'") != std::string::npos);
        ck_assert(std::string(error.what()).find("lo") != std::string::npos);
    }
}
END_TEST

CHECK_MAIN("discovery", bothProbesD1, hostileAnswers, repeatedD9, partsFromAnotherPortD7,
           locatesAnEndpoint, cancelEndsTheSearch, unknownInterface)
