// The cameras of the network as devices: virtual cameras, in a network of the test's own.
#include "cameraprogram.hpp"
#include "player.hpp"
#include "support/ownnetwork.hpp"
#include "support/patience.hpp"
#include "support/possessions.hpp"

#include <csignal>
#include <fstream>
#include <malloc.h>
#include <map>
#include <optional>

static CameraProgram* camera(const std::string& name, const char* auth = "none") {
    return new CameraProgram({"--width", "320", "--height", "180", "--fps", "10", "--auth", auth,
                              "--interfaces", "lo", "--name", name},
                             "s3cret");
}

static glue::Ref<GstObject> provider() {
    GstDeviceProvider* made = gst_device_provider_factory_get_by_name("onvifdeviceprovider");
    fail_unless(made != nullptr);
    g_object_set(made, "interfaces", "lo", "interval", 500, nullptr);
    return glue::Ref<GstObject>(GST_OBJECT(made));
}

static void expectText(const std::string& actual, const std::string& expected) {
    fail_unless(actual == expected, "%s instead of %s", actual.c_str(), expected.c_str());
}

static std::string textOf(GstDevice* device, const char* key) {
    GstStructure* facts = gst_device_get_properties(device);
    const char* value = gst_structure_get_string(facts, key);
    const std::string text = value ? value : "";
    gst_structure_free(facts);
    return text;
}

/// The device of the next message of that type about the camera of that name.
static glue::Ref<GstDevice> wait(GstBus* bus, GstMessageType type, const std::string& name) {
    for (;;) {
        const glue::Ref<GstMessage> message(gst_bus_timed_pop_filtered(
            bus, 120 * GST_SECOND,
            static_cast<GstMessageType>(GST_MESSAGE_DEVICE_ADDED | GST_MESSAGE_DEVICE_REMOVED |
                                        GST_MESSAGE_DEVICE_CHANGED)));
        fail_unless(message != nullptr, "nothing was said about %s", name.c_str());
        GstDevice* device = nullptr;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_DEVICE_ADDED)
            gst_message_parse_device_added(message.get(), &device);
        else if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_DEVICE_REMOVED)
            gst_message_parse_device_removed(message.get(), &device);
        else
            gst_message_parse_device_changed(message.get(), &device, nullptr);
        glue::Ref<GstDevice> owned(device);
        if (GST_MESSAGE_TYPE(message.get()) == type && textOf(device, "name") == name)
            return owned;
    }
}

GST_START_TEST(camerasComeAndGo) {
    enterOwnNetwork();
    const auto owned = provider();
    auto* own = GST_DEVICE_PROVIDER(owned.get());
    const glue::Ref<GstBus> bus(gst_device_provider_get_bus(own));
    auto early = std::unique_ptr<CameraProgram>(camera("Front door", "digest"));
    fail_unless(gst_device_provider_start(own));
    const auto device = wait(bus.get(), GST_MESSAGE_DEVICE_ADDED, "Front door");
    expectText(textOf(device.get(), "address"), early->url);
    fail_unless(textOf(device.get(), "endpoint").find("urn:uuid:") == 0);
    expectText(textOf(device.get(), "hardware"), "Virtual camera");
    fail_unless(gst_device_has_classes(device.get(), "Video/Source"));
    char* title = gst_device_get_display_name(device.get());
    fail_unless_equals_string(title, "Front door (127.0.0.1)");
    g_free(title);
    auto late = std::unique_ptr<CameraProgram>(camera("Back door"));
    wait(bus.get(), GST_MESSAGE_DEVICE_ADDED, "Back door");
    GList* all = gst_device_provider_get_devices(own);
    fail_unless_equals_int(g_list_length(all), 2);
    g_list_free_full(all, gst_object_unref);
    late->end(); // without a word
    wait(bus.get(), GST_MESSAGE_DEVICE_REMOVED, "Back door");
    early->leave(); // with a Bye
    const auto gone = wait(bus.get(), GST_MESSAGE_DEVICE_REMOVED, "Front door");
    fail_unless(gone.get() == device.get());
    gst_device_provider_stop(own);
}
GST_END_TEST

/// The same camera, known by its endpoint, after a restart on another address.
GST_START_TEST(cameraChangesItsAddress) {
    enterOwnNetwork();
    const auto owned = provider();
    auto* own = GST_DEVICE_PROVIDER(owned.get());
    const glue::Ref<GstBus> bus(gst_device_provider_get_bus(own));
    const std::vector<std::string> options = {"--width", "320",          "--height", "180",
                                              "--fps",   "10",           "--port",   "8099",
                                              "--name",  "Wandering eye"};
    const auto at = [&](const char* address) {
        auto all = options;
        all.insert(all.end(), {"--address", address, "--interfaces", "lo"});
        return std::make_unique<CameraProgram>(all);
    };
    fail_unless(gst_device_provider_start(own));
    auto program = at("127.0.0.1");
    const auto before = wait(bus.get(), GST_MESSAGE_DEVICE_ADDED, "Wandering eye");
    program->end();
    program = at("127.0.0.2");
    // Both addresses count until the old one has been silent for a while.
    auto after = wait(bus.get(), GST_MESSAGE_DEVICE_CHANGED, "Wandering eye");
    while (textOf(after.get(), "address") != program->url)
        after = wait(bus.get(), GST_MESSAGE_DEVICE_CHANGED, "Wandering eye");
    expectText(textOf(after.get(), "endpoint"), textOf(before.get(), "endpoint"));
    GList* all = gst_device_provider_get_devices(own);
    fail_unless_equals_int(g_list_length(all), 1);
    fail_unless(all->data == after.get());
    g_list_free_full(all, gst_object_unref);
    gst_device_provider_stop(own);
}
GST_END_TEST

static std::string locationOf(GstElement* element) {
    char* location = nullptr;
    g_object_get(element, "location", &location, nullptr);
    const glue::Ref<char> owned(location);
    return location ? location : "";
}

static glue::Ref<GstElement> make(const char* factory) {
    GstElement* element = gst_element_factory_make(factory, nullptr);
    fail_unless(element != nullptr);
    return glue::Ref<GstElement>(GST_ELEMENT(gst_object_ref_sink(element)));
}

/// Not started, it looks once each time. A busy machine's camera may answer too late for one look.
GST_START_TEST(probedDeviceMakesSources) {
    enterOwnNetwork();
    const auto owned = provider();
    const std::unique_ptr<CameraProgram> program(camera("Front door"));
    GList* all = nullptr;
    fail_unless(support::becomes([&] {
        all = gst_device_provider_get_devices(GST_DEVICE_PROVIDER(owned.get()));
        return all != nullptr;
    }));
    fail_unless_equals_int(g_list_length(all), 1);
    auto* device = GST_DEVICE(all->data);
    GstElement* floating = gst_device_create_element(device, "c");
    fail_unless(floating != nullptr);
    const glue::Ref<GstElement> source(GST_ELEMENT(gst_object_ref_sink(floating)));
    fail_unless_equals_string(GST_OBJECT_NAME(gst_element_get_factory(source.get())), "onvifsrc");
    expectText(locationOf(source.get()), program->url);

    const auto other = make("onvifsrc"), stranger = make("identity");
    fail_unless(gst_device_reconfigure_element(device, other.get()));
    expectText(locationOf(other.get()), program->url);
    fail_if(gst_device_reconfigure_element(device, stranger.get()));
    gst_element_set_state(other.get(), GST_STATE_PAUSED);
    fail_if(gst_device_reconfigure_element(device, other.get()), "it has a camera by now");
    gst_element_set_state(other.get(), GST_STATE_NULL);
    g_list_free_full(all, gst_object_unref);
}
GST_END_TEST

/// What gst-device-monitor-1.0 prints of cameras; nothing where it is not installed.
static std::optional<std::string> monitored() {
    const char* argv[] = {"gst-device-monitor-1.0", "Video/Source", nullptr};
    char* out = nullptr;
    int status = 0;
    GError* error = nullptr;
    if (g_spawn_sync(nullptr, const_cast<char**>(argv), nullptr, G_SPAWN_SEARCH_PATH, nullptr,
                     nullptr, &out, nullptr, &status, &error))
        return glue::Ref<char>(out).get();
    const bool absent = g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
    fail_unless(absent, "%s", error->message);
    g_error_free(error);
    return {};
}

/// As a user does it: the tool lists them, and the line that it prints plays.
GST_START_TEST(deviceMonitorListsThem) {
    enterOwnNetwork();
    const std::unique_ptr<CameraProgram> one(camera("Front door")),
        two(camera("Back door", "both"));
    g_setenv("ONVIF_WAIT", "1500", TRUE);
    if (!monitored())
        return g_print("skipped: gst-device-monitor-1.0 is not here\n");
    std::string out;
    const bool both = support::becomes([&] { // one of a busy machine may answer too late
        out = *monitored();
        return out.find("Front door (127.0.0.1)") != std::string::npos &&
               out.find("Back door (127.0.0.1)") != std::string::npos;
    });
    fail_unless(both, "%s", out.c_str());
    fail_unless(out.find("s3cret") == std::string::npos);
    const std::string start = "gst-launch-1.0 onvifsrc location=" + one->url;
    const auto at = out.find(start);
    fail_unless(at != std::string::npos, "%s", out.c_str());
    const std::string source = out.substr(at + 15, out.find(" ! ...", at) - at - 15);
    Player player(source + " ! rtph264depay ! fakesink name=out sync=false");
    player.play();
    player.expectBuffers("out", 3);
}
GST_END_TEST

struct Footprint {
    std::size_t files = 0, threads = 0, heap = 0;
};

static Footprint footprint() {
    return {support::descriptors(), support::threads(), mallinfo2().uordblks};
}

/// Started and stopped a thousand times, sometimes in the middle of something.
GST_START_TEST(thousandStarts) {
    enterOwnNetwork();
    const std::unique_ptr<CameraProgram> program(camera("Front door"));
    const auto owned = provider();
    auto* own = GST_DEVICE_PROVIDER(owned.get());
    const auto cycle = [&](int i) {
        fail_unless(gst_device_provider_start(own));
        if (i % 20 == 0)
            g_usleep(static_cast<gulong>(i % 300) * 1000);
        gst_device_provider_stop(own);
        GList* kept = own->devices;
        fail_unless(kept == nullptr);
    };
    for (int i = 0; i < 100; i++)
        cycle(i);
    const Footprint before = footprint();
    for (int i = 0; i < 1000; i++)
        cycle(i);
    Footprint after;
    const bool back = support::becomes([&] {
        after = footprint();
        return after.files <= before.files && after.threads <= before.threads &&
               after.heap <= before.heap + 64 * 1024;
    });
    fail_unless(back, "files %zu, now %zu; threads %zu, now %zu; heap %zu, now %zu", before.files,
                after.files, before.threads, after.threads, before.heap, after.heap);
}
GST_END_TEST

static Suite* onvifdeviceprovider_suite() {
    Suite* suite = suite_create("onvifdeviceprovider");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, camerasComeAndGo);
    tcase_add_test(tests, cameraChangesItsAddress);
    tcase_add_test(tests, probedDeviceMakesSources);
    tcase_add_test(tests, deviceMonitorListsThem);
    tcase_add_test(tests, thousandStarts);
    return suite;
}

GST_CHECK_MAIN(onvifdeviceprovider);
