// The ills of the virtual camera, one by one, on what it would say: the name of each test is what
// the ill promises. And the commands that bring them.
#include "support/ills.hpp"

#include "base/error.hpp"
#include "check.hpp"
#include "support/answerills.hpp"
#include "support/control.hpp"
#include "support/lockout.hpp"

#include <glib.h>

#include <set>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;

namespace {

const std::string body = camera::xmlTag("trt:GetProfilesResponse",
                                        camera::xmlTag("trt:Profiles", "<tt:Name>Main</tt:Name>"));

/// What a camera with these ills makes of an answer.
net::HttpReply answer(const std::map<std::string, std::string>& names,
                      const std::optional<camera::SoapRequest>& request = {}) {
    return camera::ailing({200, "application/soap+xml", camera::soapEnvelope(body), {}},
                          camera::Ills(names), request);
}

net::HttpReply fault(const std::string& name, int status = 500) {
    const camera::SoapFault thrown(camera::SoapFault::Side::Receiver, "ter:Action", "No.");
    return camera::ailing({status, "application/soap+xml", thrown.envelope(), {}},
                          camera::Ills{{name, ""}}, {});
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string messageOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::Settings);
        return error.what();
    }
    return {};
}

bool isXml(const std::string& text, std::size_t limit = net::XmlDocument::maxBytes) {
    try {
        net::XmlDocument::parse(text, limit);
        return true;
    } catch (const base::Error&) {
        return false;
    }
}

} // namespace

START_TEST(namesAndValues) {
    camera::Ills ills{{"slow", "20"}};
    ck_assert(ills.has("slow") && !ills.has("html-errors"));
    ck_assert_int_eq(ills.number("slow"), 20);
    ck_assert_int_eq(ills.number("clock-skew", 7), 7);
    ills.set("clock-skew", "-3600");
    ck_assert_int_eq(ills.number("clock-skew"), -3600);
    ills.clear("slow");
    ills.clear("slow");
    ck_assert(!ills.has("slow") && ills.value("slow").empty());
    const std::string unknown = messageOf([&] { ills.set("hiccups"); });
    for (const camera::IllKind& kind : camera::illKinds())
        ck_assert_msg(has(unknown, kind.name), "%s", unknown.c_str());
    for (const auto& [name, value] : {std::pair{"slow", ""},
                                      {"slow", "1x"},
                                      {"slow", "9999999999"},
                                      {"wrong-xaddr", ""},
                                      {"html-errors", "yes"}})
        ck_assert_msg(!messageOf([&, n = name, v = value] { ills.set(n, v); }).empty(), "%s", name);
    ck_assert(!messageOf([&] { ills.clear("hiccups"); }).empty());
    bool caught = false;
    try {
        ills.has("hiccups");
    } catch (const std::logic_error&) {
        caught = true;
    }
    ck_assert(caught);
}
END_TEST

START_TEST(eachKindOnce) {
    std::set<std::string> names;
    for (const camera::IllKind& kind : camera::illKinds()) {
        ck_assert_msg(names.insert(kind.name).second, "%s", kind.name);
        ck_assert((kind.value == camera::IllKind::Value::None) == !*kind.placeholder);
        ck_assert(*kind.meaning);
    }
}
END_TEST

START_TEST(fromManyThreads) {
    camera::Ills ills;
    std::thread other([&] {
        for (int i = 0; i < 5000; ++i)
            i % 2 ? ills.clear("wrong-xaddr") : ills.set("wrong-xaddr", "elsewhere");
    });
    for (int i = 0; i < 5000; ++i) {
        const std::string value = ills.value("wrong-xaddr");
        ck_assert(value.empty() || value == "elsewhere");
    }
    other.join();
}
END_TEST

START_TEST(healthyAnswersAreLeftAlone) {
    CHECK_STR(answer({}).body, camera::soapEnvelope(body));
    ck_assert_int_eq(answer({{"fault-400", ""}, {"html-errors", ""}}).status, 200);
}
END_TEST

START_TEST(fault400And500) {
    ck_assert_int_eq(fault("fault-400").status, 400);
    ck_assert_int_eq(fault("fault-500", 400).status, 500);
    ck_assert_int_eq(fault("fault-500", 401).status, 401);
}
END_TEST

START_TEST(fault200Empty) {
    const auto reply = fault("fault-200-empty");
    ck_assert_int_eq(reply.status, 200);
    ck_assert(reply.body.empty() && reply.type.empty());
}
END_TEST

START_TEST(empty401) {
    ck_assert(fault("empty-401", 401).body.empty());
    ck_assert(!fault("empty-401", 400).body.empty());
}
END_TEST

START_TEST(htmlErrors) {
    const auto reply = fault("html-errors");
    CHECK_STR(reply.type, "text/html");
    ck_assert_int_eq(reply.status, 500);
    ck_assert(has(reply.body, "<h1>"));
}
END_TEST

START_TEST(undeclaredPrefixes) {
    const std::string text = answer({{"undeclared-prefixes", ""}}).body;
    ck_assert(!has(text, "xmlns:trt") && has(text, "<trt:Profiles>") && has(text, "xmlns:env"));
}
END_TEST

START_TEST(wrongEncoding) {
    const std::string text = answer({{"wrong-encoding", ""}}).body;
    ck_assert(has(text, "encoding=\"utf-16\"") && has(text, "<tt:Name>Main</tt:Name>"));
}
END_TEST

START_TEST(invalidUtf8) {
    const std::string text = answer({{"invalid-utf8", ""}}).body;
    ck_assert(!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr));
    ck_assert(has(text, "<tt:Name>Main caf\xe9</tt:Name>"));
}
END_TEST

START_TEST(whitespace) {
    const std::string text = answer({{"whitespace", ""}}).body;
    ck_assert(has(text, "\n") && !has(text, ">Main<") && isXml(text));
    const auto document = net::XmlDocument::parse(text);
    CHECK_STR(document.root().textAt("Body/GetProfilesResponse/Profiles/Name"), "Main");
}
END_TEST

START_TEST(hugeAnswer) {
    const std::string text = answer({{"huge-answer", ""}}).body;
    ck_assert_uint_gt(text.size(), 2 * 1024 * 1024);
    ck_assert(isXml(text, text.size())); // it is only its size that is wrong
}
END_TEST

START_TEST(deepAnswer) {
    const std::string text = answer({{"deep-answer", ""}}).body;
    ck_assert(has(text, "<tt:Extension><tt:Extension><tt:Extension>") && !isXml(text));
}
END_TEST

START_TEST(doctypeBomb) {
    const std::string text = answer({{"doctype-bomb", ""}}).body;
    ck_assert(has(text, "<!DOCTYPE") && has(text, "&a9;") && text.size() < 4096 && !isXml(text));
}
END_TEST

START_TEST(echoSecurity) {
    const auto request = camera::SoapRequest::parse(
        "<e:Envelope xmlns:e='urn:e'><e:Header><Security><UsernameToken><Username>adm&amp;in"
        "</Username><Password>d1gest</Password></UsernameToken></Security></e:Header><e:Body><A/>"
        "</e:Body></e:Envelope>");
    const std::map<std::string, std::string> echo{{"echo-security", ""}};
    const auto document = net::XmlDocument::parse(answer(echo, request).body);
    const std::string token = "Header/Security/UsernameToken/";
    CHECK_STR(document.root().textAt(token + "Username"), "adm&in");
    CHECK_STR(document.root().textAt(token + "Password"), "d1gest");
    ck_assert(!has(answer(echo).body, "Header"));
}
END_TEST

START_TEST(actions) {
    const std::string bare = "application/soap+xml; charset=utf-8", named = bare + "; action=\"a\"";
    const auto passes = [](const std::string& type, const char* ill) {
        try {
            camera::checkAction(type, camera::Ills{{ill, ""}});
            return true;
        } catch (const camera::SoapFault&) {
            return false;
        }
    };
    ck_assert(!passes(bare, "action-required") && passes(named, "action-required"));
    ck_assert(passes(bare, "action-refused") && !passes(named, "action-refused"));
}
END_TEST

START_TEST(lockOut) {
    camera::Ills ills;
    camera::Lockout lockout(ills);
    const auto now = camera::Lockout::Clock::now();
    for (int i = 0; i < 5; ++i)
        lockout.wrong(now);
    ck_assert(!lockout.locked(now));
    lockout.right();
    ills.set("lock-out", "3");
    lockout.wrong(now);
    lockout.wrong(now);
    ck_assert(!lockout.locked(now));
    lockout.wrong(now);
    ck_assert(lockout.locked(now + 29s));
    ck_assert(!lockout.locked(now + 31s));
    ck_assert_uint_eq(lockout.wrongLogins(), 8);
}
END_TEST

START_TEST(commands) {
    camera::Control control;
    std::string heard;
    control.add("say WORD", [&](const std::string& word) {
        heard = word;
        return word == "aloud" ? std::string("it\necho") : std::string();
    });
    control.add("fail", [](const std::string&) -> std::string {
        throw base::Error(base::ErrorKind::Settings, "It\ncannot be.");
    });
    CHECK_STR(control.run("say  a word \r"), "ok");
    CHECK_STR(heard, "a word");
    CHECK_STR(control.run(" say aloud"), "ok it echo");
    CHECK_STR(control.run("fail"), "error It cannot be.");
    ck_assert(has(control.run("shout"), "error "));
    ck_assert(has(control.run(""), "error "));
    CHECK_STR(control.run("help"), "ok fail, help, say WORD");
    ck_assert(camera::onOrOff("on") && !camera::onOrOff("off"));
    ck_assert(!messageOf([] { camera::onOrOff("maybe"); }).empty());
}
END_TEST

CHECK_MAIN("ills", namesAndValues, eachKindOnce, fromManyThreads, healthyAnswersAreLeftAlone,
           fault400And500, fault200Empty, empty401, htmlErrors, undeclaredPrefixes, wrongEncoding,
           invalidUtf8, whitespace, hugeAnswer, deepAnswer, doctypeBomb, echoSecurity, actions,
           lockOut, commands)
