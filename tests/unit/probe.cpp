#include "probe.hpp"

#include "check.hpp"
#include "net/url.hpp"
#include "net/xml.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

using namespace onvif;

static const std::string id = "0b0cca4e-1234-4abc-8def-0123456789ab";

static std::string matches(const std::string& inside,
                           const std::string& relates = "urn:uuid:" + id) {
    return "<s:Envelope xmlns:s='x' xmlns:a='y' xmlns:d='z'><s:Header><a:RelatesTo>" + relates +
           "</a:RelatesTo></s:Header><s:Body><d:ProbeMatches>" + inside +
           "</d:ProbeMatches></s:Body></s:Envelope>";
}
static std::string match(const std::string& types, const std::string& scopes,
                         const std::string& xaddrs, const std::string& endpoint = "urn:uuid:1") {
    return "<d:ProbeMatch><a:EndpointReference><a:Address>" + endpoint +
           "</a:Address></a:EndpointReference><d:Types>" + types + "</d:Types><d:Scopes>" + scopes +
           "</d:Scopes><d:XAddrs>" + xaddrs + "</d:XAddrs></d:ProbeMatch>";
}
static std::vector<Found> read(const std::string& datagram) {
    return probeMatches(datagram, "192.0.2.7", {"other", id});
}

/// Quirk D4: one line, every prefix on the root, prefixes as all use them.
START_TEST(probeShapeD4) {
    const std::string nvt = probeMessage(ProbeType::NetworkVideoTransmitter, id);
    const std::string device = probeMessage(ProbeType::Device, id);
    ck_assert(nvt.find('\n') == std::string::npos);
    ck_assert(nvt.find("<d:Types>dn:NetworkVideoTransmitter</d:Types>") != std::string::npos);
    ck_assert(device.find("<d:Types>tds:Device</d:Types>") != std::string::npos);
    for (const std::string& text : {nvt, device}) {
        const auto document = net::XmlDocument::parse(text);
        CHECK_STR(document.root().textAt("Header/MessageID"), ("urn:uuid:" + id));
        ck_assert(text.rfind("xmlns:") < text.find("<s:Header>"));
    }
}
END_TEST

START_TEST(oneCamera) {
    const auto found = read(matches(match(
        "dn:NetworkVideoTransmitter tds:Device",
        "onvif://www.onvif.org/name/AXIS%20P3818-PVE\n onvif://www.onvif.org/hardware/P3818-PVE",
        "http://192.0.2.7/onvif/device_service")));
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].name(), "AXIS P3818-PVE");
    CHECK_STR(found[0].hardware(), "P3818-PVE");
    CHECK_STR(found[0].endpoint, "urn:uuid:1");
    CHECK_STR(found[0].address(), "http://192.0.2.7/onvif/device_service");
}
END_TEST

/// Quirk D3: printers and other devices answer too; some cameras tell scopes or types only.
START_TEST(filterD3) {
    const struct {
        const char *types, *scopes;
        bool camera;
    } rows[] = {
        {"wsdp:Device wprt:PrintDeviceType", "", false},
        {"wsdp:Device", "ldap:///ou=x", false},
        {"", "", false},
        {"tds:Device", "", true},
        {"tdn:NetworkVideoTransmitter", "", true},
        {"NetworkVideoTransmitter", "", true},
        {"", "onvif://www.onvif.org/Profile/Streaming", true},
        {"Device", "", false},
    };
    for (const auto& row : rows)
        ck_assert_msg(read(matches(match(row.types, row.scopes, ""))).empty() != row.camera,
                      "%s %s", row.types, row.scopes);
}
END_TEST

/// Quirk D3: prefixes mean what the sender declared.
START_TEST(prefixesD3) {
    std::string text = matches(match("q7:Device", "", ""));
    ck_assert(read(text).empty());
    for (const auto& [space, camera] :
         {std::pair("http://www.onvif.org/ver10/device/wsdl", true),
          std::pair("http://schemas.xmlsoap.org/ws/2006/02/devprof", false)}) {
        std::string declared = text;
        declared.insert(declared.find(" xmlns:s"), std::string(" xmlns:q7=\"") + space + "\"");
        ck_assert(read(declared).empty() != camera);
    }
}
END_TEST

START_TEST(onlyAnswersToUs) {
    const std::string camera = match("tds:Device", "", "");
    for (const std::string& relates :
         {id, "uuid:" + id, std::string("URN:UUID:0B0CCA4E-1234-4ABC-8DEF-0123456789AB")})
        ck_assert_msg(read(matches(camera, relates)).size() == 1, "%s", relates.c_str());
    for (const char* relates :
         {"", "urn:uuid:", "urn:uuid:0b0cca4e-1234-4abc-8def-0123456789ac", "*"})
        ck_assert_msg(read(matches(camera, relates)).empty(), "%s", relates);
}
END_TEST

/// Quirks D5 and D6: lists of addresses, and addresses that lead nowhere or elsewhere.
START_TEST(addressD5D6) {
    const struct {
        const char *xaddrs, *expected;
    } rows[] = {
        {"http://169.254.1.1/a http://192.0.2.7:8000/onvif/device_service",
         "http://192.0.2.7:8000/onvif/device_service"},
        {"https://192.0.2.7/s http://192.0.2.7/p", "http://192.0.2.7/p"},
        {"http://192.168.43.120:8899/onvif", "http://192.0.2.7:8899/onvif"},
        {"http://0.0.0.0:2020/onvif/service", "http://192.0.2.7:2020/onvif/service"},
        {"http://evil.example/x", "http://192.0.2.7/x"},
        {"file:///etc/passwd ftp://192.0.2.7/", "http://192.0.2.7/onvif/device_service"},
        {"", "http://192.0.2.7/onvif/device_service"},
        {"http://user:pw@192.0.2.7/x", "http://192.0.2.7/x"},
    };
    for (const auto& row : rows) {
        const auto found = read(matches(match("tds:Device", "", row.xaddrs)));
        ck_assert_uint_eq(found.size(), 1);
        CHECK_STR(found[0].address(), row.expected);
    }
}
END_TEST

/// Quirk D5: the same camera through several nets; the address that serves longest comes first, and
/// a link-local one keeps its zone.
START_TEST(sendersD5) {
    const std::string xaddrs = "http://[fe80::7]:81/d http://169.254.3.4:81/d "
                               "http://192.0.2.7:81/d https://192.0.2.7/d";
    std::vector<Found> all;
    for (const char* sender : {"fe80::7%eth0", "169.254.3.4", "2001:db8::7", "192.0.2.7"})
        for (Found& found :
             probeMatches(matches(match("tds:Device", "", xaddrs)), sender, {"other", id}))
            merge(all, std::move(found), 10);
    ck_assert_uint_eq(all.size(), 1);
    CHECK_STR(all[0].sender, "192.0.2.7");
    const auto addresses = all[0].addresses();
    const std::vector<std::string> best = {"http://192.0.2.7:81/d", "https://192.0.2.7/d",
                                           "http://[2001:db8::7]:81/d"};
    ck_assert_uint_ge(addresses.size(), 6);
    for (std::size_t i = 0; i < best.size(); i++)
        CHECK_STR(addresses[i], best[i]);
    ck_assert(std::count(addresses.begin(), addresses.end(), "http://[fe80::7%25eth0]:81/d") == 1);
}
END_TEST

/// Quirk D7: the same device several times and in parts.
START_TEST(mergeD7) {
    std::vector<Found> all;
    for (const auto& text :
         {match("tds:Device", "", "http://a/1", "urn:uuid:AB"),
          match("tds:Device", "onvif://www.onvif.org/name/x", "http://a/2", "uuid:ab"),
          match("tds:Device", "", "http://b/1", "urn:uuid:cd")})
        for (Found& found : read(matches(text)))
            merge(all, std::move(found), 10);
    ck_assert_uint_eq(all.size(), 2);
    ck_assert_uint_eq(all[0].xaddrs.size(), 2);
    CHECK_STR(all[0].name(), "x");
    for (int i = 0; i < 20; i++)
        merge(all, {"urn:uuid:" + std::to_string(i + 100), "192.0.2.9", {}, {}, {}}, 5);
    ck_assert_uint_eq(all.size(), 5);
}
END_TEST

/// Quirk D10: encoded and raw blanks, the name last, missing or twice, line breaks.
START_TEST(scopesD10) {
    const std::string base = "onvif://www.onvif.org/";
    const struct {
        std::string scopes;
        const char *name, *hardware, *location;
    } rows[] = {
        {base + "name/AXIS%20P3818-PVE\n" + base + "hardware/P3818", "AXIS P3818-PVE", "P3818", ""},
        {base + "hardware/X1 " + base + "name/Front door left", "Front door left", "X1", ""},
        {base + "Name/a " + base + "location/country/china\r\n" + base + "location/city/su%20zhou",
         "a", "", "china, su zhou"},
        {base + "name/IPC-BO " + base + "name/IPC " + base + "location/", "IPC-BO", "", ""},
        {base + "name/%0A%1b[31mred%00", "[31mred", "", ""},
        {base + "name/T%fcr", "T\xef\xbf\xbdr", "", ""},
        {base + "Profile/Streaming", "", "", ""},
    };
    for (const auto& row : rows) {
        const auto found = read(matches(match("", row.scopes, "")));
        ck_assert_uint_eq(found.size(), 1);
        CHECK_STR(found[0].name(), row.name);
        CHECK_STR(found[0].hardware(), row.hardware);
        CHECK_STR(found[0].location(), row.location);
    }
    const auto found = read(matches(
        match("", base + "Profile/T " + base + "Profile/Streaming " + base + "profile/G", "")));
    ck_assert(found[0].profiles() == (std::vector<std::string>{"G", "S", "T"}));
}
END_TEST

/// Quirk D10: an endpoint that is an address ends like all others of its maker.
START_TEST(endpointsThatAreAddressesD10) {
    const auto key = [](const char* endpoint) { return keyOf({endpoint, "s", {}, {}, {}}); };
    ck_assert(key("http://192.0.2.1:80/onvif/device_service") !=
              key("http://192.0.2.2:80/onvif/device_service"));
    ck_assert(!sameId("http://192.0.2.1:80/x", "http://192.0.2.2:80/x"));
    CHECK_STR(key("URN:UUID:A-b"), "a-b");
    ck_assert(sameId("urn:uuid:a", "A") && sameId("uuid:a", "urn:uuid:A"));
}
END_TEST

/// 128 bits that differ from question to question, in a shape that devices expect.
START_TEST(messageIds) {
    std::set<std::string> seen;
    std::array<int, 128> ones{};
    for (int i = 0; i < 400; i++) {
        const std::string text = newMessageId();
        ck_assert_uint_eq(text.size(), 36);
        ck_assert(seen.insert(text).second);
        std::size_t bit = 0;
        for (const char c : text)
            for (int b = 0; c != '-' && b < 4; b++)
                ones[bit++] += std::stoi(std::string(1, c), nullptr, 16) >> b & 1;
        ck_assert_uint_eq(bit, 128);
    }
    for (const int count : ones)
        ck_assert(count > 100 && count < 300); // 10 sigma: no bit stands still
}
END_TEST

static std::string event(const char* what, const std::string& inside) {
    return std::string("<E><Body><d:") + what + " xmlns:d='z'>" + inside + "</d:" + what +
           "></Body></E>";
}

START_TEST(announcements) {
    const std::string name = "<EndpointReference><Address>urn:uuid:7</Address></EndpointReference>";
    const auto hello =
        announcement(event("Hello", name + "<Types>dn:NetworkVideoTransmitter</Types>"));
    ck_assert(hello && !hello->leaves);
    CHECK_STR(hello->endpoint, "urn:uuid:7");
    const auto bye = announcement(event("Bye", name));
    ck_assert(bye && bye->leaves);
    CHECK_STR(bye->endpoint, "urn:uuid:7");
    ck_assert(announcement(event("Hello", name)));
    for (const std::string& text :
         {event("Hello", name + "<Types>wsdp:Device wprt:Printer</Types>"), event("Hello", ""),
          event("Bye", "<Types>tds:Device</Types>"), event("Probe", name), std::string("Hello"),
          std::string("Bye<"), matches(match("tds:Device", "Hello", "")),
          probeMessage(ProbeType::Device, id)})
        ck_assert_msg(!announcement(text), "%s", text.c_str());
}
END_TEST

START_TEST(hostileDatagrams) {
    std::string many, words;
    for (int i = 0; i < 500; i++)
        many += match("tds:Device", "", "", "e" + std::to_string(i)),
            words += " http://h/" + std::to_string(i);
    ck_assert_uint_le(read(matches(many)).size(), 16);
    const auto wordy =
        read(matches(match("tds:Device", words, words + " " + std::string(5000, 'x'))));
    ck_assert_uint_eq(wordy.size(), 1);
    ck_assert_uint_le(wordy[0].xaddrs.size(), 64);
    for (const std::string& text :
         {std::string(), std::string("\0\xff", 2), std::string(65536, '<'), std::string(70000, ' '),
          std::string("<a/>"),
          "<!DOCTYPE x [<!ENTITY e 'y'>]>" + matches(match("tds:Device", "", "")), matches(""),
          probeMessage(ProbeType::Device, id)})
        ck_assert(read(text).empty());
}
END_TEST

static std::string recordedText(const char* name) {
    std::ifstream file(sharedDir() + "/onvif-samples/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What a mock of a real one says.
START_TEST(recordedMock) {
    std::string xml = recordedText("agsh-mock/Probe.xml");
    xml.replace(xml.find("RELATES_TO"), 10, "uuid:" + id);
    xml.replace(xml.find("SERVICE_URI"), 11, "http://192.0.2.7:8080/onvif/device_service");
    const auto found = read(xml);
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].name(), "PREDATOR");
    CHECK_STR(found[0].address(), "http://192.0.2.7:8080/onvif/device_service");
}
END_TEST

/// A summary of the answers of eight real ones, made answers again.
static std::vector<Found> eightCameras() {
    std::vector<Found> all;
    std::istringstream lines(recordedText("discovery/eight-cameras-20260113.txt"));
    std::string endpoint, xaddrs, scopes;
    const auto take = [&] {
        const auto host = net::Url::parse(xaddrs.substr(0, xaddrs.find(' ')));
        if (!host)
            return;
        for (Found& found :
             probeMatches(matches(match("", scopes, xaddrs, endpoint)), host->host, {id}))
            merge(all, std::move(found), 10);
        xaddrs.clear();
        scopes.clear();
    };
    for (std::string line; std::getline(lines, line);) {
        if (const auto at = line.find("Endpoint: "); at != std::string::npos) {
            take();
            endpoint = line.substr(at + 10);
        } else if (const auto x = line.find("XAddr: "); x != std::string::npos) {
            xaddrs += (xaddrs.empty() ? "" : " ") + line.substr(x + 7);
        } else if (const auto scope = line.find("- onvif://"); scope != std::string::npos) {
            scopes += " " + line.substr(scope + 2);
        }
    }
    take();
    return all;
}

START_TEST(recordedCamerasD5D10) {
    const auto all = eightCameras();
    ck_assert_uint_eq(all.size(), 8);
    const struct {
        const char *name, *hardware, *location, *address;
        std::vector<std::string> profiles;
    } rows[] = {
        {"IPC-BO", "E1Zoom", "china", "http://192.168.2.61:8000/onvif/device_service", {"S", "T"}},
        {"Bosch",
         "AUTODOME_IP_starlight_5000i",
         "",
         "http://192.168.2.57/onvif/device_service",
         {"G", "S", "T"}},
        {"AXIS P3818-PVE",
         "P3818-PVE",
         "",
         "http://192.168.2.82/onvif/device_service",
         {"G", "M", "S", "T"}},
    };
    for (std::size_t i = 0; i < std::size(rows); i++) {
        CHECK_STR(all[i].name(), rows[i].name);
        CHECK_STR(all[i].hardware(), rows[i].hardware);
        CHECK_STR(all[i].location(), rows[i].location);
        CHECK_STR(all[i].address(), rows[i].address);
        ck_assert(all[i].profiles() == rows[i].profiles);
    }
    for (const Found& found : all)
        ck_assert_msg(!found.name().empty() && !found.hardware().empty(), "%s",
                      found.endpoint.c_str());
}
END_TEST

int main() {
    const std::initializer_list<const TTest*> own = {
        probeShapeD4, oneCamera,     filterD3,        prefixesD3, onlyAnswersToUs,
        addressD5D6,  sendersD5,     mergeD7,         scopesD10,  endpointsThatAreAddressesD10,
        messageIds,   announcements, hostileDatagrams};
    const int failed = runSuite("probe", own);
    if (recordedText("agsh-mock/Probe.xml").empty()) {
        std::puts("skipped: the recorded answers are not in VIDEO_STREAM_SHARED_DIR");
        return failed;
    }
    return failed | runSuite("recorded answers", {recordedMock, recordedCamerasD5D10});
}
