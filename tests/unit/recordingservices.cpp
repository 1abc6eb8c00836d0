#include "camera.hpp"

using namespace std::chrono_literals;

namespace {

const camera::Instant noon(1789000000s);

/// A camera that has recorded two things.
struct Recorder : Camera {
    Recorder() {
        services.recordings.set(
            {{"r1", "Yard", {{"v1", "Video"}, {"a1", "Audio"}}, noon, noon + 1h},
             {"r2", "Gate", {{"v2", "Video"}}, noon - 2h, noon - 1h}});
    }
};

std::string search(const std::string& token, int most = 100) {
    return "<x:SearchToken>" + token + "</x:SearchToken><x:MaxResults>" + std::to_string(most) +
           "</x:MaxResults><x:WaitTime>PT1S</x:WaitTime>";
}

std::string recording(const std::string& token) {
    return "<x:RecordingToken>" + token + "</x:RecordingToken>";
}

} // namespace

START_TEST(recordings) {
    Recorder camera;
    const auto answer = camera.call("recording_service", "GetRecordings");
    const auto items = answer.root().findAll("RecordingItem");
    ck_assert_uint_eq(items.size(), 2);
    CHECK_STR(items[0].textAt("RecordingToken"), "r1");
    ck_assert_uint_eq(items[0].find("Tracks")->children("Track").size(), 2);
    CHECK_STR(items[0].textAt("Tracks/Track/Configuration/TrackType"), "Video");
    Camera empty;
    ck_assert(!empty.call("recording_service", "GetRecordings").root().find("RecordingItem"));
    empty.call("search_service", "GetRecordingSummary");
}
END_TEST

START_TEST(searches) {
    Recorder camera;
    const std::string service = "search_service";
    const auto summary = camera.call(service, "GetRecordingSummary");
    CHECK_STR(summary.root().find("DataFrom")->text(), camera::xsdTime(noon - 2h));
    CHECK_STR(summary.root().find("DataUntil")->text(), camera::xsdTime(noon + 1h));
    CHECK_STR(summary.root().find("NumberRecordings")->text(), "2");
    const auto found = camera.call(service, "FindRecordings", "<x:Scope/>");
    const std::string token = found.root().find("SearchToken")->text();
    const auto first = camera.call(service, "GetRecordingSearchResults", search(token, 1));
    CHECK_STR(first.root().find("SearchState")->text(), "Searching");
    CHECK_STR(first.root().find("RecordingInformation")->textAt("EarliestRecording"),
              camera::xsdTime(noon));
    const auto rest = camera.call(service, "GetRecordingSearchResults", search(token));
    CHECK_STR(rest.root().find("SearchState")->text(), "Completed");
    CHECK_STR(rest.root().find("RecordingInformation")->textAt("RecordingToken"), "r2");
    camera.call(service, "EndSearch", search(token));
    CHECK_STR(camera.fault(service, "GetRecordingSearchResults", search(token)),
              "ter:InvalidToken");
    const auto one = camera.call(service, "FindRecordings",
                                 "<x:Scope><x:IncludedRecordings>r2</x:IncludedRecordings>"
                                 "</x:Scope>");
    const auto only = camera.call(service, "GetRecordingSearchResults",
                                  search(one.root().find("SearchToken")->text()));
    ck_assert_uint_eq(only.root().findAll("RecordingInformation").size(), 1);
    const auto told = camera.call(service, "GetRecordingInformation", recording("r1"));
    ck_assert_uint_eq(told.root().find("RecordingInformation")->children("Track").size(), 2);
}
END_TEST

START_TEST(eventsOfRecordings) {
    Recorder camera;
    const auto found = camera.call("search_service", "FindEvents");
    const auto answer = camera.call("search_service", "GetEventSearchResults",
                                    search(found.root().find("SearchToken")->text()));
    const auto results = answer.root().findAll("Result");
    ck_assert_uint_eq(results.size(), 6); // begin and end of each track
    CHECK_STR(results[1].textAt("Time"), camera::xsdTime(noon + 1h));
    CHECK_STR(results[1].find("Data")->child("SimpleItem")->attribute("Value"), "false");
}
END_TEST

START_TEST(forgottenSearches) {
    Recorder camera;
    std::string first;
    for (int i = 0; i < 30; ++i) {
        const auto found = camera.call("search_service", "FindRecordings");
        if (first.empty())
            first = found.root().find("SearchToken")->text();
    }
    CHECK_STR(camera.fault("search_service", "GetRecordingSearchResults", search(first)),
              "ter:InvalidToken");
}
END_TEST

START_TEST(replay) {
    Recorder camera;
    const auto answer = camera.call("replay_service", "GetReplayUri", recording("r2"));
    CHECK_STR(answer.root().find("Uri")->text(), "rtsp://192.0.2.1:554/replay/r2");
    CHECK_STR(camera.fault("replay_service", "GetReplayUri", recording("r3")), "ter:NoRecording");
    camera.call("replay_service", "GetReplayConfiguration");
}
END_TEST

CHECK_MAIN("recordingservices", recordings, searches, eventsOfRecordings, forgottenSearches, replay)
