#include "snapshot.hpp"

#include <cstdint>

namespace onvif {

namespace {

constexpr unsigned startOfScan = 0xda;

unsigned byteAt(const std::string& bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes.at(at));
}

unsigned wordAt(const std::string& bytes, std::size_t at) {
    return byteAt(bytes, at) << 8 | byteAt(bytes, at + 1);
}

/// SOF0..SOF15 but DHT, JPG and DAC, which stand among them.
bool startsFrame(unsigned marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

[[noreturn]] void noJpeg(const std::string& why) {
    throw base::Error(base::ErrorKind::BadData,
                      "The camera's snapshot is no JPEG picture; try another profile.", why);
}

/// Walks the segments up to the picture's data; throws std::out_of_range at the end of the bytes.
void readSize(const std::string& bytes, Snapshot& picture) {
    for (std::size_t at = 2;;) {
        if (byteAt(bytes, at) != 0xff)
            noJpeg("no marker where one has to be");
        const unsigned marker = byteAt(bytes, at + 1);
        if (marker == 0xff) { // a fill byte
            at++;
            continue;
        }
        if (marker == startOfScan)
            return;
        if (startsFrame(marker)) {
            picture.height = static_cast<int>(wordAt(bytes, at + 5));
            picture.width = static_cast<int>(wordAt(bytes, at + 7));
        }
        at += 2 + wordAt(bytes, at + 2);
    }
}

} // namespace

Snapshot readJpeg(const std::string& bytes) {
    const std::size_t start = bytes.find("\xff\xd8\xff"), end = bytes.rfind("\xff\xd9");
    // A multipart header may stand before it, hardly more.
    if (start == std::string::npos || start > 1024)
        noJpeg("no start of image");
    if (end == std::string::npos || end < start)
        noJpeg("no end of image");
    Snapshot picture;
    picture.jpeg = bytes.substr(start, end + 2 - start);
    try {
        readSize(picture.jpeg, picture);
    } catch (const std::out_of_range&) {
        noJpeg("it breaks off in its header");
    }
    if (picture.width == 0 || picture.height == 0)
        noJpeg("no frame header");
    return picture;
}

namespace {

/// Some that stream by Media2 have their snapshots in Media1 only.
std::string uriOf(Device& device, const Profile& profile) {
    try {
        return device.snapshotUri(profile);
    } catch (const base::Error& error) {
        if (!profile.media2 || !device.offers(wsdl::media) || !notUnderstood(error))
            throw;
        Profile first = profile;
        first.media2 = false;
        return device.snapshotUri(first);
    }
}

} // namespace

Snapshot takeSnapshot(Connection& connection, const Profile& profile) {
    const std::string uri = uriOf(connection.device(), profile);
    return readJpeg(connection.fetch(uri, "the snapshot").body);
}

} // namespace onvif
