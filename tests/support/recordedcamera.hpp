#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// A folder of answers that a real camera gave (see the README beside them) as a lookup: which file
/// answers an operation. Nothing of it talks to anybody.
class RecordedCamera {
public:
    explicit RecordedCamera(std::filesystem::path folder) : folder_(std::move(folder)) {}

    static std::string textOf(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    /// The answer to "GetProfiles" of Media2 or of any other service, empty where none was
    /// recorded.
    std::string answer(const std::string& operation, bool media2) const {
        // As the recorders named them; of several recordings of one operation the first.
        for (const char* suffix : {".ok.xml", ".200.xml", ".01.200.xml", ".xml"})
            for (const char* prefix :
                 {"media1.", "media.", "Media.", "core.", "Device.", "device_management.", ""}) {
                const auto file = folder_ / ((media2 ? "media2." : prefix) + operation + suffix);
                if (std::filesystem::exists(file))
                    return textOf(file);
            }
        return {};
    }

    static const char* notRecorded() {
        return "<E><Body><Fault><Code><Value>Receiver</Value><Subcode><Value>ter:ActionNotSupported"
               "</Value></Subcode></Code></Fault></Body></E>";
    }

private:
    std::filesystem::path folder_;
};
