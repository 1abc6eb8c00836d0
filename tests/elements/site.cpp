// Several sinks, one server: places, lists, and who comes and goes.
#include "web/site.hpp"

#include "base/error.hpp"
#include "net/httpclient.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gst/check/gstcheck.h>

namespace {

net::HttpResponse ask(unsigned port, const std::string& path) {
    net::HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + path;
    return net::HttpClient().send(request, net::Cancel());
}

web::Site::Tenant says(const std::string& stream, const std::string& place,
                       const std::string& words, std::shared_ptr<net::EventLoop> loop = nullptr) {
    web::Site::Tenant tenant;
    tenant.stream = stream;
    tenant.kind = place.empty() ? "page" : place;
    tenant.loop = std::move(loop);
    tenant.places[place] = [words](const web::Site::Exchange& exchange) {
        exchange->reply({200, "text/plain", words + exchange->request().path, {}});
    };
    tenant.status = [words] { return "{\"words\":\"" + words + "\"}"; };
    tenant.metrics = [words] { return "vs_test{name=\"" + words + "\"} 1\n"; };
    return tenant;
}

base::ErrorKind refusal(unsigned port, web::Site::Tenant tenant) {
    try {
        web::Site::rent("127.0.0.1", port, std::move(tenant));
    } catch (const base::Error& error) {
        return error.kind();
    }
    fail("it was taken");
    return {};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

GST_START_TEST(onePortForMany) {
    const auto first = web::Site::rent("127.0.0.1", 0, says("yard", "", "page "));
    const unsigned port = first->site().port();
    // Port 0 is a server of its own each time.
    const auto other = web::Site::rent("127.0.0.1", 0, says("yard", "", "other "));
    fail_if(other->site().port() == port);
    fail_unless(ask(port, "/yard/").body == "page /yard/");
    fail_unless(ask(port, "/yard/style.css").body == "page /yard/style.css");
    fail_unless(ask(port, "/").body == "page /yard/"); // by a redirect
    fail_unless(ask(port, "/gate/").status == 404);
}
GST_END_TEST

GST_START_TEST(aStreamAtTheRoot) {
    const auto only = web::Site::rent("127.0.0.1", 0, says("", "", "page "));
    const unsigned port = only->site().port();
    fail_unless(ask(port, "/style.css").body == "page /style.css");
    fail_unless(ask(port, "/health").body == "ok\n");
    fail_unless(has(ask(port, "/streams").body, "\"path\":\"/\""));
}
GST_END_TEST

GST_START_TEST(placesOfOneStream) {
    // A named port: one that is free now.
    const unsigned port = web::Site::rent("127.0.0.1", 0, says("x", "", ""))->site().port();
    auto page = web::Site::rent("127.0.0.1", port, says("yard", "", "page "));
    auto loop = std::make_shared<net::EventLoop>("own");
    auto whep = web::Site::rent("127.0.0.1", port, says("yard", "whep", "whep ", loop));
    auto mjpeg = web::Site::rent("127.0.0.1", port, says("gate", "mjpeg", "mjpeg "));
    fail_unless(&page->site() == &whep->site());
    fail_unless(ask(port, "/yard/whep").body == "whep /yard/whep");
    fail_unless(ask(port, "/yard/whep/1234").body == "whep /yard/whep/1234");
    fail_unless(ask(port, "/yard/whepx").body == "page /yard/whepx");
    fail_unless(ask(port, "/gate/mjpeg").body == "mjpeg /gate/mjpeg");
    fail_unless(ask(port, "/health").body == "ok\n");
    const std::string streams = ask(port, "/streams").body;
    fail_unless(has(streams, "\"path\":\"/yard/\"") && has(streams, "\"kind\":\"mjpeg\"") &&
                    has(streams, "{\"words\":\"whep \"}"),
                "%s", streams.c_str());
    fail_unless(has(ask(port, "/metrics").body, "vs_test{name=\"mjpeg \"} 1\n"));
    const std::string lost = ask(port, "/nothing").body;
    fail_unless(has(lost, "/gate/") && has(lost, "/yard/"), "%s", lost.c_str());
    whep.reset();
    fail_unless(ask(port, "/yard/whep").body == "page /yard/whep");
    page.reset();
    mjpeg.reset();
    loop->stop();
    // The last has left: the port is free again.
    fail_unless(web::Site::rent("127.0.0.1", port, says("z", "", "z"))->site().port() == port);
}
GST_END_TEST

GST_START_TEST(whatIsTakenAndWhatIsNoName) {
    // Another program's, as far as this process knows.
    net::EventLoop loop("foreign");
    std::unique_ptr<net::HttpServer> foreign;
    loop.call(
        [&] { foreign = std::make_unique<net::HttpServer>(loop, "127.0.0.1", 0, [](auto) {}); });
    fail_unless(refusal(foreign->port(), says("a", "", "")) == base::ErrorKind::Busy);
    loop.call([&] { foreign.reset(); });
    loop.stop();
    for (const char* name : {"../x", "a/b", "whep", "metrics", ".hidden", "a b"})
        fail_unless(refusal(0, says(name, "", "")) == base::ErrorKind::Settings);
    for (const char* path : {"yard", "/yard", "/yard/", "//yard//"})
        fail_unless(web::Site::nameOf(path) == "yard", "%s", path);
    fail_unless(web::Site::nameOf("/").empty());
}
GST_END_TEST

GST_START_TEST(samePlaceTwice) {
    const unsigned port = web::Site::rent("127.0.0.1", 0, says("x", "", ""))->site().port();
    const auto first = web::Site::rent("127.0.0.1", port, says("yard", "whep", "first"));
    fail_unless(refusal(port, says("yard", "whep", "second")) == base::ErrorKind::Settings);
    fail_unless(has(ask(port, "/yard/whep").body, "first"));
}
GST_END_TEST

GST_START_TEST(manyComeAndGo) {
    const unsigned port = web::Site::rent("127.0.0.1", 0, says("x", "", ""))->site().port();
    std::vector<std::thread> sinks;
    std::atomic<int> failures{0};
    for (int t = 0; t < 4; t++)
        sinks.emplace_back([&, t] {
            const std::string name = "s" + std::to_string(t);
            for (int i = 0; i < 25; i++) {
                try {
                    const auto loop = std::make_shared<net::EventLoop>("own");
                    const auto lease = web::Site::rent(
                        "127.0.0.1", port, says(name, "", name, t % 2 ? loop : nullptr));
                    failures += ask(port, "/" + name + "/").body != name + "/" + name + "/";
                    loop->post([] {});
                } catch (const std::exception& error) {
                    g_printerr("%s\n", error.what());
                    failures++;
                }
            }
        });
    for (auto& sink : sinks)
        sink.join();
    fail_unless_equals_int(failures, 0);
}
GST_END_TEST

static Suite* site_suite() {
    Suite* suite = suite_create("site");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, onePortForMany);
    tcase_add_test(tests, aStreamAtTheRoot);
    tcase_add_test(tests, placesOfOneStream);
    tcase_add_test(tests, whatIsTakenAndWhatIsNoName);
    tcase_add_test(tests, samePlaceTwice);
    tcase_add_test(tests, manyComeAndGo);
    return suite;
}

GST_CHECK_MAIN(site);
