#include "recordings.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <map>

using namespace onvif;

namespace {

/// A device that says what it is told to, and remembers what it was asked.
struct Recorder {
    explicit Recorder(std::initializer_list<const char*> services) {
        std::string list = service("device", wsdl::device) + service("media", wsdl::media);
        for (const char* space : services)
            list += service("extra", space);
        answers["GetServices"] = {list};
        device.open();
    }
    static std::string service(const char* path, const char* space) {
        return "<Service><Namespace>" + std::string(space) +
               "</Namespace><XAddr>http://192.0.2.9/" + path + "</XAddr></Service>";
    }
    net::HttpResponse exchange(const net::HttpRequest& request) {
        const auto slash = request.contentType.rfind('/');
        const std::string operation =
            request.contentType.substr(slash + 1, request.contentType.rfind('"') - slash - 1);
        asked.push_back(operation + " " + request.body);
        net::HttpResponse response;
        auto& texts = answers[operation];
        response.status = texts.empty() ? 500 : 200;
        response.body = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>";
        response.body += texts.empty() ? "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>"
                                         "<s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>"
                                       : "<" + operation + "Response>" + texts.front() + "</" +
                                             operation + "Response>";
        response.body += "</s:Body></s:Envelope>";
        if (texts.size() > 1)
            texts.erase(texts.begin());
        return response;
    }
    int count(const std::string& operation) const {
        int n = 0;
        for (const std::string& text : asked)
            n += text.rfind(operation + " ", 0) == 0;
        return n;
    }

    std::map<std::string, std::vector<std::string>> answers;
    std::vector<std::string> asked;
    SoapClient soap{[this](const net::HttpRequest& request) { return exchange(request); }, {}};
    Device device{soap, *net::Url::parse("http://192.0.2.9/onvif/device_service")};
};

std::string found(const char* state, const std::string& recordings) {
    return "<ResultList><SearchState>" + std::string(state) + "</SearchState>" + recordings +
           "</ResultList>";
}

std::string information(const std::string& token, const char* name, const char* until) {
    return "<RecordingInformation><RecordingToken>" + token +
           "</RecordingToken><Source><SourceId>x</SourceId><Name>" + name +
           "</Name></Source><EarliestRecording>2026-01-31T10:00:00Z</EarliestRecording>"
           "<LatestRecording>" +
           until + "</LatestRecording></RecordingInformation>";
}

} // namespace

START_TEST(searchGathersAndEnds) {
    Recorder recorder({wsdl::search, wsdl::replay});
    recorder.answers["FindRecordings"] = {"<SearchToken>a&amp;b</SearchToken>"};
    recorder.answers["GetRecordingSearchResults"] = {
        found("Searching", information("R1", "Door", "2026-01-31T11:00:00Z")),
        found("Completed", information("R1", "Door", "2026-01-31T11:00:00Z") +
                               information("R2", "Yard", "2026-01-31T12:30:00Z"))};
    recorder.answers["EndSearch"] = {"<Endpoint>2026-01-31T12:30:00Z</Endpoint>"};
    const auto all = findRecordings(recorder.device);
    ck_assert_uint_eq(all.size(), 2);
    CHECK_STR(all[0].text(), "R1 (Door, 2026-01-31T10:00:00.000Z to 2026-01-31T11:00:00.000Z)");
    ck_assert_int_eq(recorder.count("GetRecordingSearchResults"), 2);
    ck_assert_int_eq(recorder.count("EndSearch"), 1);
    ck_assert(recorder.asked.back().find("a&amp;b") != std::string::npos);
    CHECK_STR(chooseRecording(all, "latest").token, "R2");
    CHECK_STR(chooseRecording(all, "R1").token, "R1");
    CHECK_STR(chooseRecording(all, "yard").token, "R2");
}
END_TEST

/// A device that never comes to an end, or with millions, is left.
START_TEST(searchIsBounded) {
    Recorder recorder({wsdl::search});
    recorder.answers["FindRecordings"] = {"<SearchToken>t</SearchToken>"};
    std::string many;
    for (int i = 0; i < 3000; i++)
        many += information("R" + std::to_string(i), "x", "2026-01-31T11:00:00Z");
    recorder.answers["GetRecordingSearchResults"] = {found("Searching", many)};
    ck_assert_uint_eq(findRecordings(recorder.device).size(), 1000);
    ck_assert_int_le(recorder.count("GetRecordingSearchResults"), 20);
    ck_assert_int_eq(recorder.count("EndSearch"), 1);
}
END_TEST

START_TEST(listStandsInForSearch) {
    for (const bool broken : {false, true}) {
        Recorder recorder(broken ? std::initializer_list<const char*>{wsdl::search, wsdl::recording}
                                 : std::initializer_list<const char*>{wsdl::recording});
        recorder.answers["GetRecordings"] = {
            "<RecordingItem><RecordingToken>one</RecordingToken><Configuration><Source><Name/>"
            "</Source><Content>Everything</Content></Configuration></RecordingItem>"};
        const auto all = findRecordings(recorder.device);
        ck_assert_uint_eq(all.size(), 1);
        CHECK_STR(all[0].text(), "one (Everything)");
        CHECK_STR(chooseRecording(all, "latest").token, "one");
    }
}
END_TEST

START_TEST(errorsNameWhatThereIs) {
    Recorder none({});
    std::string said;
    try {
        findRecordings(none.device);
    } catch (const base::Error& error) {
        said = error.what();
    }
    ck_assert(said.find("Profile G") != std::string::npos);
    Recording one;
    one.token = "R7";
    try {
        chooseRecording({one}, "R8");
    } catch (const base::Error& error) {
        said = error.what();
    }
    ck_assert(said.find("R7") != std::string::npos);
}
END_TEST

/// Behind NAT the device names a host of its own world.
START_TEST(replayAddressIsRepaired) {
    Recorder recorder({wsdl::replay});
    recorder.answers["GetReplayUri"] = {"<Uri>rtsp://10.9.9.9:554/replay?token=R1</Uri>"};
    Recording recording;
    recording.token = "R<1>";
    CHECK_STR(replayUri(recorder.device, recording, StreamTransport::Tcp),
              "rtsp://192.0.2.9:554/replay?token=R1");
    ck_assert(recorder.asked.back().find("<RecordingToken>R&lt;1&gt;</RecordingToken>") !=
              std::string::npos);
    ck_assert(recorder.asked.back().find("RTP-Unicast") != std::string::npos);
}
END_TEST

CHECK_MAIN("recordings", searchGathersAndEnds, searchIsBounded, listStandsInForSearch,
           errorsNameWhatThereIs, replayAddressIsRepaired)
