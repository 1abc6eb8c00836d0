#include "gstonvifdevice.hpp"

#include "glue/ref.hpp"
#include "net/url.hpp"

struct _GstOnvifDevice {
    GstDevice parent;
    char* location;
};

G_DEFINE_FINAL_TYPE(GstOnvifDevice, gst_onvif_device, GST_TYPE_DEVICE)

static GstElement* gst_onvif_device_create_element(GstDevice* device, const char* name) {
    GstElement* element = gst_element_factory_make("onvifsrc", name);
    if (element)
        g_object_set(element, "location", GST_ONVIF_DEVICE(device)->location, nullptr);
    return element;
}

static gboolean gst_onvif_device_reconfigure_element(GstDevice* device, GstElement* element) {
    GstElementFactory* factory = gst_element_get_factory(element);
    GstState state = GST_STATE_VOID_PENDING;
    gst_element_get_state(element, &state, nullptr, 0);
    // One that is running keeps its camera.
    if (!factory || g_strcmp0(GST_OBJECT_NAME(factory), "onvifsrc") != 0 || state > GST_STATE_READY)
        return FALSE;
    g_object_set(element, "location", GST_ONVIF_DEVICE(device)->location, nullptr);
    return TRUE;
}

static void gst_onvif_device_finalize(GObject* object) {
    g_free(GST_ONVIF_DEVICE(object)->location);
    G_OBJECT_CLASS(gst_onvif_device_parent_class)->finalize(object);
}

static void gst_onvif_device_init(GstOnvifDevice*) {}

static void gst_onvif_device_class_init(GstOnvifDeviceClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = gst_onvif_device_finalize;
    GST_DEVICE_CLASS(klass)->create_element = gst_onvif_device_create_element;
    GST_DEVICE_CLASS(klass)->reconfigure_element = gst_onvif_device_reconfigure_element;
}

namespace onvif {

namespace {

using Text = glue::Ref<char>;

/// Devices write what they like, and a structure takes UTF-8 only.
Text utf8(const std::string& text) {
    return Text(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
}

void set(GstStructure* facts, const char* key, const std::string& value) {
    if (!value.empty())
        gst_structure_set(facts, key, G_TYPE_STRING, utf8(value).get(), nullptr);
}

void set(GstStructure* facts, const char* key, const std::vector<std::string>& values) {
    GValue list = G_VALUE_INIT;
    gst_value_list_init(&list, static_cast<guint>(values.size()));
    for (const std::string& value : values) {
        GValue item = G_VALUE_INIT;
        g_value_init(&item, G_TYPE_STRING);
        g_value_take_string(&item, utf8(value).release());
        gst_value_list_append_and_take_value(&list, &item);
    }
    gst_structure_take_value(facts, key, &list);
}

/// User names and passwords have no business in what everybody may read, not even those that a
/// device publishes itself.
std::vector<std::string> withoutSecrets(std::vector<std::string> addresses) {
    for (std::string& address : addresses)
        address = net::withoutUserInfo(address);
    return addresses;
}

glue::Ref<GstStructure> factsOf(const Found& camera) {
    glue::Ref<GstStructure> facts(
        gst_structure_new("onvif-camera", "device.api", G_TYPE_STRING, "onvif", nullptr));
    set(facts.get(), "endpoint", camera.endpoint);
    set(facts.get(), "address", camera.address());
    set(facts.get(), "addresses", camera.addresses());
    set(facts.get(), "xaddrs", withoutSecrets(camera.xaddrs));
    set(facts.get(), "name", camera.name());
    set(facts.get(), "hardware", camera.hardware());
    set(facts.get(), "location", camera.location());
    set(facts.get(), "profiles", camera.profiles());
    return facts;
}

/// "AXIS P3818-PVE (192.0.2.7)": there may be several of them.
Text titleOf(const Found& camera) {
    const std::string name = camera.name().empty() ? camera.hardware() : camera.name();
    return utf8((name.empty() ? "ONVIF camera" : name) + " (" + camera.sender + ")");
}

} // namespace

GstDevice* newDevice(const Found& camera) {
    const glue::Ref<GstStructure> facts = factsOf(camera);
    const glue::Ref<GstCaps> caps(gst_caps_from_string(
        "application/x-rtp, media=(string)video; application/x-rtp, media=(string)audio"));
    auto* device = GST_ONVIF_DEVICE(g_object_new(
        GST_TYPE_ONVIF_DEVICE, "display-name", titleOf(camera).get(), "device-class",
        "Source/Video/Network", "caps", caps.get(), "properties", facts.get(), nullptr));
    device->location = g_strdup(camera.address().c_str());
    return GST_DEVICE(device);
}

} // namespace onvif
