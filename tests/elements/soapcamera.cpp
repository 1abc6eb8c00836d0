#include "soapcamera.hpp"

#include "rtspserver/hangup.hpp"

#include <gst/rtp/gstrtpbuffer.h>
#include <sys/socket.h>

#include <future>

namespace {

std::string between(const std::string& text, const std::string& start, const char* ends) {
    const auto at = text.find(start);
    if (at == std::string::npos)
        return {};
    const auto from = at + start.size();
    return text.substr(from, text.find_first_of(ends, from) - from);
}

/// The first element inside the body.
std::string operationOf(const std::string& body) {
    const auto at = body.find("<s:Body");
    return at == std::string::npos ? "" : between(body.substr(body.find('>', at)), "<", " />");
}

std::string header(SoupMessageHeaders* headers, const char* name) {
    const char* value = soup_message_headers_get_one(headers, name);
    return value ? value : "";
}

void resetWhenClosed(GstRTSPClient* client) {
    GSocket* socket = gst_rtsp_connection_get_read_socket(gst_rtsp_client_get_connection(client));
    const linger now = {1, 0};
    setsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// Marks a packet with its buffer's time, as a recorder does (ONVIF Streaming, "RTP header
/// extension").
void stamp(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(packet, GST_MAP_READWRITE, &rtp);
    gpointer data = nullptr;
    gst_rtp_buffer_set_extension_data(&rtp, 0xABAC, 3);
    gst_rtp_buffer_get_extension_data(&rtp, nullptr, &data, nullptr);
    const GstClockTime time = GST_BUFFER_PTS(packet);
    auto* words = static_cast<guint8*>(data);
    GST_WRITE_UINT32_BE(words, static_cast<guint32>(time / GST_SECOND));
    GST_WRITE_UINT32_BE(words + 4,
                        static_cast<guint32>(gst_util_uint64_scale(
                            time % GST_SECOND, G_GUINT64_CONSTANT(1) << 32, GST_SECOND)));
    GST_WRITE_UINT32_BE(words + 8, 0);
    gst_rtp_buffer_unmap(&rtp);
}

GstPadProbeReturn stampAll(GstPad*, GstPadProbeInfo* info, gpointer) {
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        auto* packet = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
        stamp(packet);
        info->data = packet;
        return GST_PAD_PROBE_OK;
    }
    auto* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    for (guint i = 0; i < gst_buffer_list_length(list); i++)
        stamp(gst_buffer_list_get_writable(list, i));
    info->data = list;
    return GST_PAD_PROBE_OK;
}

void stampMedia(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer) {
    GstElement* bin = gst_rtsp_media_get_element(media);
    GstElement* payloader = gst_bin_get_by_name(GST_BIN(bin), "pay0");
    GstPad* pad = gst_element_get_static_pad(payloader, "src");
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        stampAll, nullptr, nullptr);
    gst_object_unref(pad);
    gst_object_unref(payloader);
    gst_object_unref(bin);
}

GstRTSPMediaFactory* onvifFactory() {
    GstRTSPMediaFactory* factory = gst_rtsp_onvif_media_factory_new();
    gst_rtsp_media_factory_set_media_gtype(factory, GST_TYPE_RTSP_ONVIF_MEDIA);
    return factory;
}

} // namespace

SoapCamera::SoapCamera(GTlsCertificate* certificate)
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)) {
    g_main_context_push_thread_default(context_);
    soap_ = soup_server_new(nullptr, nullptr);
    if (certificate)
        soup_server_set_tls_certificate(soap_, certificate);
    soup_server_add_handler(soap_, nullptr, handle, this, nullptr);
    GError* error = nullptr;
    const int how = SOUP_SERVER_LISTEN_IPV4_ONLY | (certificate ? SOUP_SERVER_LISTEN_HTTPS : 0);
    if (!soup_server_listen_local(soap_, 0, static_cast<SoupServerListenOptions>(how), &error))
        g_error("%s", error->message);
    g_main_context_pop_thread_default(context_);
    GSList* uris = soup_server_get_uris(soap_);
    base_ = (certificate ? "https://127.0.0.1:" : "http://127.0.0.1:") +
            std::to_string(g_uri_get_port(static_cast<GUri*>(uris->data)));
    g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
    answer("GetSystemDateAndTime", {200, fault("ter:ActionNotSupported", "no clock")});
    answer("GetServices",
           {200,
            "<GetServicesResponse><Service><Namespace>http://www.onvif.org/ver10/device/wsdl"
            "</Namespace><XAddr>http://192.0.2.1/onvif/device_service</XAddr></Service><Service>"
            "<Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>"
            "http://192.0.2.1/onvif/media</XAddr></Service></GetServicesResponse>"});
    answer("GetDeviceInformation",
           {200,
            "<GetDeviceInformationResponse><Manufacturer>Acme</Manufacturer><Model>Eye 1</Model>"
            "<FirmwareVersion>1.0</FirmwareVersion></GetDeviceInformationResponse>"});
    thread_ = std::thread([this] { run(); });
}

SoapCamera::~SoapCamera() {
    g_main_loop_quit(loop_);
    thread_.join();
    g_main_context_push_thread_default(context_);
    if (rtsp_) {
        g_source_destroy(g_main_context_find_source_by_id(context_, rtspSource_));
        rtspserver::hangUpOnAll(rtsp_);
        g_object_unref(rtsp_);
    }
    soup_server_disconnect(soap_);
    for (SoupServerMessage* message : hanging_)
        g_object_unref(message);
    g_object_unref(soap_);
    while (g_main_context_iteration(context_, FALSE))
        continue;
    g_main_context_pop_thread_default(context_);
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
}

void SoapCamera::run() {
    g_main_context_push_thread_default(context_);
    g_main_loop_run(loop_);
    g_main_context_pop_thread_default(context_);
}

GstRTSPStatusCode SoapCamera::onRequest(GstRTSPClient*, GstRTSPContext* context, gpointer data) {
    auto* self = static_cast<SoapCamera*>(data);
    std::string seen = gst_rtsp_method_as_text(context->method);
    for (const char* name : {"Require", "Range", "Immediate", "Rate-Control"}) {
        char* value = nullptr;
        if (gst_rtsp_message_get_header_by_name(context->request, name, &value, 0) == GST_RTSP_OK)
            seen += std::string(" ") + name + "=" + value;
    }
    const std::lock_guard<std::mutex> lock(self->mutex_);
    self->rtspRequests_.push_back(seen);
    return GST_RTSP_STS_OK;
}

void SoapCamera::onClient(GstRTSPServer*, GstRTSPClient* client, gpointer self) {
    g_signal_connect(client, "pre-setup-request", G_CALLBACK(onRequest), self);
    g_signal_connect(client, "pre-play-request", G_CALLBACK(onRequest), self);
}

std::vector<std::string> SoapCamera::rtspRequests() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return rtspRequests_;
}

/// Its address, on a host of its own world, as behind NAT.
std::string SoapCamera::serve(GstRTSPServer* server, GstRTSPMediaFactory* factory,
                              const char* launch) {
    rtsp_ = server;
    factory_ = factory;
    gst_rtsp_server_set_address(rtsp_, "127.0.0.1");
    gst_rtsp_server_set_service(rtsp_, "0");
    gst_rtsp_media_factory_set_launch(factory_, launch);
    g_signal_connect(rtsp_, "client-connected", G_CALLBACK(onClient), this);
    GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(rtsp_);
    gst_rtsp_mount_points_add_factory(mounts, "/live", factory_);
    g_object_unref(mounts);
    rtspSource_ = gst_rtsp_server_attach(rtsp_, context_);
    return "<Uri>rtsp://192.0.2.1:" + std::to_string(gst_rtsp_server_get_bound_port(rtsp_)) +
           "/live</Uri>";
}

void SoapCamera::stream(const char* launch) { talk(launch, nullptr); }

void SoapCamera::record(const char* launch) {
    GstRTSPMediaFactory* factory = onvifFactory();
    gst_rtsp_onvif_media_factory_set_replay_support(GST_RTSP_ONVIF_MEDIA_FACTORY(factory), TRUE);
    g_signal_connect(factory, "media-constructed", G_CALLBACK(stampMedia), nullptr);
    const std::string uri = serve(gst_rtsp_onvif_server_new(), factory, launch);
    const auto service = [](const char* name) {
        return "<Service><Namespace>http://www.onvif.org/ver10/" + std::string(name) +
               "/wsdl</Namespace><XAddr>http://192.0.2.1/onvif/" + name + "</XAddr></Service>";
    };
    answer("GetServices",
           {200, "<GetServicesResponse>" + service("device") + service("media") +
                     service("search") + service("replay") + "</GetServicesResponse>"});
    answer("FindRecordings",
           {200, "<FindRecordingsResponse><SearchToken>1</SearchToken></FindRecordingsResponse>"});
    answer("GetRecordingSearchResults",
           {200, "<GetRecordingSearchResultsResponse><ResultList><SearchState>Completed"
                 "</SearchState><RecordingInformation><RecordingToken>R1</RecordingToken>"
                 "<Source><Name>Door</Name></Source><EarliestRecording>2026-01-31T12:00:00Z"
                 "</EarliestRecording><LatestRecording>2026-01-31T13:00:00Z</LatestRecording>"
                 "</RecordingInformation></ResultList></GetRecordingSearchResultsResponse>"});
    answer("EndSearch", {200, "<EndSearchResponse/>"});
    answer("GetReplayUri", {200, "<GetReplayUriResponse>" + uri + "</GetReplayUriResponse>"});
}

void SoapCamera::talk(const char* launch, const char* ear) {
    GstRTSPMediaFactory* factory = nullptr;
    if (ear) {
        factory = onvifFactory();
        gst_rtsp_onvif_media_factory_set_backchannel_launch(GST_RTSP_ONVIF_MEDIA_FACTORY(factory),
                                                            ear);
    } else {
        factory = gst_rtsp_media_factory_new();
    }
    const std::string uri =
        serve(ear ? gst_rtsp_onvif_server_new() : gst_rtsp_server_new(), factory, launch);
    answer("GetProfiles",
           {200, "<GetProfilesResponse>" + profile("small", "sub", "H264", 320, 240) +
                     profile("large", "main", "H264", 640, 480) + "</GetProfilesResponse>"});
    answer("GetStreamUri",
           {200, "<GetStreamUriResponse><MediaUri>" + uri + "</MediaUri></GetStreamUriResponse>"});
}

void SoapCamera::inItsThread(std::function<void()> work) {
    using Task = std::packaged_task<void()>;
    auto* task = new Task(std::move(work));
    const auto done = task->get_future();
    const auto run = [](gpointer data) -> gboolean {
        (*static_cast<Task*>(data))();
        return G_SOURCE_REMOVE;
    };
    const auto forget = [](gpointer data) { delete static_cast<Task*>(data); };
    g_main_context_invoke_full(context_, G_PRIORITY_DEFAULT, run, task, forget);
    done.wait();
}

void SoapCamera::hangUp(const char* launch) {
    gst_rtsp_media_factory_set_launch(factory_, launch);
    inItsThread([this] { rtspserver::hangUpOnAll(rtsp_); });
}

void SoapCamera::crash() {
    inItsThread([this] {
        GList* clients = gst_rtsp_server_client_filter(rtsp_, nullptr, nullptr);
        for (GList* each = clients; each; each = each->next)
            resetWhenClosed(static_cast<GstRTSPClient*>(each->data));
        g_list_free_full(clients, g_object_unref);
        rtspserver::hangUpOnAll(rtsp_);
    });
}

void SoapCamera::answer(const std::string& operation, Answer answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answers_[operation] = std::move(answer);
}

std::vector<SoapCamera::Request> SoapCamera::requests() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
}

int SoapCamera::count(const std::string& operation) {
    int n = 0;
    for (const Request& request : requests())
        n += request.operation == operation;
    return n;
}

std::string SoapCamera::profile(const char* token, const char* name, const char* encoding,
                                int width, int height) {
    return std::string("<Profiles token=\"") + token + "\"><Name>" + name +
           "</Name><VideoEncoderConfiguration><Encoding>" + encoding +
           "</Encoding><Resolution><Width>" + std::to_string(width) + "</Width><Height>" +
           std::to_string(height) + "</Height></Resolution></VideoEncoderConfiguration></Profiles>";
}

std::string SoapCamera::fault(const char* subcode, const char* reason) {
    return std::string("<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>") +
           subcode + "</s:Value></s:Subcode></s:Code><s:Reason><s:Text>" + reason +
           "</s:Text></s:Reason></s:Fault>";
}

void SoapCamera::handle(SoupServer*, SoupServerMessage* message, const char* path, GHashTable*,
                        gpointer data) {
    auto* self = static_cast<SoapCamera*>(data);
    SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
    SoupMessageBody* body = soup_server_message_get_request_body(message);
    Request request{"", path, std::string(body->data, static_cast<std::size_t>(body->length)),
                    header(headers, "Content-Type"), header(headers, "Authorization")};
    request.operation = operationOf(request.body);
    Answer answer{500, fault("ter:ActionNotSupported", "not implemented")};
    {
        const std::lock_guard<std::mutex> lock(self->mutex_);
        self->requests_.push_back(request);
        if (const auto known = self->answers_.find(request.operation);
            known != self->answers_.end())
            answer = known->second;
    }
    if (self->judge)
        answer = self->judge(request, answer);
    if (answer.hang) {
        soup_server_message_pause(message);
        self->hanging_.push_back(SOUP_SERVER_MESSAGE(g_object_ref(message)));
        return;
    }
    const std::string text =
        answer.raw ? answer.body
                   : "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>" +
                         answer.body + "</s:Body></s:Envelope>";
    SoupMessageHeaders* out = soup_server_message_get_response_headers(message);
    if (!answer.authenticate.empty())
        soup_message_headers_append(out, "WWW-Authenticate", answer.authenticate.c_str());
    if (!answer.location.empty())
        soup_message_headers_append(out, "Location", answer.location.c_str());
    soup_server_message_set_status(message, static_cast<guint>(answer.status), nullptr);
    soup_server_message_set_response(message, "application/soap+xml", SOUP_MEMORY_COPY, text.data(),
                                     text.size());
}
