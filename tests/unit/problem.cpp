#include "web/problem.hpp"

#include "check.hpp"

static net::ServerRequest from(const char* accept, const char* method = "GET") {
    net::ServerRequest request;
    request.method = method;
    request.headers = {{"Accept", accept}};
    return request;
}

static bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

START_TEST(programsGetJson) {
    const net::HttpReply said = web::problem(404, "No \"such\" thing.");
    for (const char* accept : {"", "*/*", "application/json"}) {
        const auto reply = web::forReader(said, from(accept));
        CHECK_STR(reply.type, "application/problem+json");
        ck_assert(has(reply.body, "No \\\"such\\\" thing."));
    }
    CHECK_STR(web::forReader(said, from("text/html", "POST")).type, said.type);
    // What is no problem stays what it is.
    const auto file = web::forReader({200, "text/plain", "{}", {}}, from("text/html"));
    CHECK_STR(file.body, "{}");
}
END_TEST

START_TEST(peopleGetAPage) {
    const auto reply = web::forReader(web::problem(401, "<script>alert(1)</script> & \"more\""),
                                      from("text/html,application/xhtml+xml,*/*;q=0.8"));
    ck_assert_int_eq(reply.status, 401);
    CHECK_STR(reply.type, "text/html; charset=utf-8");
    ck_assert(has(reply.body, "<h1>Unauthorized</h1>"));
    ck_assert(has(reply.body, "&lt;script&gt;alert(1)&lt;/script&gt; &amp;"));
    ck_assert(!has(reply.body, "<script"));
    net::ServerRequest lookup;
    lookup.headers = reply.headers;
    const std::string policy = lookup.header("Content-Security-Policy");
    ck_assert(has(policy, "default-src 'none'; style-src 'sha256-"));
    ck_assert(!has(policy, "unsafe"));
}
END_TEST

CHECK_MAIN("problem", programsGetJson, peopleGetAPage)
