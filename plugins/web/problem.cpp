#include "web/problem.hpp"

#include <glib.h>
#include <json-glib/json-glib.h>

#include <memory>

namespace web {
namespace {

constexpr const char* problemType = "application/problem+json";

/// As quiet as the page: nothing is loaded, for who may not come in gets no files.
constexpr const char* style =
    "html{height:100%;background:#0b0d10;color:#eef2f6;color-scheme:dark;"
    "font:16px/1.5 system-ui,sans-serif}"
    "body{min-height:100%;margin:0;display:grid;place-content:center;justify-items:center;"
    "text-align:center;padding:24px;box-sizing:border-box}"
    "h1{font-size:22px;margin:0 0 10px}p{color:#a9b5c1;max-width:34rem;margin:0}";

using Text = std::unique_ptr<char, decltype(&g_free)>;

std::string escaped(const std::string& text) {
    return Text(g_markup_escape_text(text.c_str(), -1), g_free).get();
}

/// What a Content-Security-Policy lets through as the one style (CSP3 section 2.3.1).
std::string styleSource() {
    guint8 digest[32];
    gsize size = sizeof digest;
    const std::unique_ptr<GChecksum, decltype(&g_checksum_free)> sum(
        g_checksum_new(G_CHECKSUM_SHA256), g_checksum_free);
    g_checksum_update(sum.get(), reinterpret_cast<const guchar*>(style), -1);
    g_checksum_get_digest(sum.get(), digest, &size);
    return std::string("'sha256-") + Text(g_base64_encode(digest, size), g_free).get() + "'";
}

const char* titleOf(int status) {
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

} // namespace

std::string jsonString(const std::string& text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (byte < 0x20)
            ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
        else
            out += c;
    }
    return out + "\"";
}

net::HttpReply problem(int status, const std::string& detail) {
    return {status,
            problemType,
            "{\"type\":\"about:blank\",\"title\":" + jsonString(titleOf(status)) + ",\"status\":" +
                std::to_string(status) + ",\"detail\":" + jsonString(detail) + "}\n",
            {}};
}

net::HttpReply forReader(net::HttpReply problem, const net::ServerRequest& request) {
    if (problem.type != problemType || request.method != "GET" ||
        request.header("Accept").find("text/html") == std::string::npos)
        return problem;
    const std::unique_ptr<JsonNode, decltype(&json_node_unref)> root(
        json_from_string(problem.body.c_str(), nullptr), json_node_unref);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root.get()))
        return problem;
    JsonObject* said = json_node_get_object(root.get());
    const std::string title =
        escaped(json_object_get_string_member_with_default(said, "title", ""));
    problem.type = "text/html; charset=utf-8";
    problem.body = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
                   title + "</title><style>" + style + "</style><h1>" + title + "</h1><p>" +
                   escaped(json_object_get_string_member_with_default(said, "detail", "")) +
                   "</p></html>\n";
    problem.headers.emplace_back("Content-Security-Policy",
                                 "default-src 'none'; style-src " + styleSource() +
                                     "; base-uri 'none'; form-action 'none'");
    problem.headers.emplace_back("Vary", "Accept");
    return problem;
}

} // namespace web
