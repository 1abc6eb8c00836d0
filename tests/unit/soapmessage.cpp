#include "soapmessage.hpp"

#include "check.hpp"
#include "redact.hpp"

using namespace onvif;

static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Quirk H4: the shape that devices accept which read requests by pattern.
START_TEST(envelopeH4) {
    const std::string text =
        envelope({wsdl::media, "GetStreamUri", "<ProfileToken>a</ProfileToken>"});
    CHECK_STR(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">"
                    "<s:Body xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
                    " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">"
                    "<GetStreamUri xmlns=\"http://www.onvif.org/ver10/media/wsdl\">"
                    "<ProfileToken>a</ProfileToken></GetStreamUri></s:Body></s:Envelope>");
    net::XmlDocument::parse(text);
}
END_TEST

/// What a subscription is known by goes back marked, whatever prefixes it uses (quirk E1).
START_TEST(referenceParametersE1) {
    Operation operation{wsdl::events, "PullMessages", ""};
    operation.addressing = Addressing{
        {"<a:Id xmlns:a=\"urn:vendor\" x=\"/&gt;\">5</a:Id>", "<Id/>",
         "<Id xmlns:w=\"http://www.w3.org/2005/08/addressing\" w:IsReferenceParameter=\"true\"/>"}};
    const std::string header = addressingHeader(operation, "http://cam/sub", "urn:uuid:1");
    ck_assert(has(header, "<a:Id xmlns:aa=\"http://www.w3.org/2005/08/addressing\" "
                          "aa:IsReferenceParameter=\"true\" xmlns:a=\"urn:vendor\""));
    const auto sent = net::XmlDocument::parse(envelope(operation, header));
    const auto ids = sent.root().child("Header")->children("Id");
    ck_assert_uint_eq(ids.size(), 3);
    for (const net::XmlNode& id : ids)
        CHECK_STR(id.attribute("IsReferenceParameter"), "true");
}
END_TEST

/// The example of the ONVIF Application Programmer's Guide, section 6.1.1.3.
START_TEST(passwordDigest) {
    const std::string nonce("\x2c\xaa\x88\xe8\x6f\xc0\x8a\x42\x82\x42\xb3\x74\xce\xa6\x45\x96", 16);
    const std::string header =
        usernameToken({"user", "userpassword"}, nonce, "2010-09-16T07:50:45Z");
    ck_assert(has(header, ">tuOSpGlFlIXsozq4HFNeeGeFLEI=</Password>"));
    ck_assert(has(header, ">LKqI6G/AikKCQrN0zqZFlg==</Nonce>"));
    ck_assert(has(header, ">2010-09-16T07:50:45Z</Created>"));
    ck_assert(!has(header, "userpassword"));
    net::XmlDocument::parse(envelope({wsdl::device, "X", ""}, header));
}
END_TEST

START_TEST(userNamesAreEscaped) {
    const auto document = net::XmlDocument::parse(
        envelope({wsdl::device, "X", ""}, usernameToken({"<a>&\"b", "p"}, "n", "t")));
    CHECK_STR(document.root().find("Username")->text(), "<a>&\"b");
}
END_TEST

static std::optional<Fault> faultIn(const std::string& xml) {
    return faultOf(net::XmlDocument::parse(xml).root());
}

START_TEST(faultsOfBothVersions) {
    const auto twelve =
        faultIn("<E><Body><Fault><Code><Value>s:Sender</Value><Subcode><Value>ter:NotAuthorized"
                "</Value><Subcode><Value>ter:Deeper</Value></Subcode></Subcode></Code><Reason>"
                "<Text>Sender not\nAuthorized</Text></Reason></Fault></Body></E>");
    ck_assert(twelve && twelve->notAuthorized() && twelve->has("Deeper"));
    CHECK_STR(twelve->text(), "Sender not Authorized (Sender/NotAuthorized/Deeper)");
    const auto eleven =
        faultIn("<E><Body><Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>Method not "
                "implemented</faultstring></Fault></Body></E>");
    ck_assert(eleven && eleven->notSupported() && !eleven->notAuthorized());
    ck_assert(!faultIn("<E><Body><GetXResponse/></Body></E>").has_value());
    ck_assert(faultIn("<E><Body><Fault/></Body></E>").has_value());
    ck_assert(
        faultIn(
            "<E><Body><Fault><Reason><Text>The action cannot be processed at the receiver</Text>"
            "</Reason></Fault></Body></E>")
            ->actionRefused());
}
END_TEST

START_TEST(faultsAreBounded) {
    std::string codes, ends;
    for (int i = 0; i < 50; i++)
        codes += "<Subcode><Value>c</Value>", ends += "</Subcode>";
    const auto fault = faultIn("<E><Body><Fault><Code>" + codes + ends + "</Code><Reason><Text>" +
                               std::string(100000, 'x') + "</Text></Reason></Fault></Body></E>");
    ck_assert(fault.has_value());
    ck_assert_uint_lt(fault->text().size(), 300);
}
END_TEST

/// Quirk A8: devices echo our own header.
START_TEST(redactionA8) {
    const std::string echoed = envelope({wsdl::device, "X", ""},
                                        usernameToken({"s3cretuser", "pw"}, "nonce", "2026-01-01"));
    const std::string clean = redacted(echoed);
    for (const char* part : {"s3cretuser", "bm9uY2U=", "2026-01-01"})
        ck_assert_msg(has(echoed, part) && !has(clean, part), "%s", part);
    ck_assert(has(clean, "<Username>***</Username>"));

    const struct {
        const char* text;
        const char* expected;
    } rows[] = {
        {"rtsp://u:s3cret@h/x", "rtsp://***@h/x"},
        {"a rtsp://u:s3/cret@h/x b", "a rtsp://***@h/x b"},
        {"http://h/s?user=me&password=s3cret&z=1", "http://h/s?user=***&password=***&z=1"},
        {"rtsp://h/user=me_password=s3cret_channel=1", "rtsp://h/user=***"},
        {"<w:password a='b'>s3cret</w:password>", "<w:password a='b'>***</w:password>"},
        {"<Password>s3cret", "<Password>***"},
        {"nothing to hide = here", "nothing to hide = here"},
        {"<a><b", "<a><b"},
        {"", ""},
    };
    for (const auto& row : rows)
        CHECK_STR(redacted(row.text), row.expected);
    redacted(std::string(1000000, '<'));
    redacted(std::string(1000000, '='));
}
END_TEST

CHECK_MAIN("soapmessage", envelopeH4, referenceParametersE1, passwordDigest, userNamesAreEscaped,
           faultsOfBothVersions, faultsAreBounded, redactionA8)
