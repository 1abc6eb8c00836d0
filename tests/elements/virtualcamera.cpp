// The virtual camera as its users meet it: stock clients on real sockets.
#include "base/error.hpp"
#include "glue/videoframe.hpp"
#include "player.hpp"
#include "support/barcode.hpp"
#include "support/gstvirtualcamera.hpp"
#include "support/ownnetwork.hpp"
#include "support/scene.hpp"

#include <gst/app/gstappsink.h>

#include <arpa/inet.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include <dirent.h>

using glue::Ref;

namespace {

camera::Settings small() {
    camera::Settings settings;
    settings.width = 640;
    settings.height = 360;
    settings.fps = 10;
    settings.interfaces = {"lo"};
    return settings;
}

Ref<GstSample> pull(Player& player, const char* sink) {
    const Ref<GstElement> element = player[sink];
    Ref<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(element.get()), 30 * GST_SECOND));
    if (!sample) {
        player.expectErrorOrEnd();
        ck_abort_msg("%s saw nothing more: %s", sink, player.error.c_str());
    }
    return sample;
}

/// Sees what a stock client sees.
std::string viewer(const std::string& url, const char* protocols, const char* sink = "out") {
    return "rtspsrc protocols=" + std::string(protocols) + " latency=100 location=" + url +
           " ! rtph264depay wait-for-keyframe=true ! avdec_h264 ! videoconvert ! "
           "video/x-raw,format=BGRx ! appsink "
           "sync=false "
           "max-buffers=5 name=" +
           sink;
}

int distance(const std::uint8_t* bgrx, const camera::Color& color) {
    return std::abs(bgrx[2] - color.red) + std::abs(bgrx[1] - color.green) +
           std::abs(bgrx[0] - color.blue);
}

/// Holds a decoded picture against what the scene says it shows; returns its number.
std::uint32_t checkScene(GstSample* sample, int width, int height, double fps) {
    GstVideoInfo info;
    fail_unless(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
    fail_unless_equals_int(GST_VIDEO_INFO_WIDTH(&info), width);
    fail_unless_equals_int(GST_VIDEO_INFO_HEIGHT(&info), height);
    const glue::MappedFrame mapped(info, gst_sample_get_buffer(sample), GST_MAP_READ);
    const base::Frame frame = mapped.readable();
    const std::uint32_t number = camera::readBarcode(frame);
    for (const auto& sign : camera::objectsAt(number, fps, static_cast<double>(width) / height)) {
        const auto x = static_cast<int>((sign.box.x + sign.box.width / 2) * width);
        const auto y = static_cast<int>((sign.box.y + sign.box.height * 0.6) * height);
        const std::uint8_t* pixel = frame.planes[0] + y * frame.strides[0] + 4 * x;
        const int off = distance(pixel, camera::signColors[static_cast<std::size_t>(sign.classId)]);
        fail_unless(off < 60, "frame %u: %s at %d,%d is %d,%d,%d", number, sign.label.c_str(), x, y,
                    pixel[2], pixel[1], pixel[0]);
    }
    return number;
}

std::size_t entries(const char* folder) {
    DIR* dir = opendir(folder);
    std::size_t count = 0;
    while (readdir(dir))
        ++count;
    closedir(dir);
    return count;
}

std::multiset<std::string> threadNames() {
    std::multiset<std::string> names;
    DIR* dir = opendir("/proc/self/task");
    while (const dirent* entry = readdir(dir)) {
        std::ifstream in("/proc/self/task/" + std::string(entry->d_name) + "/comm");
        std::string name;
        if (std::getline(in, name))
            names.insert(name);
    }
    closedir(dir);
    return names;
}

std::string portOf(const std::string& url) {
    const auto colon = url.rfind(':');
    return url.substr(colon + 1, url.find('/', colon) - colon - 1);
}

/// A connection to a port of the camera, without any client's manners.
class Connection {
public:
    explicit Connection(const std::string& url)
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(portOf(url))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fail_unless(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
        const timeval patience{30, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~Connection() { close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(const std::string& bytes) const {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0)
                break;
            sent += static_cast<std::size_t>(n);
        }
    }
    /// Until the other side closes.
    std::string all() const { return until({}); }
    /// Up to and with `end`, or what came before the other side closed.
    std::string until(const std::string& end) const {
        std::string text;
        char byte;
        while ((end.empty() || text.size() < end.size() ||
                text.compare(text.size() - end.size(), end.size(), end) != 0) &&
               recv(fd_, &byte, 1, 0) == 1)
            text += byte;
        return text;
    }

    void read(std::size_t count) const {
        std::string bytes(count, 0);
        fail_unless(recv(fd_, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count));
    }

private:
    int fd_;
};

/// Sends bytes to the camera's web port and returns all that comes back.
std::string askWeb(const camera::VirtualCamera& camera, const std::string& bytes) {
    const Connection connection(camera.deviceServiceUrl());
    connection.send(bytes);
    return connection.all();
}

std::string request(const std::string& method, const std::string& path,
                    const std::string& body = {}) {
    return method + " " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

std::string soapCall(const std::string& operation) {
    return request("POST", "/onvif/device_service",
                   "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><" +
                       operation +
                       " xmlns='http://www.onvif.org/ver10/device/wsdl'/></e:Body></e:Envelope>");
}

bool says(const std::string& answer, const std::string& text) {
    return answer.find(text) != std::string::npos;
}

/// A clip of `frames` frames at 10 fps in a file of the test's own.
std::string makeClip(const std::string& encoder, int frames) {
    const std::string path =
        std::string(g_get_tmp_dir()) + "/virtualcamera-" + std::to_string(getpid()) + ".mp4";
    Player writer(
        "videotestsrc num-buffers=" + std::to_string(frames) +
        " ! video/x-raw,format=I420,width=320,height=240,framerate=10/1 ! " + encoder +
        " ! h264parse ! mp4mux name=mux ! filesink name=out location=" + path +
        " audiotestsrc num-buffers=" + std::to_string(frames) +
        " samplesperbuffer=800 ! audio/x-raw,rate=8000,channels=1 ! avenc_aac ! aacparse ! mux.");
    writer.play();
    writer.expectErrorOrEnd();
    fail_unless(writer.ended, "%s", writer.error.c_str());
    return path;
}

} // namespace

GST_START_TEST(sceneByEveryTransport) {
    const camera::VirtualCamera camera(small());
    for (const char* protocols : {"tcp", "udp"}) {
        for (const char* token : {"main", "sub"}) {
            Player player(viewer(camera.rtspUrl(token), protocols));
            player.play();
            std::uint32_t last = 0;
            for (int i = 0; i < 15; ++i) {
                const auto number = checkScene(pull(player, "out").get(), 640, 360, 10);
                fail_unless(number > last, "%u after %u", number, last);
                last = number;
            }
            fail_unless(last < 10 * 60, "frame %u within a minute", last);
        }
    }
}
GST_END_TEST

GST_START_TEST(allStreamsShowTheSameTime) {
    auto settings = small();
    settings.width = 1280;
    settings.height = 720;
    const camera::VirtualCamera camera(settings);
    Player player(viewer(camera.rtspUrl("main"), "tcp", "a") + " " +
                  viewer(camera.rtspUrl("sub"), "tcp", "b"));
    player.play();
    int difference = 0;
    for (int i = 0; i < 10; ++i) {
        const auto a = checkScene(pull(player, "a").get(), 1280, 720, 10);
        const auto b = checkScene(pull(player, "b").get(), 640, 360, 10);
        difference = static_cast<int>(a) - static_cast<int>(b);
    }
    fail_unless(std::abs(difference) <= 20, "%d frames apart", difference);
}
GST_END_TEST

GST_START_TEST(soundTicks) {
    for (const auto audio : {camera::Audio::Aac, camera::Audio::Pcmu}) {
        auto settings = small();
        settings.audio = audio;
        const camera::VirtualCamera camera(settings);
        Player player("rtspsrc protocols=tcp location=" + camera.rtspUrl("main") +
                      " name=r r. ! application/x-rtp,media=audio ! decodebin ! audioconvert ! "
                      "audio/x-raw,format=S16LE,channels=1 ! appsink sync=false name=out "
                      "r. ! application/x-rtp,media=video ! fakesink async=false");
        player.play();
        int loud = 0, quiet = 0;
        while (loud == 0 || quiet < 10) {
            const auto sample = pull(player, "out");
            GstMapInfo map;
            gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
            const auto* samples = reinterpret_cast<const gint16*>(map.data);
            int peak = 0;
            for (gsize i = 0; i < map.size / 2; ++i)
                peak = std::max(peak, std::abs(samples[i]));
            gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
            peak > 1500 ? ++loud : ++quiet;
            fail_unless(loud + quiet < 500, "no tick in 500 buffers");
        }
    }
}
GST_END_TEST

GST_START_TEST(manyViewers) {
    const camera::VirtualCamera camera(small());
    std::string line;
    for (int i = 0; i < 6; ++i)
        line += viewer(camera.rtspUrl("main"), i % 2 ? "udp" : "tcp",
                       ("s" + std::to_string(i)).c_str()) +
                " ";
    Player player(line);
    player.play();
    for (int round = 0; round < 3; ++round)
        for (int i = 0; i < 6; ++i)
            checkScene(pull(player, ("s" + std::to_string(i)).c_str()).get(), 640, 360, 10);
}
GST_END_TEST

std::string bytesOf(GstSample* sample) {
    GstMapInfo map;
    gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
    std::string bytes(reinterpret_cast<const char*>(map.data), map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    return bytes;
}

/// Who comes later gets the very bytes that the first one gets, and a key frame long before the
/// next regular one.
GST_START_TEST(oneEncodeForAll) {
    const camera::VirtualCamera camera(small());
    const std::string line =
        "rtspsrc protocols=tcp location=" + camera.rtspUrl("main") +
        " ! rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au ! "
        "appsink name=out sync=false";
    Player first(line), second(line);
    first.play();
    for (int i = 0; i < 5; ++i)
        pull(first, "out");
    second.play();
    std::set<std::string> seen;
    for (int i = 0; i < 30; ++i)
        seen.insert(bytesOf(pull(first, "out").get()));
    int same = 0, firstKey = -1;
    for (int i = 0; i < 10; ++i) {
        const auto sample = pull(second, "out");
        same += static_cast<int>(seen.count(bytesOf(sample.get())));
        const GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        if (firstKey < 0 && !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
            firstKey = i;
    }
    fail_unless(firstKey >= 0 && firstKey <= 5, "the first key frame is number %d", firstKey);
    fail_unless(same >= 9, "%d frames of 10 are the same", same);
}
GST_END_TEST

/// Who comes as the last viewer leaves is served too, however viewers leave.
GST_START_TEST(viewersComeAndGo) {
    const camera::VirtualCamera camera(small());
    const std::string url = camera.rtspUrl("main");
    for (int i = 0; i < 20; ++i) {
        const Connection viewer(url);
        const auto ask = [&](const std::string& line, const std::string& headers = {}) {
            viewer.send(line + " RTSP/1.0\r\nCSeq: 1\r\n" + headers + "\r\n");
            const std::string answer = viewer.until("\r\n\r\n");
            fail_unless(says(answer, "RTSP/1.0 200 OK"), "round %d: %s: %s", i, line.c_str(),
                        answer.c_str());
            return answer;
        };
        const std::string described = ask("DESCRIBE " + url);
        viewer.read(std::stoul(described.substr(described.find("Content-Length: ") + 16)));
        if (i % 3 == 0)
            continue;
        const std::string set =
            ask("SETUP " + url + "/stream=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
        const auto session = set.find("Session: ");
        ask("PLAY " + url,
            set.substr(session, set.find_first_of(";\r", session) - session) + "\r\n");
        if (i % 3 == 1)
            fail_unless(viewer.until("$").size() < 10000, "no packet came");
    }
}
GST_END_TEST

GST_START_TEST(snapshots) {
    const camera::VirtualCamera camera(small());
    for (const char* token : {"main", "sub"}) {
        const std::string answer =
            askWeb(camera, request("GET", "/snapshot/" + std::string(token)));
        fail_unless(says(answer, "HTTP/1.1 200 ") && says(answer, "image/jpeg"));
        const std::string path =
            std::string(g_get_tmp_dir()) + "/snapshot-" + std::to_string(getpid()) + ".jpg";
        std::ofstream(path, std::ios::binary) << answer.substr(answer.find("\r\n\r\n") + 4);
        Player player("filesrc location=" + path +
                      " ! jpegdec ! videoconvert ! video/x-raw,format=BGRx ! appsink name=out");
        player.play();
        checkScene(pull(player, "out").get(), 640, 360, 10);
        std::remove(path.c_str());
    }
    fail_unless(says(askWeb(camera, request("GET", "/snapshot/none")), "HTTP/1.1 404 "));
    fail_unless(says(askWeb(camera, request("POST", "/snapshot/main", "x")), "HTTP/1.1 405 "));
}
GST_END_TEST

GST_START_TEST(webRequests) {
    const camera::VirtualCamera camera(small());
    fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "UTCDateTime"));
    fail_unless(
        says(askWeb(camera, soapCall("GetDeviceInformation")), "<tds:Model>Virtual camera<"));
    const std::string unknown = askWeb(camera, soapCall("MakeCoffee"));
    fail_unless(says(unknown, "HTTP/1.1 500 ") && says(unknown, "ter:ActionNotSupported"));
    fail_unless(
        says(askWeb(camera, request("POST", "/onvif/device_service", "<a")), "ter:WellFormed"));
    fail_unless(says(askWeb(camera, request("GET", "/onvif/device_service")), "HTTP/1.1 405 "));
    fail_unless(says(askWeb(camera, request("POST", "/elsewhere", "<a/>")), "HTTP/1.1 404 "));
    const std::string huge = request("POST", "/onvif/device_service", std::string(1 << 20, 'x'));
    fail_if(says(askWeb(camera, huge), "HTTP/1.1 200 "));
    // A host that would end up in addresses as something else than a host is not repeated.
    const std::string answer = askWeb(
        camera,
        "POST /onvif/device_service HTTP/1.1\r\nHost: a<b>\"c\r\nContent-Length: 99\r\n\r\n" +
            std::string("<Envelope><Body><GetServices/></Body></Envelope>") + std::string(51, ' '));
    fail_if(says(answer, "a<b>") || says(answer, "a&lt;b"));
}
GST_END_TEST

GST_START_TEST(webRequestsOfStrangers) {
    const struct {
        camera::Auth auth;
        int status;
    } modes[] = {{camera::Auth::Digest, 401}, {camera::Auth::Wsse, 400}, {camera::Auth::Both, 401}};
    for (const auto& mode : modes) {
        auto settings = small();
        settings.auth = mode.auth;
        settings.password = "s3cret";
        const camera::VirtualCamera camera(settings);
        const std::string status = "HTTP/1.1 " + std::to_string(mode.status) + " ";
        fail_unless(says(askWeb(camera, soapCall("GetSystemDateAndTime")), "HTTP/1.1 200 "));
        for (const std::string& bytes : {soapCall("GetDeviceInformation"), soapCall("MakeCoffee"),
                                         request("POST", "/onvif/media_service"),
                                         request("POST", "/onvif/media_service", "<a")}) {
            const std::string answer = askWeb(camera, bytes);
            fail_unless(says(answer, status), "%s", answer.c_str());
            fail_unless(says(answer, "ter:NotAuthorized"));
            fail_unless(says(answer, "algorithm=SHA-256") == (mode.status == 401));
            fail_if(says(answer, "s3cret"));
        }
        fail_unless(says(askWeb(camera, request("GET", "/snapshot/main")), "HTTP/1.1 401 "));

        for (const char* word : {"s3cret", "wrong"}) {
            Player player("rtspsrc name=r protocols=tcp user-id=admin location=" +
                          camera.rtspUrl("sub") + " ! rtph264depay ! fakesink name=out sync=false");
            g_object_set(player["r"].get(), "user-pw", word, nullptr);
            player.play();
            if (word == settings.password)
                player.expectBuffers("out", 3);
            else
                player.expectError();
        }
    }
}
GST_END_TEST

GST_START_TEST(probesAreAnswered) {
    enterOwnNetwork();
    auto one = small(), two = small();
    two.name = "Second";
    const camera::VirtualCamera first(one), second(two);
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ip_mreqn lo{};
    lo.imr_ifindex = static_cast<int>(if_nametoindex("lo"));
    fail_unless(setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo) == 0);
    const timeval patience{20, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::string probe =
        "<e:Envelope "
        "xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header><MessageID>urn:uuid:7"
        "</MessageID><Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</Action></"
        "e:Header>"
        "<e:Body><Probe/></e:Body></e:Envelope>";
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(3702);
    std::string all;
    char part[65536];
    const auto ask = [&](const char* address, int answers) {
        inet_pton(AF_INET, address, &to.sin_addr);
        sendto(descriptor, probe.data(), probe.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to);
        for (all.clear(); answers > 0; --answers) {
            const ssize_t n = recv(descriptor, part, sizeof part, 0);
            fail_unless(n > 0, "%d answers are missing", answers);
            all.append(part, static_cast<std::size_t>(n));
        }
    };
    ask("239.255.255.250", 2);
    fail_unless(says(all, ">" + first.deviceServiceUrl() + "<"));
    fail_unless(says(all, ">" + second.deviceServiceUrl() + "<"));
    ask("127.0.0.1", 1); // the system hands it to one of them
    fail_unless(says(all, "ProbeMatches") && says(all, ">urn:uuid:7<"));
    close(descriptor);
}
GST_END_TEST

GST_START_TEST(nothingIsLeftBehind) {
    // Once before counting: GStreamer and GLib keep some things for ever.
    std::size_t descriptors = 0;
    std::multiset<std::string> threads;
    for (int i = 0; i < 6; ++i) {
        {
            const camera::VirtualCamera camera(small());
            Player player(viewer(camera.rtspUrl("main"), "tcp", "a") + " " +
                          viewer(camera.rtspUrl("sub"), "udp", "b"));
            player.play();
            pull(player, "a");
            pull(player, "b");
            askWeb(camera, request("GET", "/snapshot/sub"));
            if (i % 2 == 0)
                player.stop(); // else the camera goes first
            else
                std::thread([] {}).join();
        }
        // Threads that GLib keeps for later work are no leak.
        g_thread_pool_stop_unused_threads();
        for (int wait = 0; wait < 200 && i > 1; ++wait) {
            if (entries("/proc/self/fd") <= descriptors && threadNames().size() <= threads.size())
                break;
            g_usleep(50000);
        }
        if (i == 1) {
            g_usleep(1000000);
            descriptors = entries("/proc/self/fd");
            threads = threadNames();
        }
    }
    std::ostringstream left;
    for (const auto& name : threadNames())
        left << name << " ";
    fail_unless(entries("/proc/self/fd") <= descriptors, "descriptors: %zu, then %zu", descriptors,
                entries("/proc/self/fd"));
    fail_unless(threadNames().size() <= threads.size(), "threads: %s", left.str().c_str());
    fail_if(threadNames().count("camera-rtsp") || threadNames().count("camera-soap"));
}
GST_END_TEST

GST_START_TEST(busyPort) {
    const camera::VirtualCamera first(small());
    auto settings = small();
    settings.port = static_cast<unsigned>(std::stoi(portOf(first.deviceServiceUrl())));
    for (int i = 0; i < 2; ++i) {
        try {
            const camera::VirtualCamera second(settings);
            ck_abort_msg("two cameras on one port");
        } catch (const base::Error& error) {
            fail_unless(error.kind() == base::ErrorKind::Busy, "%s", error.what());
            fail_unless(says(error.what(), "another port"), "%s", error.what());
        }
        settings.port = 0;
        settings.rtspPort = static_cast<unsigned>(std::stoi(portOf(first.rtspUrl("main"))));
    }
}
GST_END_TEST

/// Twelve frames, shown for thirty: rounds join without a gap, and what can go out as it is does.
GST_START_TEST(clipsLoopSeamlessly) {
    const struct {
        const char* encoder;
        bool passes;
    } kinds[] = {
        {"x264enc bframes=0 b-adapt=false key-int-max=6", true},
        {"x264enc bframes=2 b-adapt=false key-int-max=6 ! video/x-h264,profile=main", false}};
    for (const auto& kind : kinds) {
        auto settings = small();
        settings.file = makeClip(kind.encoder, 12);
        {
            const camera::VirtualCamera camera(settings);
            fail_unless(says(camera.remark(), kind.passes ? "as it is" : "B-frames"), "%s",
                        camera.remark().c_str());
            for (const char* token : {"main", "sub"}) {
                Player player(
                    "rtspsrc name=r protocols=tcp location=" + camera.rtspUrl(token) +
                    " r. ! application/x-rtp,media=video ! rtph264depay ! "
                    "video/x-h264,alignment=au ! appsink name=out sync=false "
                    "r. ! application/x-rtp,media=audio ! rtpmp4gdepay ! appsink name=sound "
                    "sync=false");
                player.play();
                GstClockTime first = GST_CLOCK_TIME_NONE;
                for (int i = 0; i < 30; ++i) {
                    const auto sample = pull(player, "out");
                    const GstClockTime at = GST_BUFFER_PTS(gst_sample_get_buffer(sample.get()));
                    if (i == 0)
                        first = at;
                    const auto off = static_cast<GstClockTimeDiff>(at - first) -
                                     static_cast<GstClockTimeDiff>(i * 100 * GST_MSECOND);
                    fail_unless(std::abs(off) < 60 * static_cast<GstClockTimeDiff>(GST_MSECOND),
                                "frame %d is %" G_GINT64_FORMAT " ns off", i, off);
                }
                pull(player, "sound");
            }
            const std::string picture = askWeb(camera, request("GET", "/snapshot/main"));
            fail_unless(says(picture, "image/jpeg"));
        }
        std::remove(settings.file.c_str());
    }
}
GST_END_TEST

GST_START_TEST(filesThatAreNoClips) {
    const std::string path = std::string(g_get_tmp_dir()) + "/noclip-" + std::to_string(getpid());
    std::ofstream(path) << "This is no film.";
    for (const std::string& file : {path, std::string("/nowhere/clip.mp4"), std::string("/tmp")}) {
        auto settings = small();
        settings.file = file;
        try {
            const camera::VirtualCamera camera(settings);
            ck_abort_msg("shows %s", file.c_str());
        } catch (const base::Error& error) {
            fail_unless(says(error.what(), file), "%s", error.what());
        }
    }
    std::remove(path.c_str());
}
GST_END_TEST

static Suite* virtualcamera_suite() {
    Suite* suite = suite_create("virtualcamera");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, sceneByEveryTransport);
    tcase_add_test(tests, allStreamsShowTheSameTime);
    tcase_add_test(tests, soundTicks);
    tcase_add_test(tests, manyViewers);
    tcase_add_test(tests, oneEncodeForAll);
    tcase_add_test(tests, viewersComeAndGo);
    tcase_add_test(tests, snapshots);
    tcase_add_test(tests, webRequests);
    tcase_add_test(tests, webRequestsOfStrangers);
    tcase_add_test(tests, probesAreAnswered);
    tcase_add_test(tests, nothingIsLeftBehind);
    tcase_add_test(tests, busyPort);
    tcase_add_test(tests, clipsLoopSeamlessly);
    tcase_add_test(tests, filesThatAreNoClips);
    return suite;
}

GST_CHECK_MAIN(virtualcamera);
