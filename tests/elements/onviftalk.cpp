// Talking to a camera on real sockets: every way in, what the camera's record says about our
// requests (as ONVIF's client test specification looks at them), and every ill that it can be
// given, each with its code from the notes.
#include "base/error.hpp"
#include "cameratalk.hpp"
#include "redact.hpp"

#include <string>
#include <vector>

using base::ErrorKind;
using camera::Auth;
using camera::RequestNote;

static base::Error errorOf(const onvif::SourceSettings& settings) {
    try {
        find(settings);
    } catch (const base::Error& error) {
        const std::string all = error.what() + error.details();
        fail_unless(all.find("s3cret") == std::string::npos, "%s", all.c_str());
        return error;
    }
    ck_abort_msg("it was not refused");
    return base::Error(ErrorKind::Failed, "");
}

/// The request that first carried `proof`, after the same one was refused bare.
static RequestNote firstLogin(camera::VirtualCamera& camera, const char* proof) {
    const std::vector<RequestNote> notes = camera.record().all();
    for (std::size_t i = 0; i < notes.size(); i++) {
        if (notes[i].proof == "none")
            continue;
        fail_unless_equals_string(notes[i].proof.c_str(), proof);
        fail_unless(i > 0 && notes[i - 1].proof == "none" && !notes[i - 1].granted);
        fail_unless(notes[i - 1].operation == notes[i].operation);
        return notes[i];
    }
    ck_abort_msg("nobody logged in");
    return {};
}

static const struct Way {
    Auth auth;
    const char *proof, *name;
} ways[] = {{Auth::None, "none", "none"},
            {Auth::Digest, "digest", "digest MD5"},
            {Auth::Wsse, "wsse", "username token"},
            {Auth::Both, "digest", "digest MD5"},
            {Auth::DigestSha256, "digest", "digest SHA-256"},
            {Auth::DigestBoth, "digest", "digest SHA-256"}};

/// Quirks A4 and A6: bare first, then in the one way that is asked for, with no wrong login.
GST_START_TEST(everyWayInA4A6) {
    const Way& way = ways[__i__];
    camera::VirtualCamera camera(cameraWith(way.auth));
    const onvif::Stream stream = find(sourceFor(camera));
    fail_unless_equals_string(stream.authentication.c_str(), way.name);
    fail_unless(stream.uri == camera.rtspUrl(stream.profile.token), "%s", stream.uri.c_str());
    fail_unless_equals_int(camera.wrongLogins(), 0);
    for (const RequestNote& note : camera.record().all())
        fail_unless(note.proof == "none" || note.proof == way.proof, "%s was asked with %s",
                    note.operation.c_str(), note.proof.c_str());
}
GST_END_TEST

/// HTTPDIGEST-1: a request without authentication, its refusal, then realm, nonce and uri echoed.
GST_START_TEST(shapeOfHttpDigest) {
    camera::VirtualCamera camera(cameraWith(Auth::Digest));
    find(sourceFor(camera));
    const RequestNote login = firstLogin(camera, "digest");
    const std::string header = login.header("Authorization");
    for (const char* part : {"Digest username=\"admin\"", "realm=\"", "nonce=\"", "response=\"",
                             "qop=auth", "nc=00000001", "cnonce=\""})
        assertHas(header, part);
    assertHas(header, "uri=\"" + login.path + "\"");
    fail_unless(login.body.find("UsernameToken") == std::string::npos);
    fail_unless(header.find("s3cret") == std::string::npos);
}
GST_END_TEST

/// USERTOKENPROFILE-1: user name, digested password, nonce and time; and no Authorization beside
/// it.
GST_START_TEST(shapeOfUsernameToken) {
    camera::VirtualCamera camera(cameraWith(Auth::Wsse));
    find(sourceFor(camera));
    const RequestNote login = firstLogin(camera, "wsse");
    const auto document = net::XmlDocument::parse(login.body);
    const auto token = document.root().at("Header/Security/UsernameToken");
    fail_unless(token.has_value());
    fail_unless(token->textAt("Username") == "admin");
    assertHas(token->child("Password")->attribute("Type"), "#PasswordDigest");
    fail_unless_equals_int(token->textAt("Nonce").size(), 24); // 16 bytes as base64
    assertHas(token->textAt("Created"), "Z");
    fail_unless(login.header("Authorization").empty());
    fail_unless(login.body.find("s3cret") == std::string::npos);
}
GST_END_TEST

/// Quirks H1, H3, H4: a length, no Expect, nothing chunked, the action with the content type, one
/// line with the prefixes that pattern readers know.
GST_START_TEST(shapeOfRequestsH1H3H4) {
    camera::VirtualCamera camera(cameraWith(Auth::None));
    find(sourceFor(camera));
    const std::vector<RequestNote> notes = camera.record().all();
    fail_unless(notes.size() >= 4);
    for (const RequestNote& note : notes) {
        fail_unless_equals_string(note.method.c_str(), "POST");
        fail_unless(note.header("Expect").empty() && note.header("Transfer-Encoding").empty());
        fail_unless(note.header("Content-Length") == std::to_string(note.body.size()));
        assertHas(note.header("Content-Type"), "application/soap+xml; charset=utf-8; action=\"");
        assertHas(note.header("Content-Type"), "/" + note.operation + "\"");
        fail_unless(note.header("Content-Type").back() != ';');
        fail_unless(note.body.find('\n') == std::string::npos);
        assertHas(note.body, "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">");
        assertHas(note.body, "<s:Body xmlns:xsi=");
        assertHas(note.body, "<" + note.operation + " xmlns=\"http://www.onvif.org/ver");
    }
}
GST_END_TEST

static const struct Ill {
    const char *name, *value;
    const char* code;
    Auth auth;
    unsigned wrongLogins; ///< at most; each is one nearer to a locked account
} mild[] = {{"clock-skew", "3600", "A1", Auth::Wsse, 0},
            {"clock-skew", "-86400000", "A1", Auth::Wsse, 0},
            {"no-utc-time", "", "A3", Auth::Wsse, 0},
            {"clock-local", "", "A3", Auth::Wsse, 1},
            {"clock-needs-login", "", "A2", Auth::Wsse, 0},
            {"clock-needs-login", "", "A2", Auth::Digest, 0},
            {"wrong-xaddr", "10.255.255.1", "M3", Auth::Digest, 0},
            {"no-path-uri", "", "M6", Auth::None, 0},
            {"uri-user", "", "M6", Auth::None, 0},
            {"empty-401", "", "A4", Auth::Wsse, 0},
            {"empty-401", "", "A4", Auth::Digest, 0},
            {"echo-security", "", "A8", Auth::Wsse, 0},
            {"fault-400", "", "H2", Auth::Wsse, 0},
            {"fault-500", "", "H2", Auth::Wsse, 0},
            {"fault-200-empty", "", "H2", Auth::Wsse, 0},
            {"html-errors", "", "H2", Auth::Digest, 0},
            {"hang-up-unknown", "", "H2", Auth::None, 0},
            {"slow", "50", "", Auth::Digest, 0},
            {"action-required", "", "H1", Auth::None, 0},
            {"action-refused", "", "H1", Auth::None, 0},
            {"undeclared-prefixes", "", "X2", Auth::Wsse, 0},
            {"wrong-encoding", "", "X3", Auth::None, 0},
            {"invalid-utf8", "", "X3", Auth::None, 0},
            {"whitespace", "", "X3", Auth::Wsse, 0}};

/// What a camera may suffer from and still be a camera.
GST_START_TEST(livesWithTheIll) {
    const Ill& ill = mild[__i__];
    camera::Settings settings = cameraWith(ill.auth);
    settings.ills[ill.name] = ill.value;
    camera::VirtualCamera camera(settings);
    try {
        const onvif::Stream stream = find(sourceFor(camera));
        assertHas(stream.uri, "rtsp://127.0.0.1:");
        fail_unless(stream.uri.find('@') == std::string::npos);
        fail_unless(camera.wrongLogins() <= ill.wrongLogins, "%s (%s): %u wrong logins", ill.name,
                    ill.code, camera.wrongLogins());
    } catch (const base::Error& error) {
        ck_abort_msg("%s (%s): %s (%s)", ill.name, ill.code, error.what(), error.details().c_str());
    }
}
GST_END_TEST

static const struct Grave {
    const char *name, *value;
    const char* code;
    ErrorKind kind;
    const char* says;
} grave[] = {
    {"redirect", "http://192.0.2.1/onvif/device_service", "H6", ErrorKind::Unsupported,
     "redirects to http://192.0.2.1"},
    {"huge-answer", "", "X4", ErrorKind::BadData, "too large to be honest"},
    {"deep-answer", "", "X", ErrorKind::BadData, "as an ONVIF camera does"},
    {"doctype-bomb", "", "X", ErrorKind::BadData, "as an ONVIF camera does"},
};

/// What ends in one clear sentence.
GST_START_TEST(refusesTheIll) {
    const Grave& ill = grave[__i__];
    camera::Settings settings = cameraWith(Auth::None);
    settings.ills[ill.name] = ill.value;
    camera::VirtualCamera camera(settings);
    const base::Error error = errorOf(sourceFor(camera));
    assertHas(error.what(), ill.says);
    fail_unless(error.kind() == ill.kind, "%s (%s): %s", ill.name, ill.code, error.what());
}
GST_END_TEST

/// Quirk A5: however often a wrong password is started, the account sees it once.
GST_START_TEST(lockOutA5) {
    const Auth auth = __i__ ? Auth::Digest : Auth::Wsse;
    camera::Settings settings = cameraWith(auth);
    settings.ills["lock-out"] = "3";
    camera::VirtualCamera camera(settings);
    onvif::SourceSettings wrong = sourceFor(camera);
    wrong.userPw = "wrong s3cret";
    for (int i = 0; i < 10; i++) {
        const base::Error error = errorOf(wrong);
        fail_unless(error.kind() == ErrorKind::NotAuthorized);
        assertHas(error.what(), "user-id and user-pw");
    }
    fail_unless_equals_int(camera.wrongLogins(), 1);
    // The right one is let in: nothing was locked, here or there.
    find(sourceFor(camera));
}
GST_END_TEST

/// Quirk A8: the camera sends our header back, and the trace shows neither it nor ours.
GST_START_TEST(echoedSecretsA8) {
    camera::Settings settings = cameraWith(Auth::Wsse);
    settings.ills["echo-security"] = "";
    camera::VirtualCamera camera(settings);
    std::string traced;
    find(sourceFor(camera), [&](const std::string& what, const std::string& text) {
        traced += what + "\n" + text + "\n";
    });
    assertHas(traced, "UsernameToken");
    for (const RequestNote& note : camera.record().all()) {
        if (note.proof == "none")
            continue;
        const auto document = net::XmlDocument::parse(note.body);
        const auto token = document.root().find("UsernameToken");
        for (const char* secret : {"Password", "Nonce"})
            fail_unless(traced.find(token->textAt(secret)) == std::string::npos, "%s is shown",
                        secret);
    }
}
GST_END_TEST

/// Quirk M7: the picture has a login of its own.
GST_START_TEST(snapshotM7) {
    camera::VirtualCamera camera(cameraWith(Auth::Digest));
    const onvif::SourceSettings settings = sourceFor(camera);
    const onvif::Stream stream = find(settings);
    const net::Cancel cancel;
    onvif::Connection connection(*stream.whereabouts, onvif::connectionSettings(settings), cancel);
    const net::HttpResponse picture =
        connection.fetch(connection.device().snapshotUri(stream.profile), "the snapshot");
    fail_unless(picture.body.size() > 100 && picture.body.compare(0, 2, "\xff\xd8") == 0);
    fail_unless_equals_int(camera.wrongLogins(), 0);
}
GST_END_TEST

/// Two profiles and a wish.
GST_START_TEST(profilesByWish) {
    camera::Settings large = cameraWith(Auth::None);
    large.width = 1280;
    large.height = 720;
    camera::VirtualCamera camera(large);
    onvif::SourceSettings settings = sourceFor(camera);
    const onvif::Stream main = find(settings);
    settings.profile = "max-width=" + std::to_string(main.profile.width - 1) + ",codec=h264";
    const onvif::Stream smaller = find(settings);
    fail_unless(smaller.profile.width > 0 && smaller.profile.width < main.profile.width);
    settings.profile = "min-width=5000";
    assertHas(errorOf(settings).what(), main.profile.text());
    settings.profile = "max-with=5";
    fail_unless(errorOf(settings).kind() == ErrorKind::Settings);
}
GST_END_TEST

static Suite* onviftalk_suite() {
    Suite* suite = suite_create("onviftalk");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, everyWayInA4A6, 0, G_N_ELEMENTS(ways));
    tcase_add_test(tests, shapeOfHttpDigest);
    tcase_add_test(tests, shapeOfUsernameToken);
    tcase_add_test(tests, shapeOfRequestsH1H3H4);
    tcase_add_loop_test(tests, livesWithTheIll, 0, G_N_ELEMENTS(mild));
    tcase_add_loop_test(tests, refusesTheIll, 0, G_N_ELEMENTS(grave));
    tcase_add_loop_test(tests, lockOutA5, 0, 2);
    tcase_add_test(tests, echoedSecretsA8);
    tcase_add_test(tests, snapshotM7);
    tcase_add_test(tests, profilesByWish);
    return suite;
}

GST_CHECK_MAIN(onviftalk);
