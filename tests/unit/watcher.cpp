// A watcher on real sockets, in a network of its own.
#include "watcher.hpp"

#include "check.hpp"
#include "net/datagram.hpp"
#include "net/random.hpp"
#include "net/xml.hpp"
#include "support/ownnetwork.hpp"
#include "ways.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <mutex>
#include <thread>

using namespace onvif;
using Kind = Change::Kind;
using std::chrono::milliseconds;

/// What a watcher told, to be waited for.
class Diary {
public:
    void write(const Change& change) {
        const std::lock_guard<std::mutex> lock(mutex_);
        changes_.push_back(change);
        news_.notify_all();
    }
    /// The first of that kind about that camera since the last call; long waits only where it
    /// fails.
    Change wait(Kind kind, const std::string& uuid) {
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            for (; read_ < changes_.size(); read_++)
                if (changes_[read_].kind == kind && changes_[read_].key == uuid)
                    return changes_[read_++];
            if (news_.wait_for(lock, std::chrono::minutes(2)) == std::cv_status::timeout)
                ck_abort_msg("no news of kind %d about %s", static_cast<int>(kind), uuid.c_str());
        }
    }
    std::size_t count(const std::string& uuid) {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::size_t all = 0;
        for (const Change& change : changes_)
            all += change.key == uuid;
        return all;
    }

private:
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<Change> changes_;
    std::size_t read_ = 0;
};

/// A device on some addresses of this machine: answers unicast there, says Hello and Bye.
class Camera {
public:
    Camera(std::string uuid, const std::string& host)
        : uuid_(std::move(uuid)), host_(host),
          socket_(net::DatagramSocket::shared(*net::SocketAddress::parse(host, discoveryPort))),
          thread_([this] { serve(); }) {}
    ~Camera() {
        cancel_.cancel();
        thread_.join();
    }

    std::string body() const {
        return "<EndpointReference><Address>urn:uuid:" + uuid_ +
               "</Address></EndpointReference><Types>tds:Device</Types><XAddrs>http://" + host_ +
               "/onvif</XAddrs>";
    }
    std::atomic<int> questions{0};

private:
    void serve() {
        try {
            for (;;) {
                net::waitReadable({socket_.descriptor()}, std::chrono::hours(1), cancel_);
                while (const auto datagram = socket_.receive())
                    answer(*datagram);
            }
        } catch (const net::Cancelled&) {
        }
    }
    void answer(const net::Datagram& question) {
        questions++;
        const auto document = net::XmlDocument::parse(question.bytes);
        socket_.send(question.from, "<E><Header><RelatesTo>" +
                                        document.root().textAt("Header/MessageID") +
                                        "</RelatesTo></Header><Body><ProbeMatches><ProbeMatch>" +
                                        body() + "</ProbeMatch></ProbeMatches></Body></E>");
    }

    std::string uuid_, host_;
    net::DatagramSocket socket_;
    net::Cancel cancel_;
    std::thread thread_;
};

/// Hello or Bye for a device, said on loopback by `from`.
static void say(const char* what, const std::string& uuid, const std::string& from = "127.0.0.1") {
    net::DatagramSocket socket(*net::SocketAddress::parse(from, 0), if_nametoindex("lo"));
    const std::string text = std::string("<E><Body><") + what +
                             "><EndpointReference><Address>urn:uuid:" + uuid +
                             "</Address></EndpointReference></" + what + "></Body></E>";
    ck_assert(socket.send(discoveryGroup(AF_INET, 0), text));
}

static WatcherSettings rare() {
    WatcherSettings settings;
    settings.interfaces = "lo";
    settings.interval = std::chrono::hours(1);
    return settings;
}

/// Interfaces that change again and again are no rounds that a camera missed.
START_TEST(changingInterfacesD8) {
    if (!enterOwnNetwork()) {
        std::puts("skipped: no network of its own can be made here");
        return;
    }
    const std::string uuid = net::randomUuid();
    Diary diary;
    const Watcher watcher(rare(), [&](const Change& change) { diary.write(change); });
    {
        const Camera camera(uuid, "127.0.0.1");
        diary.wait(Kind::Added, uuid);
    }
    for (int i = 0; i < 5; i++) {
        const std::string add = "ip addr add 127.0.1." + std::to_string(i + 1) + "/8 dev lo";
        ck_assert_int_eq(std::system(add.c_str()), 0);
        std::this_thread::sleep_for(milliseconds(600)); // it looks after 300
    }
    ck_assert_uint_eq(diary.count(uuid), 1);
}
END_TEST

/// Everybody who is on this machine answers on loopback's one address.
START_TEST(comesAndGoes) {
    enterOwnNetwork();
    const std::string uuid = net::randomUuid();
    Diary diary;
    WatcherSettings settings = rare();
    settings.interval = milliseconds(300);
    const Watcher watcher(settings, [&](const Change& change) { diary.write(change); });
    for (int i = 0; i < 2; i++) {
        {
            const Camera camera(uuid, "127.0.0.1");
            CHECK_STR(diary.wait(Kind::Added, uuid).camera.address(), "http://127.0.0.1/onvif");
        }
        diary.wait(Kind::Removed, uuid);
    }
    ck_assert_uint_eq(diary.count(uuid), 4);
}
END_TEST

/// Between the rounds: a Hello is followed by a question, a Bye as well.
START_TEST(helloAndBye) {
    enterOwnNetwork();
    const std::string uuid = net::randomUuid(), nobody = net::randomUuid();
    Diary diary;
    const Watcher watcher(rare(), [&](const Change& change) { diary.write(change); });
    const std::string first = net::randomUuid();
    auto early = std::make_unique<Camera>(first, "127.0.0.1");
    diary.wait(Kind::Added, first); // the first round is over and heard
    early.reset();
    say("Bye", first);
    diary.wait(Kind::Removed, first);
    auto camera = std::make_unique<Camera>(uuid, "127.0.0.1");
    say("Hello", nobody); // and nobody answers to that name
    say("Hello", uuid);
    diary.wait(Kind::Added, uuid);
    const int before = camera->questions;
    say("Bye", uuid, "127.0.0.9"); // a stranger, and the camera is there
    for (int i = 0; i < 2400 && camera->questions == before; i++)
        std::this_thread::sleep_for(milliseconds(50));
    ck_assert_int_gt(camera->questions, before);
    camera.reset();
    say("Hello", net::randomUuid());
    diary.wait(Kind::Removed, uuid); // it is looked at once more
    ck_assert_uint_eq(diary.count(uuid), 2);
    ck_assert_uint_eq(diary.count(nobody), 0);
}
END_TEST

/// The same camera at another address, as after a new lease.
START_TEST(changesItsAddress) {
    enterOwnNetwork();
    const std::string uuid = net::randomUuid();
    Diary diary;
    const Watcher watcher(rare(), [&](const Change& change) { diary.write(change); });
    auto camera = std::make_unique<Camera>(uuid, "127.0.0.1");
    diary.wait(Kind::Added, uuid);
    // Both addresses in the same breath would be a camera on two networks.
    std::this_thread::sleep_for(milliseconds(2000));
    camera = std::make_unique<Camera>(uuid, "127.0.0.2");
    say("Hello", uuid, "127.0.0.2");
    const Change change = diary.wait(Kind::Changed, uuid);
    CHECK_STR(change.camera.address(), "http://127.0.0.2/onvif");
    ck_assert(change.camera.otherSenders.empty());
}
END_TEST

/// Whatever is said on the group, nothing comes of it but a bounded number of questions.
START_TEST(floodOfHellos) {
    enterOwnNetwork();
    const std::string uuid = net::randomUuid();
    Diary diary;
    const Camera camera(uuid, "127.0.0.1");
    const Watcher watcher(rare(), [&](const Change& change) { diary.write(change); });
    diary.wait(Kind::Added, uuid);
    const int before = camera.questions;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 3000; i++) {
        say("Hello", net::randomUuid());
        say("Bye", uuid, "127.0.0." + std::to_string(2 + i % 200));
    }
    std::this_thread::sleep_for(milliseconds(200));
    const auto took = std::chrono::steady_clock::now() - start;
    // Two per second for Hellos, four in three seconds for rounds out of turn, twelve in six
    // seconds for the Byes; with room for where the flood began.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(took).count() + 6;
    ck_assert_int_le(camera.questions - before, 6 * static_cast<int>(seconds) + 12);
    ck_assert_uint_eq(diary.count(uuid), 1);
}
END_TEST

/// Port 3702 in the hands of one who does not share: the rounds alone find everybody.
START_TEST(portNotToBeHad) {
    enterOwnNetwork();
    const int selfish = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto all = net::SocketAddress::any(AF_INET, discoveryPort);
    ck_assert_int_eq(bind(selfish, all.data(), all.size()), 0);
    Diary diary;
    WatcherSettings settings = rare();
    settings.interval = milliseconds(300);
    settings.interfaces = "lo, nosuch9";
    const Watcher watcher(settings, [&](const Change& change) { diary.write(change); });
    std::thread device([&] {
        char buffer[4096];
        for (int i = 0; i < 4; i++) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            const ssize_t got = recvfrom(selfish, buffer, sizeof buffer, 0,
                                         reinterpret_cast<sockaddr*>(&from), &size);
            const auto probe = net::XmlDocument::parse(
                {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
            const std::string text =
                "<E><Header><RelatesTo>" + probe.root().textAt("Header/MessageID") +
                "</RelatesTo></Header><Body><ProbeMatches><ProbeMatch><EndpointReference><Address>"
                "urn:uuid:7</Address></EndpointReference><Types>tds:Device</Types></ProbeMatch>"
                "</ProbeMatches></Body></E>";
            sendto(selfish, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
        }
    });
    diary.wait(Kind::Added, "7");
    device.join();
    close(selfish);
}
END_TEST

static int openFiles() {
    DIR* folder = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

START_TEST(startsAndStops) {
    enterOwnNetwork();
    const auto ignore = [](const Change&) {};
    { const Watcher first(rare(), ignore); }
    const int before = openFiles();
    // Milliseconds each; a wait for something in one would add up to more than a test may take.
    for (int i = 0; i < 300; i++) {
        const Watcher watcher(rare(), ignore);
        if (i % 10 == 0)
            std::this_thread::sleep_for(milliseconds(2));
    }
    ck_assert_int_eq(openFiles(), before);
}
END_TEST

CHECK_MAIN("watcher", changingInterfacesD8, comesAndGoes, helloAndBye, changesItsAddress,
           floodOfHellos, portNotToBeHad, startsAndStops)
