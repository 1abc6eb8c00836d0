#include "soapcamera.hpp"

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

GstRTSPFilterResult dropClient(GstRTSPServer*, GstRTSPClient*, gpointer) {
    return GST_RTSP_FILTER_REMOVE;
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
        gst_rtsp_server_client_filter(rtsp_, dropClient, nullptr);
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

void SoapCamera::stream(const char* launch) {
    rtsp_ = gst_rtsp_server_new();
    gst_rtsp_server_set_address(rtsp_, "127.0.0.1");
    gst_rtsp_server_set_service(rtsp_, "0");
    factory_ = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory_, launch);
    GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(rtsp_);
    gst_rtsp_mount_points_add_factory(mounts, "/live", factory_);
    g_object_unref(mounts);
    rtspSource_ = gst_rtsp_server_attach(rtsp_, context_);
    const int port = gst_rtsp_server_get_bound_port(rtsp_);
    answer("GetProfiles",
           {200, "<GetProfilesResponse>" + profile("small", "sub", "H264", 320, 240) +
                     profile("large", "main", "H264", 640, 480) + "</GetProfilesResponse>"});
    // A host of its own world, as behind NAT.
    answer("GetStreamUri",
           {200, "<GetStreamUriResponse><MediaUri><Uri>rtsp://192.0.2.1:" + std::to_string(port) +
                     "/live</Uri></MediaUri></GetStreamUriResponse>"});
}

void SoapCamera::hangUp(const char* launch) {
    gst_rtsp_media_factory_set_launch(factory_, launch);
    gst_rtsp_server_client_filter(rtsp_, dropClient, nullptr);
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
