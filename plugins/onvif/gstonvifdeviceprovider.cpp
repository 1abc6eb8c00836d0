/**
 * SECTION:provider-onvifdeviceprovider
 * @title: onvifdeviceprovider
 * @short_description: The ONVIF cameras of the network
 *
 * Lists the ONVIF cameras that answer on the network, tells when one comes, changes its address or
 * goes, and makes a configured onvifsrc of each. The network interfaces to look on are those in the
 * environment variable ONVIF_INTERFACES, else all.
 *
 * ## Example
 * |[
 * gst-device-monitor-1.0 --follow Source/Video/Network
 * ]|
 * Prints the cameras, how to play each, and follows who comes and goes.
 * |[
 * ONVIF_WAIT=1500 gst-device-monitor-1.0 Source/Video/Network
 * ]|
 * Prints those that answer within 1.5 s. Starting takes no time otherwise, and a program that lists
 * what is there at that moment sees no camera.
 */
#include "discovery.hpp"
#include "glue/properties.hpp"
#include "gstonvifdevice.hpp"
#include "watcher.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <thread>

GST_DEBUG_CATEGORY_STATIC(onvifdeviceprovider_debug);
#define GST_CAT_DEFAULT onvifdeviceprovider_debug

#define GST_TYPE_ONVIF_DEVICE_PROVIDER (gst_onvif_device_provider_get_type())
G_DECLARE_FINAL_TYPE(GstOnvifDeviceProvider, gst_onvif_device_provider, GST, ONVIF_DEVICE_PROVIDER,
                     GstDeviceProvider)

namespace {

constexpr std::chrono::milliseconds maxWait{10000};

std::chrono::milliseconds waitOfEnvironment() {
    const char* text = std::getenv("ONVIF_WAIT");
    const long given = text ? std::strtol(text, nullptr, 10) : 0;
    return std::clamp(std::chrono::milliseconds(given), std::chrono::milliseconds(0), maxWait);
}

struct ProviderSettings : onvif::WatcherSettings {
    std::chrono::milliseconds wait = waitOfEnvironment();
};

struct OnvifDeviceProviderPrivate {
    ProviderSettings settings;                        // object lock
    std::map<std::string, glue::Ref<GstDevice>> told; // the watcher's thread, or none runs
    std::unique_ptr<onvif::Watcher> watcher;          // start and stop alone
};

} // namespace

struct _GstOnvifDeviceProvider {
    GstDeviceProvider parent;
    OnvifDeviceProviderPrivate* priv;
};

G_DEFINE_FINAL_TYPE(GstOnvifDeviceProvider, gst_onvif_device_provider, GST_TYPE_DEVICE_PROVIDER)
GST_DEVICE_PROVIDER_REGISTER_DEFINE(onvifdeviceprovider, "onvifdeviceprovider", GST_RANK_PRIMARY,
                                    GST_TYPE_ONVIF_DEVICE_PROVIDER)

static const glue::PropertyTable<ProviderSettings>& properties() {
    using S = ProviderSettings;
    using std::chrono::milliseconds;
    static const glue::PropertyTable<S> table = {
        glue::text<S>("interfaces",
                      "Network interfaces to look for cameras on, comma separated. Empty: those in "
                      "the environment variable ONVIF_INTERFACES, else all",
                      static_cast<std::string S::*>(&S::interfaces)),
        glue::duration<S>("interval", "How often in ms to ask who is there",
                          static_cast<milliseconds S::*>(&S::interval), milliseconds(500),
                          milliseconds(3600000)),
        glue::duration<S>("wait",
                          "How long in ms starting waits for the first cameras, for a program that "
                          "lists once; the environment variable ONVIF_WAIT is its default",
                          &S::wait, milliseconds(0), maxWait),
    };
    return table;
}

static ProviderSettings settingsOf(GstOnvifDeviceProvider* self) {
    const glue::ObjectLock lock(self);
    return self->priv->settings;
}

/// Takes the floating reference that a new device is born with.
static glue::Ref<GstDevice> deviceFor(const onvif::Found& camera) {
    return glue::Ref<GstDevice>(
        static_cast<GstDevice*>(gst_object_ref_sink(onvif::newDevice(camera))));
}

static void tell(GstOnvifDeviceProvider* self, const onvif::Change& change) {
    auto* provider = GST_DEVICE_PROVIDER(self);
    auto& told = self->priv->told;
    const std::string address = change.camera.address();
    switch (change.kind) {
    case onvif::Change::Kind::Added:
        GST_INFO_OBJECT(self, "%s is there", address.c_str());
        told[change.key] = deviceFor(change.camera);
        gst_device_provider_device_add(provider, told[change.key].get());
        break;
    case onvif::Change::Kind::Changed: {
        GST_INFO_OBJECT(self, "%s has changed", address.c_str());
        auto device = deviceFor(change.camera);
        gst_device_provider_device_changed(provider, device.get(), told[change.key].get());
        told[change.key] = std::move(device);
        break;
    }
    case onvif::Change::Kind::Removed:
        GST_INFO_OBJECT(self, "%s is gone", address.c_str());
        gst_device_provider_device_remove(provider, told[change.key].get());
        told.erase(change.key);
        break;
    }
}

static gboolean gst_onvif_device_provider_start(GstDeviceProvider* provider) {
    auto* self = GST_ONVIF_DEVICE_PROVIDER(provider);
    try {
        const ProviderSettings settings = settingsOf(self);
        self->priv->watcher = std::make_unique<onvif::Watcher>(
            settings, [self](const onvif::Change& change) { tell(self, change); });
        std::this_thread::sleep_for(settings.wait);
        return TRUE;
    } catch (const std::exception& error) {
        GST_ERROR_OBJECT(self, "Cameras cannot be watched: %s", error.what());
        return FALSE;
    }
}

static void gst_onvif_device_provider_stop(GstDeviceProvider* provider) {
    OnvifDeviceProviderPrivate* priv = GST_ONVIF_DEVICE_PROVIDER(provider)->priv;
    priv->watcher.reset();
    priv->told.clear();
}

/// Asked without having been started: whoever answers in time.
static GList* gst_onvif_device_provider_probe(GstDeviceProvider* provider) {
    auto* self = GST_ONVIF_DEVICE_PROVIDER(provider);
    onvif::DiscoverySettings where;
    where.interfaces = settingsOf(self).interfaces;
    where.timeout = where.settle = std::chrono::milliseconds(1700);
    GList* devices = nullptr;
    try {
        for (const onvif::Found& camera : onvif::discover(where, net::Cancel()))
            devices = g_list_prepend(devices, onvif::newDevice(camera));
    } catch (const std::exception& error) {
        GST_WARNING_OBJECT(self, "%s", error.what());
    }
    return devices;
}

static void gst_onvif_device_provider_set_property(GObject* object, guint id, const GValue* value,
                                                   GParamSpec* spec) {
    if (!glue::setProperty(object, properties(), GST_ONVIF_DEVICE_PROVIDER(object)->priv->settings,
                           id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_device_provider_get_property(GObject* object, guint id, GValue* value,
                                                   GParamSpec* spec) {
    if (!glue::getProperty(object, properties(), GST_ONVIF_DEVICE_PROVIDER(object)->priv->settings,
                           id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void gst_onvif_device_provider_finalize(GObject* object) {
    delete GST_ONVIF_DEVICE_PROVIDER(object)->priv;
    G_OBJECT_CLASS(gst_onvif_device_provider_parent_class)->finalize(object);
}

static void gst_onvif_device_provider_init(GstOnvifDeviceProvider* self) {
    self->priv = new OnvifDeviceProviderPrivate;
}

static void gst_onvif_device_provider_class_init(GstOnvifDeviceProviderClass* klass) {
    GST_DEBUG_CATEGORY_INIT(onvifdeviceprovider_debug, "onvifdeviceprovider", 0,
                            "ONVIF camera device provider");
    auto* object = G_OBJECT_CLASS(klass);
    auto* provider = GST_DEVICE_PROVIDER_CLASS(klass);
    object->set_property = gst_onvif_device_provider_set_property;
    object->get_property = gst_onvif_device_provider_get_property;
    object->finalize = gst_onvif_device_provider_finalize;
    provider->start = gst_onvif_device_provider_start;
    provider->stop = gst_onvif_device_provider_stop;
    provider->probe = gst_onvif_device_provider_probe;
    glue::installProperties(object, properties());
    gst_device_provider_class_set_static_metadata(
        provider, "ONVIF cameras", "Source/Video/Network",
        "Finds the ONVIF cameras of the network and follows who comes and goes", "Video Stream");
}
