#include "metadatashelf.hpp"

#include <algorithm>

namespace onvif {

namespace {

constexpr std::size_t capacity = 256;
constexpr std::chrono::milliseconds sameMoment{10};

} // namespace

void MetadataShelf::put(const Metadata& metadata, Time start) {
    for (const MetadataFrame& frame : metadata.frames) {
        const Time time = start + metadata.after(frame.time);
        const auto place =
            std::upper_bound(frames_.begin(), frames_.end(), time,
                             [](Time t, const Entry& entry) { return t < entry.time; });
        frames_.insert(place, {time, frame.objects});
    }
    while (frames_.size() > capacity)
        frames_.pop_front();
}

std::optional<base::Detections> MetadataShelf::at(Time time, Time maxAge) const {
    const auto after = std::upper_bound(frames_.begin(), frames_.end(), time + sameMoment,
                                        [](Time t, const Entry& entry) { return t < entry.time; });
    if (after == frames_.begin())
        return std::nullopt;
    const Entry& latest = *std::prev(after);
    const Time age = std::max(time - latest.time, Time(0));
    if (age > maxAge)
        return std::nullopt;
    base::Detections found;
    found.objects = latest.objects;
    found.age = age;
    return found;
}

} // namespace onvif
