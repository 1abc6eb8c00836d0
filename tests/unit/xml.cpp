#include "net/xml.hpp"

#include "base/error.hpp"
#include "check.hpp"

START_TEST(namesWithoutPrefix) {
    const auto doc = net::XmlDocument::parse("<s:E xmlns:s='urn:s'><s:B><x:P a='1' s:b=' 2 '> t "
                                             "&amp; u </x:P><P>second</P></s:B></s:E>");
    const auto p = doc.root().at("B/P");
    ck_assert(p.has_value());
    CHECK_STR(p->name(), "P");
    CHECK_STR(p->text(), "t & u");
    CHECK_STR(p->attribute("b"), "2");
    ck_assert(!p->hasAttribute("c"));
    ck_assert_uint_eq(doc.root().child("B")->children("P").size(), 2);
    ck_assert_uint_eq(doc.root().findAll("P").size(), 2);
    ck_assert(!doc.root().at("B/Q/R").has_value());
    CHECK_STR(doc.root().textAt("B/Q"), "");
}
END_TEST

START_TEST(mislabelledEncodingIsForgiven) {
    const auto doc =
        net::XmlDocument::parse("<?xml version=\"1.0\" encoding=\"utf-16\"?><a><b>x</b></a>");
    CHECK_STR(doc.root().textAt("b"), "x");
}
END_TEST

static base::ErrorKind refusal(const std::string& text) {
    try {
        net::XmlDocument::parse(text);
    } catch (const base::Error& error) {
        return error.kind();
    }
    return base::ErrorKind::Failed;
}

START_TEST(hostileTextIsRefused) {
    ck_assert(refusal("") == base::ErrorKind::BadData);
    ck_assert(refusal("HTTP/1.0 404 <html") == base::ErrorKind::BadData);
    ck_assert(refusal("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>") == base::ErrorKind::BadData);
    ck_assert(refusal(std::string(net::XmlDocument::maxBytes + 1, ' ')) ==
              base::ErrorKind::BadData);
    std::string deep;
    for (int i = 0; i < 200; i++)
        deep += "<a>";
    for (int i = 0; i < 200; i++)
        deep += "</a>";
    ck_assert(refusal(deep) == base::ErrorKind::BadData);
}
END_TEST

START_TEST(escapeRoundTrip) {
    const std::string nasty = "a<b>&\"'c";
    const auto doc = net::XmlDocument::parse("<a b=\"" + net::xmlEscape(nasty) + "\">" +
                                             net::xmlEscape(nasty) + "</a>");
    CHECK_STR(doc.root().text(), nasty);
    CHECK_STR(doc.root().attribute("b"), nasty);
}
END_TEST

/// An element that leaves its document takes its namespaces along.
START_TEST(elementsStandOnTheirOwn) {
    const auto document = net::XmlDocument::parse(
        "<r xmlns='urn:d' xmlns:p='urn:p'><p:a k='1&amp;2'><b>&lt;t&gt;</b></p:a><q:u>x</q:u></r>");
    const auto alone = net::XmlDocument::parse(document.root().child("a")->xml());
    CHECK_STR(alone.root().attribute("k"), "1&2");
    CHECK_STR(alone.root().textAt("b"), "<t>");
    const std::string text = document.root().child("a")->xml();
    ck_assert(text.find("xmlns:p=\"urn:p\"") != std::string::npos);
    ck_assert(text.find("urn:d") != std::string::npos);
    CHECK_STR(document.root().child("u")->xml().substr(0, 2), "<q");
    // The document is as it was.
    CHECK_STR(document.root().textAt("a/b"), "<t>");
}
END_TEST

CHECK_MAIN("xml", elementsStandOnTheirOwn, namesWithoutPrefix, mislabelledEncodingIsForgiven,
           hostileTextIsRefused, escapeRoundTrip)
