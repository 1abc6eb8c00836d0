#include "gstonvifactions.hpp"

#include "glue/ref.hpp"
#include "gstcontrol.hpp"
#include "relays.hpp"

#include <cmath>

namespace onvif {

namespace {

using glue::Ref;
using std::chrono::milliseconds;

void ask(GstOnvifSrc* self, const char* action, GstPromise* promise,
         std::function<void(Camera&, GstStructure*)> work) {
    Control::of(self).add(action, Control::Kind::Question, promise,
                          [work = std::move(work)](Camera& camera, GstStructure* facts) {
                              work(camera, facts);
                              return milliseconds(0);
                          });
}

void steer(GstOnvifSrc* self, const char* action, GstPromise* promise,
           std::function<void(Ptz&)> work, Control::Kind kind = Control::Kind::Motion) {
    Control::of(self).add(action, kind, promise,
                          [work = std::move(work)](Camera& camera, GstStructure*) {
                              work(camera.ptz());
                              return milliseconds(0);
                          });
}

// What the signals take and give.

std::string textOf(const gchar* text) { return text ? text : ""; }

/// NaN is no value: it leaves an axis alone.
std::optional<double> axis(double value) {
    return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

PtzVector vector(double pan, double tilt, double zoom) {
    return {axis(pan), axis(tilt), axis(zoom)};
}

/// 0 is the camera's own.
std::optional<double> speedOf(double speed) {
    return speed > 0 ? std::optional<double>(speed) : std::nullopt;
}

void set(GstStructure* facts, const char* name, const std::optional<double>& value) {
    if (value)
        gst_structure_set(facts, name, G_TYPE_DOUBLE, *value, nullptr);
}

void set(GstStructure* facts, const char* name, const std::string& value) {
    if (!value.empty())
        gst_structure_set(facts, name, G_TYPE_STRING, value.c_str(), nullptr);
}

void setPosition(GstStructure* facts, const PtzVector& position) {
    set(facts, "pan", position.pan);
    set(facts, "tilt", position.tilt);
    set(facts, "zoom", position.zoom);
}

void setRange(GstStructure* facts, const char* name, const std::optional<Range>& range) {
    if (range)
        gst_structure_set(facts, name, GST_TYPE_DOUBLE_RANGE, range->low, range->high, nullptr);
}

/// A field that is a list of structures.
template <class Items, class Fill>
void setList(GstStructure* facts, const char* field, const char* name, const Items& items,
             Fill fill) {
    GValue list = G_VALUE_INIT;
    gst_value_list_init(&list, static_cast<guint>(items.size()));
    for (const auto& item : items) {
        GstStructure* one = gst_structure_new_empty(name);
        fill(one, item);
        GValue value = G_VALUE_INIT;
        g_value_init(&value, GST_TYPE_STRUCTURE);
        g_value_take_boxed(&value, one);
        gst_value_list_append_and_take_value(&list, &value);
    }
    gst_structure_take_value(facts, field, &list);
}

void ptzMove(GstOnvifSrc* self, gdouble pan, gdouble tilt, gdouble zoom, guint duration,
             GstPromise* promise, gpointer) {
    const PtzVector speed = vector(pan, tilt, zoom);
    const milliseconds time(duration);
    Control::of(self).add("ptz-move", Control::Kind::Motion, promise,
                          [=](Camera& camera, GstStructure*) {
                              return camera.ptz().move(speed, time) ? milliseconds(0) : time;
                          });
}

void ptzAbsolute(GstOnvifSrc* self, gdouble pan, gdouble tilt, gdouble zoom, gdouble speed,
                 GstPromise* promise, gpointer) {
    steer(self, "ptz-absolute", promise,
          [=](Ptz& ptz) { ptz.moveTo(vector(pan, tilt, zoom), speedOf(speed)); });
}

void ptzRelative(GstOnvifSrc* self, gdouble pan, gdouble tilt, gdouble zoom, gdouble speed,
                 GstPromise* promise, gpointer) {
    steer(self, "ptz-relative", promise,
          [=](Ptz& ptz) { ptz.moveBy(vector(pan, tilt, zoom), speedOf(speed)); });
}

void ptzStop(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    steer(
        self, "ptz-stop", promise, [](Ptz& ptz) { ptz.stop(); }, Control::Kind::Stop);
}

void ptzHome(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    steer(self, "ptz-home", promise, [](Ptz& ptz) { ptz.goHome(); });
}

void ptzGotoPreset(GstOnvifSrc* self, const gchar* preset, GstPromise* promise, gpointer) {
    steer(self, "ptz-goto-preset", promise,
          [wish = textOf(preset)](Ptz& ptz) { ptz.goToPreset(wish); });
}

void ptzPresets(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "ptz-presets", promise, [](Camera& camera, GstStructure* facts) {
        setList(facts, "presets", "preset", camera.ptz().presets(),
                [](GstStructure* one, const PtzPreset& preset) {
                    set(one, "token", preset.token);
                    set(one, "name", preset.name);
                    setPosition(one, preset.position);
                });
    });
}

void ptzSetPreset(GstOnvifSrc* self, const gchar* name, const gchar* replaced, GstPromise* promise,
                  gpointer) {
    ask(self, "ptz-set-preset", promise,
        [name = textOf(name), old = textOf(replaced)](Camera& camera, GstStructure* facts) {
            set(facts, "token", camera.ptz().setPreset(name, old));
        });
}

void ptzRemovePreset(GstOnvifSrc* self, const gchar* preset, GstPromise* promise, gpointer) {
    ask(self, "ptz-remove-preset", promise, [wish = textOf(preset)](Camera& camera, GstStructure*) {
        camera.ptz().removePreset(wish);
    });
}

void ptzStatus(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "ptz-status", promise, [](Camera& camera, GstStructure* facts) {
        const PtzStatus now = camera.ptz().status();
        setPosition(facts, now.position);
        gst_structure_set(facts, "moving", G_TYPE_BOOLEAN, now.moving, nullptr);
    });
}

void imagingGet(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "imaging-get", promise, [](Camera& camera, GstStructure* facts) {
        const ImagingSettings now = camera.imaging().settings();
        const ImagingOptions& can = camera.imaging().options();
        set(facts, "brightness", now.brightness);
        set(facts, "contrast", now.contrast);
        set(facts, "saturation", now.saturation);
        set(facts, "sharpness", now.sharpness);
        set(facts, "focus", now.focus);
        set(facts, "ir-cut", now.irCut);
        setRange(facts, "brightness-range", can.brightness);
        setRange(facts, "contrast-range", can.contrast);
        setRange(facts, "saturation-range", can.saturation);
        setRange(facts, "sharpness-range", can.sharpness);
    });
}

/// A number of any type that a program or a text may have put in.
std::optional<double> numberIn(const GstStructure* given, const char* name) {
    const GValue* value = gst_structure_get_value(given, name);
    GValue number = G_VALUE_INIT;
    g_value_init(&number, G_TYPE_DOUBLE);
    if (!value || !g_value_transform(value, &number))
        return std::nullopt;
    return axis(g_value_get_double(&number));
}

ImagingSettings imagingFrom(const GstStructure* given) {
    ImagingSettings wanted;
    if (!given)
        return wanted;
    wanted.brightness = numberIn(given, "brightness");
    wanted.contrast = numberIn(given, "contrast");
    wanted.saturation = numberIn(given, "saturation");
    wanted.sharpness = numberIn(given, "sharpness");
    wanted.focus = textOf(gst_structure_get_string(given, "focus"));
    wanted.irCut = textOf(gst_structure_get_string(given, "ir-cut"));
    return wanted;
}

void imagingSet(GstOnvifSrc* self, const GstStructure* given, GstPromise* promise, gpointer) {
    ask(self, "imaging-set", promise, [wanted = imagingFrom(given)](Camera& camera, GstStructure*) {
        camera.imaging().set(wanted);
    });
}

void focusMove(GstOnvifSrc* self, gdouble speed, GstPromise* promise, gpointer) {
    ask(self, "focus-move", promise, [=](Camera& camera, GstStructure*) {
        camera.imaging().moveFocus(axis(speed).value_or(0));
    });
}

Ref<GstSample> sampleOf(Snapshot picture) {
    const Ref<GstCaps> caps(gst_caps_new_simple("image/jpeg", "width", G_TYPE_INT, picture.width,
                                                "height", G_TYPE_INT, picture.height, nullptr));
    auto* bytes = new std::string(std::move(picture.jpeg));
    const Ref<GstBuffer> buffer(gst_buffer_new_wrapped_full(
        GST_MEMORY_FLAG_READONLY, bytes->data(), bytes->size(), 0, bytes->size(), bytes,
        [](gpointer owned) { delete static_cast<std::string*>(owned); }));
    return Ref<GstSample>(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

void snapshot(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "snapshot", promise, [](Camera& camera, GstStructure* facts) {
        const Ref<GstSample> sample = sampleOf(camera.snapshot());
        gst_structure_set(facts, "sample", GST_TYPE_SAMPLE, sample.get(), nullptr);
    });
}

void listRelays(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "relays", promise, [](Camera& camera, GstStructure* facts) {
        setList(facts, "relays", "relay", relays(camera.device()),
                [](GstStructure* one, const Relay& relay) {
                    set(one, "token", relay.token);
                    set(one, "mode", relay.mode);
                    set(one, "idle", relay.idle);
                });
    });
}

void switchRelay(GstOnvifSrc* self, const gchar* token, gboolean active, GstPromise* promise,
                 gpointer) {
    ask(self, "relay", promise,
        [token = textOf(token), on = active != FALSE](Camera& camera, GstStructure*) {
            setRelay(camera.device(), token, on);
        });
}

void rebootCamera(GstOnvifSrc* self, GstPromise* promise, gpointer) {
    ask(self, "reboot", promise, [](Camera& camera, GstStructure* facts) {
        set(facts, "message", reboot(camera.device()));
    });
}

void install(GstElementClass* klass) {
    constexpr GType number = G_TYPE_DOUBLE, text = G_TYPE_STRING;
    const auto signal = [klass](const char* name, GCallback handler, std::vector<GType> types) {
        types.push_back(GST_TYPE_PROMISE);
        const GSignalFlags flags = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
        // The handler is the class's own: nobody connects to what is there to be emitted.
        GClosure* closure = g_cclosure_new(handler, nullptr, nullptr);
        g_signal_newv(name, G_TYPE_FROM_CLASS(klass), flags, closure, nullptr, nullptr, nullptr,
                      G_TYPE_NONE, static_cast<guint>(types.size()), types.data());
    };
    signal("ptz-move", G_CALLBACK(ptzMove), {number, number, number, G_TYPE_UINT});
    signal("ptz-absolute", G_CALLBACK(ptzAbsolute), {number, number, number, number});
    signal("ptz-relative", G_CALLBACK(ptzRelative), {number, number, number, number});
    signal("ptz-stop", G_CALLBACK(ptzStop), {});
    signal("ptz-home", G_CALLBACK(ptzHome), {});
    signal("ptz-status", G_CALLBACK(ptzStatus), {});
    signal("ptz-presets", G_CALLBACK(ptzPresets), {});
    signal("ptz-goto-preset", G_CALLBACK(ptzGotoPreset), {text});
    signal("ptz-set-preset", G_CALLBACK(ptzSetPreset), {text, text});
    signal("ptz-remove-preset", G_CALLBACK(ptzRemovePreset), {text});
    signal("imaging-get", G_CALLBACK(imagingGet), {});
    signal("imaging-set", G_CALLBACK(imagingSet), {GST_TYPE_STRUCTURE});
    signal("focus-move", G_CALLBACK(focusMove), {number});
    signal("snapshot", G_CALLBACK(snapshot), {});
    signal("relays", G_CALLBACK(listRelays), {});
    signal("relay", G_CALLBACK(switchRelay), {text, G_TYPE_BOOLEAN});
    signal("reboot", G_CALLBACK(rebootCamera), {});
}

} // namespace

const CompanionKind actionSignals = {
    install,
    [](GstOnvifSrc* owner) -> std::unique_ptr<Companion> {
        return std::make_unique<Control>(owner);
    },
};

} // namespace onvif
