// The HTTP server behind TLS: who gets through, and who does not get in anybody's way.
#include "base/error.hpp"
#include "net/httpclient.hpp"
#include "net/httpserver.hpp"
#include "net/tlsidentity.hpp"
#include "support/caller.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gst/check/gstcheck.h>

using namespace std::chrono_literals;
using support::Caller;
using support::rawAsk;

namespace {

namespace fs = std::filesystem;

/// A folder of this process.
struct Folder {
    std::string path = "https-test-" + std::to_string(getpid());
    Folder() { fs::remove_all(path); }
    ~Folder() { fs::remove_all(path); }
    std::string file() const { return fs::absolute(path) / "data/certificate.pem"; }
};

std::string contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Server {
    Folder folder;
    std::shared_ptr<const net::TlsIdentity> identity =
        net::TlsIdentity::keptAt(folder.file(), net::ownNames());
    net::EventLoop loop{"test"};
    std::unique_ptr<net::HttpServer> server;
    std::unique_ptr<net::HttpStream> stream;
    std::atomic<int> gone{0};

    explicit Server(net::HttpLimits limits = {}) {
        loop.call([&] {
            server = std::make_unique<net::HttpServer>(
                loop, "127.0.0.1", 0, [this](auto exchange) { serve(*exchange); }, limits,
                identity);
        });
    }
    ~Server() {
        loop.call([&] {
            server.reset();
            stream.reset();
        });
        loop.stop();
    }

    void serve(net::HttpExchange& exchange) {
        const auto& request = exchange.request();
        if (request.path == "/stream") {
            net::HttpStreamEvents events;
            events.room = [this] {
                stream->write(std::make_shared<const std::string>(100000, 'p'));
            };
            events.gone = [this] { gone++; };
            stream = exchange.stream({200, "text/plain", "head", {}}, events);
            return;
        }
        const std::size_t size = request.path == "/large" ? 5 << 20 : 3;
        exchange.reply(
            {200,
             "text/plain",
             std::string(size, request.secure ? 's' : 'p') + request.body + request.remote,
             {}});
    }

    unsigned port() const { return server->port(); }

    /// Names and dates of the certificate are checked; that nobody else signed it is known.
    net::HttpResponse ask(const std::string& path, const std::string& body = "") const {
        net::HttpOptions options;
        options.maxBody = 10 << 20;
        options.timeout = 60s;
        options.tlsFlags = G_TLS_CERTIFICATE_VALIDATE_ALL & ~G_TLS_CERTIFICATE_UNKNOWN_CA;
        net::HttpRequest request;
        request.url = "https://127.0.0.1:" + std::to_string(port()) + path;
        request.method = body.empty() ? "GET" : "POST";
        request.contentType = "text/plain";
        request.body = body;
        return net::HttpClient(options).send(request, net::Cancel());
    }
};

/// The first bytes of what a browser says, and then nothing.
const std::string beginning("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

} // namespace

GST_START_TEST(answersInSecret) {
    const Server server;
    const auto answer = server.ask("/");
    fail_unless_equals_int(answer.status, 200);
    fail_unless(answer.body == "sss127.0.0.1", "%s", answer.body.c_str());
    const std::string large(60000, 'b');
    fail_unless(server.ask("/", large).body == "sss" + large + "127.0.0.1");
    const auto much = server.ask("/large");
    fail_unless(much.body == std::string(5 << 20, 's') + "127.0.0.1");
}
GST_END_TEST

GST_START_TEST(plainOnesAreSentThere) {
    const Server server;
    const auto moved = rawAsk(server.port(), "GET", "/yard/%22?a=b");
    fail_unless_equals_int(moved.status, 307);
    fail_unless(moved.header("location") ==
                "https://127.0.0.1:" + std::to_string(server.port()) + "/yard/%22?a=b");
    const auto refused = rawAsk(server.port(), "POST", "/", "", "secret");
    fail_unless(refused.status == 400 && refused.body.find("https://") != std::string::npos);
}
GST_END_TEST

GST_START_TEST(whoDawdlesAndWhoRaves) {
    const Server server;
    server.ask("/");
    const std::size_t before = support::descriptors();
    {
        std::vector<std::unique_ptr<Caller>> callers;
        unsigned random = 1;
        for (int i = 0; i < 200; i++) {
            callers.push_back(std::make_unique<Caller>(server.port(), "127.0.0.2"));
            std::string words = i % 2 ? beginning : "\x16";
            for (int j = 0; i % 4 == 3 && j < 600; j++)
                words += static_cast<char>((random = random * 1664525 + 1013904223) >> 24);
            callers.back()->say(words);
        }
        for (int i = 0; i < 5; i++)
            fail_unless_equals_int(server.ask("/").status, 200);
    }
    fail_unless_equals_int(server.ask("/").status, 200);
    fail_unless(support::becomes([&] { return support::descriptors() <= before; }),
                "%zu descriptors became %zu", before, support::descriptors());
}
GST_END_TEST

GST_START_TEST(dawdlersAreCutOff) {
    net::HttpLimits limits;
    limits.requestTime = 300ms;
    const Server server(limits);
    Caller caller(server.port());
    caller.say(beginning);
    caller.listen();
    fail_unless(caller.ended);
}
GST_END_TEST

/// Who stops reading a stream is cut off, and so is noticed who leaves one.
GST_START_TEST(streams) {
    net::HttpLimits limits;
    limits.requestTime = 3s; // in which a busy machine connects, too
    Server server(limits);
    const auto connect = [&] {
        GSocketClient* client = g_socket_client_new();
        g_socket_client_set_tls(client, TRUE);
        g_signal_connect(client, "event",
                         G_CALLBACK(+[](GSocketClient*, GSocketClientEvent event, gpointer,
                                        GIOStream* stream, gpointer) {
                             if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
                                 g_signal_connect(stream, "accept-certificate",
                                                  G_CALLBACK(+[] { return TRUE; }), nullptr);
                         }),
                         nullptr);
        GSocketConnection* made = g_socket_client_connect_to_host(
            client, "127.0.0.1", static_cast<guint16>(server.port()), nullptr, nullptr);
        g_object_unref(client);
        fail_unless(made != nullptr);
        const std::string words = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
        char some[1000];
        fail_unless(g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(made)),
                                              words.data(), words.size(), nullptr, nullptr,
                                              nullptr));
        fail_unless(g_input_stream_read(g_io_stream_get_input_stream(G_IO_STREAM(made)), some,
                                        sizeof some, nullptr, nullptr) > 0);
        return made;
    };
    GSocketConnection* deaf = connect();
    fail_unless(support::becomes([&] { return server.gone == 1; }));
    g_object_unref(deaf);
    GSocketConnection* leaving = connect();
    g_io_stream_close(G_IO_STREAM(leaving), nullptr, nullptr);
    g_object_unref(leaving);
    fail_unless(support::becomes([&] { return server.gone == 2; }));
}
GST_END_TEST

GST_START_TEST(theCertificateIsKept) {
    const Folder folder;
    const auto made = net::TlsIdentity::keptAt(folder.file(), {"localhost", "127.0.0.1", "::1"});
    struct stat facts {};
    fail_unless(stat(folder.file().c_str(), &facts) == 0 && (facts.st_mode & 0777) == 0600);
    fail_unless_equals_int(made->fingerprint().size(), 32 * 3 - 1);
    fail_unless(net::TlsIdentity::keptAt(folder.file(), {"x"})->fingerprint() ==
                made->fingerprint());
    fail_unless(net::TlsIdentity::load(folder.file())->fingerprint() == made->fingerprint());
    // What is no certificate any more is made anew.
    std::ofstream(folder.file()) << "rubbish";
    fail_unless(net::TlsIdentity::keptAt(folder.file(), {"x"})->fingerprint() !=
                made->fingerprint());
    int entries = 0;
    for (const auto& entry : fs::directory_iterator(folder.path + "/data"))
        entries += !entry.path().empty();
    fail_unless_equals_int(entries, 1);
}
GST_END_TEST

GST_START_TEST(whatIsNoCertificate) {
    const Folder folder;
    net::TlsIdentity::keptAt(folder.file(), {"x"});
    const std::string pem = contents(folder.file());
    const auto key = pem.find("-----BEGIN PRIVATE KEY");
    fail_unless(key != std::string::npos);
    for (const std::string& text :
         {std::string(), std::string("rubbish"), pem.substr(0, key), pem.substr(key)}) {
        std::ofstream(folder.file()) << text;
        try {
            net::TlsIdentity::load(folder.file());
            fail("it was taken: %s", text.c_str());
        } catch (const base::Error& error) {
            fail_unless(error.kind() == base::ErrorKind::Settings);
            fail_unless(std::string(error.what()).find("tls-certificate") != std::string::npos);
        }
    }
    try {
        net::TlsIdentity::keptAt("/proc/self/nowhere/certificate.pem", {"x"});
        fail("it was kept");
    } catch (const base::Error& error) {
        fail_unless(error.kind() == base::ErrorKind::Settings);
    }
}
GST_END_TEST

static Suite* httpsserver_suite() {
    Suite* suite = suite_create("httpsserver");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, answersInSecret);
    tcase_add_test(tests, plainOnesAreSentThere);
    tcase_add_test(tests, whoDawdlesAndWhoRaves);
    tcase_add_test(tests, dawdlersAreCutOff);
    tcase_add_test(tests, streams);
    tcase_add_test(tests, theCertificateIsKept);
    tcase_add_test(tests, whatIsNoCertificate);
    return suite;
}

GST_CHECK_MAIN(httpsserver);
