#include "probe.hpp"

#include "check.hpp"
#include "net/xml.hpp"

#include <fstream>
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
    };
    for (const auto& row : rows)
        ck_assert_msg(read(matches(match(row.types, row.scopes, ""))).empty() != row.camera,
                      "%s %s", row.types, row.scopes);
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

/// What a mock of a real one says, and what eight real ones put in their scopes.
START_TEST(recorded) {
    std::ifstream file(sharedDir() + "/onvif-samples/agsh-mock/Probe.xml");
    if (!file)
        return;
    std::stringstream text;
    text << file.rdbuf();
    std::string xml = text.str();
    xml.replace(xml.find("RELATES_TO"), 10, "uuid:" + id);
    xml.replace(xml.find("SERVICE_URI"), 11, "http://192.0.2.7:8080/onvif/device_service");
    const auto found = read(xml);
    ck_assert_uint_eq(found.size(), 1);
    CHECK_STR(found[0].name(), "PREDATOR");
    CHECK_STR(found[0].address(), "http://192.0.2.7:8080/onvif/device_service");
}
END_TEST

CHECK_MAIN("probe", probeShapeD4, oneCamera, filterD3, onlyAnswersToUs, addressD5D6, mergeD7,
           hostileDatagrams, recorded)
