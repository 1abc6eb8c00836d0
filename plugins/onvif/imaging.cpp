#include "imaging.hpp"

#include "xmlvalue.hpp"

#include <algorithm>

namespace onvif {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t maxWords = 16;

std::string lower(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

std::string upper(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return word;
}

std::optional<Range> rangeAt(const net::XmlNode& options, const std::string& name) {
    const auto low = readDecimal(lineAt(options, name + "/Min")),
               high = readDecimal(lineAt(options, name + "/Max"));
    return low && high && *low < *high ? std::optional<Range>({*low, *high}) : std::nullopt;
}

std::vector<std::string> wordsOf(const std::optional<net::XmlNode>& node, const char* name) {
    std::vector<std::string> words;
    if (node)
        for (const auto& word : node->children(name))
            if (words.size() < maxWords)
                words.push_back(lower(lineAt(word, "")));
    return words;
}

std::string element(const std::string& name, const std::string& content) {
    return "<" + name + ">" + content + "</" + name + ">";
}

/// The settings are of the schema's namespace, and their parent is of the service's.
std::string setting(const std::string& name, const std::string& content) {
    return "<" + name + " xmlns=\"" + wsdl::schema + "\">" + content + "</" + name + ">";
}

std::string number(const std::string& name, const std::optional<double>& value,
                   const std::optional<Range>& range) {
    if (!value)
        return {};
    return setting(name, decimalText(range ? std::clamp(*value, range->low, range->high) : *value));
}

/// A word as the camera takes it, when it is one of those that there are at all, and of its own.
std::string word(const std::string& what, const std::string& given,
                 const std::vector<std::string>& known, const std::vector<std::string>& has) {
    const std::vector<std::string>& choice = has.empty() ? known : has;
    if (std::find(choice.begin(), choice.end(), lower(given)) != choice.end())
        return upper(given);
    std::string list;
    for (const std::string& one : choice)
        list += (list.empty() ? "" : ", ") + one;
    throw Error(ErrorKind::Settings, "The camera does not take '" + given + "' for " + what +
                                         "; it takes: " + list + ".");
}

} // namespace

bool ImagingSettings::empty() const {
    return !brightness && !contrast && !saturation && !sharpness && focus.empty() && irCut.empty();
}

ImagingSettings readImagingSettings(const net::XmlNode& response) {
    const auto node = response.child("ImagingSettings");
    if (!node)
        return {};
    return {readDecimal(lineAt(*node, "Brightness")),      readDecimal(lineAt(*node, "Contrast")),
            readDecimal(lineAt(*node, "ColorSaturation")), readDecimal(lineAt(*node, "Sharpness")),
            lower(lineAt(*node, "Focus/AutoFocusMode")),   lower(lineAt(*node, "IrCutFilter"))};
}

ImagingOptions readImagingOptions(const net::XmlNode& response) {
    const auto node = response.child("ImagingOptions");
    if (!node)
        return {};
    return {rangeAt(*node, "Brightness"),
            rangeAt(*node, "Contrast"),
            rangeAt(*node, "ColorSaturation"),
            rangeAt(*node, "Sharpness"),
            wordsOf(node->child("Focus"), "AutoFocusModes"),
            wordsOf(node, "IrCutFilterModes")};
}

SoapReply Imaging::call(const std::string& operation, const std::string& content) {
    if (source_.empty()) {
        const auto reply = device_.call({wsdl::media, "GetVideoSources", ""});
        const auto source = reply.response.child("VideoSources");
        source_ = source ? lineOf(*source, "token") : "";
        if (source_.empty())
            throw Error(ErrorKind::Unsupported, "The camera names no video source to adjust.");
    }
    return device_.call(
        {wsdl::imaging, operation, element("VideoSourceToken", net::xmlEscape(source_)) + content});
}

ImagingSettings Imaging::settings() {
    return readImagingSettings(call("GetImagingSettings").response);
}

const ImagingOptions& Imaging::options() {
    if (!options_) {
        try {
            options_ = readImagingOptions(call("GetOptions").response);
        } catch (const Error& error) {
            if (!notUnderstood(error))
                throw;
            options_.emplace();
        }
    }
    return *options_;
}

void Imaging::set(ImagingSettings wanted) {
    if (wanted.empty())
        throw Error(ErrorKind::Settings, "Nothing to set: give brightness, contrast, saturation, "
                                         "sharpness, focus or ir-cut.");
    const ImagingOptions& has = options();
    // In the order of the schema, which some devices insist on.
    std::string content = number("Brightness", wanted.brightness, has.brightness) +
                          number("ColorSaturation", wanted.saturation, has.saturation) +
                          number("Contrast", wanted.contrast, has.contrast);
    if (!wanted.focus.empty())
        content += setting("Focus", element("AutoFocusMode", word("focus", wanted.focus,
                                                                  {"auto", "manual"}, has.focus)));
    if (!wanted.irCut.empty())
        content +=
            setting("IrCutFilter", word("ir-cut", wanted.irCut, {"on", "off", "auto"}, has.irCut));
    content += number("Sharpness", wanted.sharpness, has.sharpness);
    call("SetImagingSettings",
         element("ImagingSettings", content) + "<ForcePersistence>true</ForcePersistence>");
}

double Imaging::focusSpeed(double part) {
    part = std::clamp(part, -1.0, 1.0);
    try {
        const SoapReply reply = call("GetMoveOptions");
        const auto options = reply.response.child("MoveOptions");
        const auto range = options ? rangeAt(*options, "Continuous/Speed") : std::optional<Range>();
        return range ? part * (part < 0 ? -range->low : range->high) : part;
    } catch (const Error& error) {
        if (!notUnderstood(error))
            throw;
        return part;
    }
}

void Imaging::moveFocus(double speed) {
    if (speed == 0) {
        call("Stop");
        return;
    }
    call("Move",
         element("Focus", setting("Continuous", element("Speed", decimalText(focusSpeed(speed))))));
}

} // namespace onvif
