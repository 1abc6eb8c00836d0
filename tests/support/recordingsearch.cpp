#include "support/recordingsearch.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

namespace camera {
namespace {

constexpr std::size_t mostSearches = 16;

std::string recordingInformation(const Device& device, const RecordedItem& recording) {
    const std::string from = xsdTime(recording.from), until = xsdTime(recording.until);
    std::string body =
        xmlLeaf("tt:RecordingToken", recording.token) +
        xmlTag("tt:Source",
               xmlLeaf("tt:SourceId", videoSourceToken) + xmlLeaf("tt:Name", device.name) +
                   xmlLeaf("tt:Location", "virtual") + xmlLeaf("tt:Description", recording.name) +
                   xmlLeaf("tt:Address", "urn:uuid:" + device.uuid)) +
        xmlLeaf("tt:EarliestRecording", from) + xmlLeaf("tt:LatestRecording", until) +
        xmlLeaf("tt:Content", recording.name);
    for (const RecordedItem::Track& track : recording.tracks)
        body += xmlTag("tt:Track", xmlLeaf("tt:TrackToken", track.token) +
                                       xmlLeaf("tt:TrackType", track.type) +
                                       xmlLeaf("tt:Description", track.type) +
                                       xmlLeaf("tt:DataFrom", from) + xmlLeaf("tt:DataTo", until));
    return body + xmlLeaf("tt:RecordingStatus", "Stopped");
}

/// Where the data of a track begins and where it ends, as the event that the specification has for
/// that.
std::string trackEvent(const RecordedItem& recording, const RecordedItem::Track& track,
                       bool begins) {
    const std::string time = xsdTime(begins ? recording.from : recording.until);
    const auto item = [](const std::string& name, const std::string& value) {
        return xmlTag("tt:SimpleItem", {},
                      "Name=\"" + name + "\" Value=\"" + net::xmlEscape(value) + "\"");
    };
    const std::string message = xmlTag(
        "tt:Message",
        xmlTag("tt:Source", item("Recording", recording.token) + item("Track", track.token)) +
            xmlTag("tt:Data", item("IsDataPresent", begins ? "true" : "false")),
        "UtcTime=\"" + time + "\" PropertyOperation=\"Changed\"");
    return xmlTag(
        "tt:Result",
        xmlLeaf("tt:RecordingToken", recording.token) + xmlLeaf("tt:TrackToken", track.token) +
            xmlLeaf("tt:Time", time) +
            xmlTag(
                "tt:Event",
                xmlTag("wsnt:Topic", "tns1:RecordingHistory/Track/State",
                       "Dialect=\"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet\"") +
                    xmlTag("wsnt:Message", message)) +
            xmlLeaf("tt:StartStateEvent", "false"));
}

/// Searches that have begun, and what each has still to hand out.
class Searches {
public:
    std::string begin(std::vector<std::string> results) {
        if (open_.size() >= mostSearches)
            open_.erase(open_.begin());
        const std::string token = "search" + std::to_string(next_++);
        open_[token] = std::move(results);
        return token;
    }

    /// The next results, at most MaxResults; the state is Completed when there are no more.
    std::string next(const net::XmlNode& arguments) {
        auto& left = open(arguments);
        const long wish = std::strtol(arguments.textAt("MaxResults").c_str(), nullptr, 10);
        const auto count =
            std::min<std::size_t>(left.size(), wish > 0 ? static_cast<std::size_t>(wish) : 100);
        std::string body =
            xmlLeaf("tt:SearchState", count == left.size() ? "Completed" : "Searching");
        for (std::size_t i = 0; i < count; ++i)
            body += left[i];
        left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count));
        return xmlTag("tse:ResultList", body);
    }

    void end(const net::XmlNode& arguments) {
        open(arguments);
        open_.erase(arguments.textAt("SearchToken"));
    }

private:
    std::vector<std::string>& open(const net::XmlNode& arguments) {
        const auto found = open_.find(arguments.textAt("SearchToken"));
        if (found == open_.end())
            throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                            "There is no search of that token.", "ter:InvalidToken");
        return found->second;
    }

    std::map<std::string, std::vector<std::string>> open_;
    unsigned next_ = 1;
};

std::string summary(const RecordingTable& recordings) {
    const auto all = recordings.all();
    Instant from{}, until{};
    for (const RecordedItem& recording : all) {
        from = from == Instant{} ? recording.from : std::min(from, recording.from);
        until = std::max(until, recording.until);
    }
    return xmlTag("tse:Summary", xmlLeaf("tt:DataFrom", xsdTime(from)) +
                                     xmlLeaf("tt:DataUntil", xsdTime(until)) +
                                     xmlLeaf("tt:NumberRecordings", static_cast<int>(all.size())));
}

/// The recordings that the scope of a search includes; it may name some, else it is all.
std::vector<RecordedItem> scoped(const RecordingTable& recordings, const net::XmlNode& arguments) {
    const auto scope = arguments.child("Scope");
    const auto wanted = scope ? scope->children("IncludedRecordings") : std::vector<net::XmlNode>{};
    std::vector<RecordedItem> found;
    for (RecordedItem& recording : recordings.all())
        if (wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& node) {
                return node.text() == recording.token;
            }))
            found.push_back(std::move(recording));
    return found;
}

Service described() {
    Service service;
    service.path = "/onvif/search_service";
    service.nameSpace = "http://www.onvif.org/ver10/search/wsdl";
    service.category = "Search";
    service.extension = true;
    service.legacy = xmlLeaf("tt:MetadataSearch", "false");
    service.versionMajor = 20;
    service.versionMinor = 6;
    service.capabilities =
        xmlTag("tse:Capabilities", {}, R"(MetadataSearch="false" GeneralStartEvents="false")");
    service.tellCapabilities("tse");
    return service;
}

void addFinders(Service& service, const Device& device, const RecordingTable& recordings,
                const std::shared_ptr<Searches>& searches) {
    service.operations["FindRecordings"] = {
        Access::Users, [&device, &recordings, searches](const auto& arguments, const auto&) {
            std::vector<std::string> results;
            for (const RecordedItem& recording : scoped(recordings, arguments))
                results.push_back(
                    xmlTag("tt:RecordingInformation", recordingInformation(device, recording)));
            return xmlTag("tse:FindRecordingsResponse",
                          xmlLeaf("tse:SearchToken", searches->begin(std::move(results))));
        }};
    service.operations["FindEvents"] = {
        Access::Users, [&recordings, searches](const auto& arguments, const auto&) {
            std::vector<std::string> results;
            for (const RecordedItem& recording : scoped(recordings, arguments))
                for (const RecordedItem::Track& track : recording.tracks)
                    for (const bool begins : {true, false})
                        results.push_back(trackEvent(recording, track, begins));
            return xmlTag("tse:FindEventsResponse",
                          xmlLeaf("tse:SearchToken", searches->begin(std::move(results))));
        }};
}

} // namespace

RecordedItem recordingOf(const RecordingTable& recordings, const std::string& token) {
    for (const RecordedItem& recording : recordings.all())
        if (recording.token == token)
            return recording;
    throw SoapFault(SoapFault::Side::Sender, "ter:InvalidArgVal",
                    "This camera has no recording of that token.", "ter:NoRecording");
}

Service searchService(const Device& device, const RecordingTable& recordings) {
    Service service = described();
    const auto searches = std::make_shared<Searches>();
    const auto add = [&](const std::string& name,
                         const std::function<std::string(const net::XmlNode&)>& work) {
        service.operations[name] = {Access::Users, [name, work](const auto& args, const auto&) {
                                        return xmlTag("tse:" + name + "Response", work(args));
                                    }};
    };
    add("GetRecordingSummary", [&recordings](const auto&) { return summary(recordings); });
    add("GetRecordingInformation", [&device, &recordings](const auto& args) {
        return xmlTag(
            "tse:RecordingInformation",
            recordingInformation(device, recordingOf(recordings, args.textAt("RecordingToken"))));
    });
    for (const char* name : {"GetRecordingSearchResults", "GetEventSearchResults"})
        add(name, [searches](const auto& args) { return searches->next(args); });
    add("EndSearch", [searches](const auto& args) {
        searches->end(args);
        return xmlLeaf("tse:Endpoint", xsdTime(std::chrono::system_clock::now()));
    });
    addFinders(service, device, recordings, searches);
    return service;
}

} // namespace camera
