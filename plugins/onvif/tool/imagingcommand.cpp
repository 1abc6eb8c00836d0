#include "commands.hpp"

#include "base/error.hpp"

#include <map>

namespace {

using onvif::ImagingSettings;

constexpr double any = 1e9;

/// "brightness=50" into its place; the speed of the focus is no setting and comes back apart.
std::optional<double> take(const std::string& word, ImagingSettings& settings) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    const std::map<std::string, std::optional<double> ImagingSettings::*> numbers = {
        {"brightness", &ImagingSettings::brightness},
        {"contrast", &ImagingSettings::contrast},
        {"saturation", &ImagingSettings::saturation},
        {"sharpness", &ImagingSettings::sharpness}};
    if (const auto number = numbers.find(name); number != numbers.end())
        settings.*number->second = numberFrom(name, value, -any, any);
    else if (name == "focus")
        settings.focus = value;
    else if (name == "ir-cut")
        settings.irCut = value;
    else if (name == "focus-speed")
        return numberFrom(name, value, -1, 1);
    else
        throw base::Error(base::ErrorKind::Settings,
                          "imaging does not know '" + word + "'. See onvif-tool --help.");
    return std::nullopt;
}

Record rangeRecord(const std::optional<onvif::Range>& range) {
    return range ? Record().number("min", range->low).number("max", range->high) : Record();
}

Record optionsRecord(const onvif::ImagingOptions& options) {
    return Record()
        .record("brightness", rangeRecord(options.brightness))
        .record("contrast", rangeRecord(options.contrast))
        .record("saturation", rangeRecord(options.saturation))
        .record("sharpness", rangeRecord(options.sharpness))
        .words("focus", options.focus)
        .words("ir-cut", options.irCut);
}

void show(const Task& task, onvif::Imaging& imaging) {
    const ImagingSettings now = imaging.settings();
    task.print(Record()
                   .number("brightness", now.brightness)
                   .number("contrast", now.contrast)
                   .number("saturation", now.saturation)
                   .number("sharpness", now.sharpness)
                   .text("focus", now.focus)
                   .text("ir-cut", now.irCut)
                   .record("can-be", optionsRecord(imaging.options())));
}

} // namespace

void imagingCommand(const Task& task) {
    ImagingSettings wanted;
    std::optional<double> focusSpeed;
    for (std::size_t i = 0; task.has(i); i++)
        if (const auto speed = take(task.word(i, ""), wanted))
            focusSpeed = speed;
    const auto camera = task.camera();
    if (!wanted.empty())
        camera->imaging().set(wanted);
    if (focusSpeed)
        camera->imaging().moveFocus(*focusSpeed);
    if (wanted.empty() && !focusSpeed)
        show(task, camera->imaging());
}
