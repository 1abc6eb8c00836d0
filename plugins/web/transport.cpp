#include "web/transport.hpp"

#include "base/error.hpp"

#include <utility>

namespace web {
namespace {

constexpr std::size_t packetSize = 188;
constexpr std::uint64_t stampMask = (std::uint64_t{1} << 33) - 1;
/// A frame that is alone in its stream.
constexpr std::uint64_t usualFrame = 3600;

unsigned at(std::string_view bytes, std::size_t index) {
    return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
}

[[noreturn]] void bad(const char* details) {
    throw base::Error(base::ErrorKind::BadData,
                      "The muxer wrote a transport stream that cannot be read.", details);
}

unsigned pidOf(std::string_view packet) { return (at(packet, 1) & 0x1f) << 8 | at(packet, 2); }

bool startsUnit(std::string_view packet) { return at(packet, 1) & 0x40; }

/// What comes after header and adaptation field (2.4.3.2).
std::string_view payloadOf(std::string_view packet) {
    const unsigned control = at(packet, 3) >> 4 & 3;
    if (!(control & 1))
        return {};
    const std::size_t begin = 4 + (control & 2 ? 1 + at(packet, 4) : 0);
    return begin < packet.size() ? packet.substr(begin) : std::string_view();
}

/// The adaptation field says that a decoder may begin here (2.4.3.4).
bool isRandomAccess(std::string_view packet) {
    return (at(packet, 3) & 0x20) && at(packet, 4) > 0 && (at(packet, 5) & 0x40);
}

/// The first program's map (2.4.4.3); program 0 is something else.
unsigned mapPidIn(std::string_view payload) {
    const std::size_t section = 1 + at(payload, 0);
    const std::size_t length = (at(payload, section + 1) & 0x0f) << 8 | at(payload, section + 2);
    for (std::size_t i = section + 8; i + 4 <= section + 3 + length - 4 && i + 4 <= payload.size();
         i += 4)
        if (at(payload, i) || at(payload, i + 1))
            return (at(payload, i + 2) & 0x1f) << 8 | at(payload, i + 3);
    bad("no program");
}

/// 33 bits between marks (2.4.3.7).
std::uint64_t stampAt(std::string_view bytes, std::size_t i) {
    return std::uint64_t{at(bytes, i) >> 1 & 7} << 30 | std::uint64_t{at(bytes, i + 1)} << 22 |
           std::uint64_t{at(bytes, i + 2) >> 1} << 15 | std::uint64_t{at(bytes, i + 3)} << 7 |
           at(bytes, i + 4) >> 1;
}

/// When a frame is decoded: its second time stamp, or the only one.
std::uint64_t stampOf(std::string_view unit) {
    const unsigned stamps = at(unit, 7) >> 6;
    const std::size_t wanted = stamps == 3 ? 14 : 9;
    if (at(unit, 0) != 0 || at(unit, 1) != 0 || at(unit, 2) != 1 || stamps < 2 ||
        unit.size() < wanted + 5)
        bad("a frame without its time");
    return stampAt(unit, wanted);
}

} // namespace

std::vector<Fragment> TransportReader::take(const unsigned char* data, std::size_t size) {
    if (size % packetSize != 0)
        bad("half a packet");
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::vector<Fragment> made;
    for (std::size_t i = 0; i < size; i += packetSize)
        packet(bytes.substr(i, packetSize), made);
    return made;
}

void TransportReader::packet(std::string_view packet, std::vector<Fragment>& made) {
    if (at(packet, 0) != 0x47)
        bad("no packet");
    const std::string_view payload = payloadOf(packet);
    const unsigned pid = pidOf(packet);
    if (pid == 0 || (mapPid_ && pid == mapPid_)) {
        std::string& table = pid == 0 ? association_ : map_;
        if (pid == 0)
            mapPid_ = mapPidIn(payload);
        table = packet;
        return;
    }
    if (startsUnit(packet))
        begin(packet, payload, made);
    if (open_.frames)
        open_.bytes += packet;
}

void TransportReader::begin(std::string_view packet, std::string_view payload,
                            std::vector<Fragment>& made) {
    const std::uint64_t time = timeOf(stampOf(payload));
    const bool key = !video_ || isRandomAccess(packet);
    if (open_.frames && (key || time - open_.time >= longest_)) {
        open_.duration = time - open_.time;
        made.push_back(std::exchange(open_, {}));
    }
    if (!open_.frames) {
        open_.time = time;
        open_.key = key;
    }
    open_.frames++;
}

/// On our timeline: stamps begin anew after 26 hours. One that goes back is taken for the same.
std::uint64_t TransportReader::timeOf(std::uint64_t stamp) {
    const std::uint64_t step = stamp_ ? (stamp - *stamp_) & stampMask : 0;
    const bool back = step > stampMask / 2;
    time_ = stamp_ ? time_ + (back ? 0 : step) : first_;
    if (step && !back)
        step_ = step;
    if (!back)
        stamp_ = stamp;
    return time_;
}

std::string countedTables(std::string tables, std::uint64_t segment) {
    for (std::size_t i = 3; i < tables.size(); i += packetSize)
        tables[i] = static_cast<char>((tables[i] & 0xf0) | (segment & 15));
    return tables;
}

std::optional<Fragment> TransportReader::finish() {
    if (!open_.frames)
        return std::nullopt;
    open_.duration = time_ - open_.time + (step_ ? step_ : usualFrame);
    return std::exchange(open_, {});
}

} // namespace web
