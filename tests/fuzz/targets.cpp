#include "targets.hpp"

#include "base/error.hpp"
#include "device.hpp"
#include "event.hpp"
#include "gunzip.hpp"
#include "imaging.hpp"
#include "metadata.hpp"
#include "metadatadocuments.hpp"
#include "networks.hpp"
#include "probe.hpp"
#include "profilechoice.hpp"
#include "ptz.hpp"
#include "pullpoint.hpp"
#include "redact.hpp"
#include "snapshot.hpp"
#include "xmlvalue.hpp"
#include "zmq/message.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fuzz {

namespace {

using namespace onvif;

const net::Credentials account = {"us\"er", "p:w"};

/// One answer by every reader: the wrong one for its kind has to survive it as well.
void readAnswer(std::string_view bytes) {
    redacted(bytes);
    const auto document = net::XmlDocument::parse(bytes);
    const net::XmlNode root = document.root();
    root.xml();
    if (const auto fault = faultOf(root))
        fault->text();
    const auto body = root.find("Body");
    const net::XmlNode response =
        body && !body->children().empty() ? body->children().front() : root;
    readDateTime(response);
    readDeviceInformation(response);
    readServices(response);
    readCapabilities(response);
    listOf(choose(readProfiles(response), "sub"));
    choose(readProfiles2(response), "max-width=1280,codec=h264,audio=yes");
    readStreamUri(response);
    readPtzSpaces(response);
    readPtzPresets(response);
    readPtzStatus(response);
    readImagingSettings(response);
    readImagingOptions(response);
    readLease(response);
    for (const Event& event : readEvents(response))
        event.text();
    readInstant(response.text());
    readDuration(response.text());
    readDecimal(response.text());
}

/// A whole walk from address to stream; the answers are separated by a zero byte, and the first
/// byte of each chooses status and headers.
void walk(std::string_view bytes) {
    Refusals refusals;
    int asked = 0;
    const Exchange device = [&](const net::HttpRequest&) -> net::HttpResponse {
        if (bytes.empty() || ++asked > 50)
            throw base::Error(base::ErrorKind::Unreachable, "gone");
        const auto end = std::min(bytes.find('\0'), bytes.size());
        std::string_view part = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        const int kind = part.empty() ? 0 : static_cast<unsigned char>(part.front()) % 8;
        part.remove_prefix(std::min<std::size_t>(part.size(), 1));
        constexpr int statuses[] = {200, 200, 400, 500, 401, 401, 302, 415};
        net::HttpResponse response{statuses[kind], "", {}, std::string(part)};
        if (kind == 4)
            response.headers = {{"WWW-Authenticate", std::string(part)}};
        if (kind == 5)
            response.headers = {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=auth"}};
        if (kind == 6)
            response.movedTo = "https://camera:" + std::to_string(asked) + "/x";
        return response;
    };
    SoapClient soap(device, account, {}, refusals);
    Device camera(soap, *net::Url::parse("http://camera/onvif/device_service"));
    camera.open();
    for (const Profile& profile : choose(camera.profiles(), "")) {
        try {
            camera.streamUri(profile, StreamTransport::Tcp);
        } catch (const base::Error&) {
        }
    }
    camera.information();
}

void readDatagram(std::string_view bytes) {
    std::vector<Found> known;
    for (Found& found : probeMatches(bytes, "192.0.2.7", {"0", "urn:uuid:0", ""})) {
        found.name();
        found.hardware();
        found.address();
        merge(known, std::move(found), 64);
    }
    if (const auto news = announcement(bytes))
        sameId(news->endpoint, "urn:uuid:0");
}

/// A metadata stream: the first byte says how long its packets are, and in which form.
void readMetadataStream(std::string_view bytes) {
    if (bytes.empty())
        return;
    const auto kind = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const bool packed = kind % 2 != 0;
    MetadataDocuments documents(packed ? MetadataDocuments::Form::Gzip
                                       : MetadataDocuments::Form::Plain);
    const std::size_t packet = packed ? 1400 : 1 + kind;
    for (std::uint64_t time = 0; !bytes.empty(); time++) {
        const std::string_view payload = bytes.substr(0, packet);
        bytes.remove_prefix(payload.size());
        for (const MetadataDocument& document : documents.push(payload, bytes.empty(), time)) {
            try {
                const Metadata metadata = readMetadata(document.text);
                for (const MetadataFrame& frame : metadata.frames)
                    metadata.after(frame.time);
            } catch (const base::Error&) {
                // And on to the next document.
            }
        }
    }
}

void readPacked(std::string_view bytes) {
    constexpr std::size_t limit = 1024 * 1024;
    if (gunzip(bytes, limit).size() > limit)
        throw std::logic_error("more was unpacked than allowed");
}

void readPicture(std::string_view bytes) {
    const Snapshot picture = readJpeg(std::string(bytes));
    if (picture.width <= 0 || picture.height <= 0 || picture.jpeg.size() > bytes.size())
        throw std::logic_error("a picture that is none");
}

/// A header a line.
void readChallenges(std::string_view bytes) {
    std::vector<std::string> headers;
    for (std::size_t at = 0; at <= bytes.size() && headers.size() < 100;) {
        const auto end = std::min(bytes.find('\n', at), bytes.size());
        headers.emplace_back(bytes.substr(at, end - at));
        at = end + 1;
    }
    for (const std::string& header : headers)
        httpDate(header);
    const auto challenges = net::digestChallenges(headers);
    if (const auto challenge = net::chooseChallenge(challenges))
        net::digestAuthorization(*challenge, account, {"POST", "/x", "body", "c", 1});
}

void readAddress(std::string_view bytes) {
    const std::string text(bytes);
    redacted(text);
    const auto url = net::Url::parse(text);
    if (url && net::Url::parse(url->text()) && net::Url::parse(url->text())->text() != url->text())
        throw std::logic_error("an address changes by being written down");
    AddressPolicy policy(*net::Url::parse("https://192.0.2.1:8443/onvif/device_service"));
    policy.setOwnAddress(text);
    for (const std::string& address : {policy.service(text), policy.stream(text)})
        if (!address.empty() && net::Url::parse(address)->host != "192.0.2.1")
            throw std::logic_error("the device leads to another host");
    constexpr std::array<std::string_view, 7> played = {"rtsp",  "rtspt", "rtspu", "rtsph",
                                                        "rtsps", "http",  "https"};
    if (const std::string stream = policy.stream(text);
        !stream.empty() &&
        std::find(played.begin(), played.end(), net::Url::parse(stream)->scheme) == played.end())
        throw std::logic_error("the device leads to another way of playing");
    if (!policy.service(text).empty() && policy.service(text).compare(0, 8, "https://") != 0)
        throw std::logic_error("https fell back to http");
    const NamedLocation named = splitCredentials(text);
    try {
        choose({Profile{}}, text);
    } catch (const base::Error&) {
    }
    parseLocation(named.location);
}

void readWire(std::string_view bytes) {
    const auto end = std::min(bytes.find('\0'), bytes.size());
    const std::string_view data = bytes.substr(std::min(end + 1, bytes.size()));
    const imagezmq::Head head = imagezmq::readHead(bytes.substr(0, end), data);
    const std::size_t pixel = imagezmq::bytesPerPixel(head.pixels);
    if (pixel &&
        pixel * static_cast<std::size_t>(head.width) * static_cast<std::size_t>(head.height) !=
            data.size())
        throw std::logic_error("a picture that does not fit its bytes");
    for (const auto where : {imagezmq::ObjectsIn::Field, imagezmq::ObjectsIn::Msg})
        imagezmq::readHead(imagezmq::writeHead(head, where), data);
}

} // namespace

const Reader readers[] = {
    {"answers", "a SOAP answer", readAnswer},
    {"walk", "the answers on the way from address to stream", walk},
    {"datagrams", "a discovery datagram", readDatagram},
    {"metadata", "a metadata stream in packets", readMetadataStream},
    {"packed", "a gzip member", readPacked},
    {"pictures", "a JPEG snapshot", readPicture},
    {"challenges", "WWW-Authenticate and Date headers, one a line", readChallenges},
    {"addresses", "an address that a user or a device wrote", readAddress},
    {"networks", "an ONNX file", readNetwork},
    {"names", "a network's names, and a label file", readNames},
    {"darknet", "a Darknet .cfg, a zero byte, weights", readDarknet},
    {"tensors", "clues, and the answers of a network", readTensors},
    {"offers", "a WHEP offer", readOffer},
    {"fragments", "a trickle fragment", readFragment},
    {"publications", "a WHIP offer, and the trickle fragments after it", readPublication},
    {"logins", "Authorization, Cookie and query, one a line", readLogin},
    {"flv", "an FLV stream", readFlv},
    {"boxes", "fragmented MP4 of one track", readBoxes},
    {"transport", "a transport stream of one track", readTransport},
    {"wire", "a message of imagezmq's: JSON, a zero byte, bytes", readWire},
    {nullptr, nullptr, nullptr}};

const Reader& readerCalled(std::string_view name) {
    std::string names;
    for (const Reader* reader = readers; reader->name; reader++) {
        if (name == reader->name)
            return *reader;
        names += std::string(" ") + reader->name;
    }
    throw std::invalid_argument("say --reader= and one of:" + names);
}

} // namespace fuzz
