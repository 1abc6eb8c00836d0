#include "metadatadocuments.hpp"
#include "check.hpp"

#include <gio/gio.h>

#include <random>

using onvif::MetadataDocument;
using onvif::MetadataDocuments;

static const std::string first = R"(<?xml version="1.0" encoding="UTF-8"?>
<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><!-- a > b <x> - -->
<tt:VideoAnalytics><tt:Frame UtcTime="2026-01-31T12:00:00Z" note='a "quoted" > sign'/>
<![CDATA[ </tt:MetadataStream> ]] > ]]></tt:VideoAnalytics></tt:MetadataStream>)";
static const std::string second = "<MetadataStream xmlns='http://www.onvif.org/ver10/schema'/>";
static const std::string third =
    "\xEF\xBB\xBF<?xml version='1.0'?> <a:MetadataStream><b/></a:MetadataStream>";

static std::vector<std::string> texts(const std::vector<MetadataDocument>& documents) {
    std::vector<std::string> all;
    for (const MetadataDocument& d : documents)
        all.push_back(d.text);
    return all;
}

static std::string gzipped(const std::string& text) {
    GZlibCompressor* zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
    std::string out(text.size() + 4096, '\0');
    gsize taken = 0, made = 0;
    const auto result =
        g_converter_convert(G_CONVERTER(zlib), text.data(), text.size(), out.data(), out.size(),
                            G_CONVERTER_INPUT_AT_END, &taken, &made, nullptr);
    ck_assert_int_eq(result, G_CONVERTER_FINISHED);
    g_object_unref(zlib);
    out.resize(made);
    return out;
}

START_TEST(oneDocumentInOnePacket) {
    MetadataDocuments documents;
    const auto ready = documents.push(first, true, 7);
    ck_assert_uint_eq(ready.size(), 1);
    CHECK_STR(ready[0].text, first);
    ck_assert_uint_eq(ready[0].time, 7);
    ck_assert_uint_eq(documents.completed(), 1);
    ck_assert_uint_eq(documents.dropped(), 0);
}
END_TEST

/// Cut anywhere, with the marker where it should be, always, and never.
START_TEST(documentsAreFoundWhateverTheMarkerSays) {
    const std::string all = first + "\r\n" + second + third + "\n";
    std::mt19937 random(1);
    for (int round = 0; round < 300; round++) {
        MetadataDocuments documents;
        std::vector<MetadataDocument> found;
        const int marker = round % 2;
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t size = 1 + random() % 40;
            for (auto& d : documents.push(std::string_view(all).substr(at, size), marker != 0, at))
                found.push_back(std::move(d));
            at += size;
        }
        ck_assert(texts(found) == (std::vector<std::string>{first, second, third}));
        ck_assert_uint_eq(found[0].time, 0);
        ck_assert_uint_eq(documents.dropped(), 0);
    }
}
END_TEST

START_TEST(lossDropsTheDocumentAndNoOther) {
    MetadataDocuments documents;
    ck_assert(documents.push(first.substr(0, 100), false, 0).empty());
    documents.lost();
    ck_assert(documents.push(first.substr(150, 100), false, 0).empty());
    ck_assert(documents.push(first.substr(250), true, 0).empty());
    ck_assert(texts(documents.push(second, true, 0)) == std::vector<std::string>{second});
    ck_assert_uint_eq(documents.dropped(), 1);
    ck_assert_uint_eq(documents.completed(), 1);
}
END_TEST

START_TEST(lossOfTheEndIsSeenByTheNextBeginning) {
    MetadataDocuments documents;
    ck_assert(documents.push(first.substr(0, 250), false, 0).empty());
    ck_assert(texts(documents.push(third, false, 9)) == std::vector<std::string>{third});
    ck_assert_uint_eq(documents.dropped(), 1);
    // Lost and found again without any marker.
    documents.lost();
    ck_assert(documents.push("lost its head</a></b>", false, 9).empty());
    ck_assert(texts(documents.push(first, false, 9)) == std::vector<std::string>{first});
}
END_TEST

START_TEST(whatIsNoMetadataIsDropped) {
    for (const char* bad :
         {"hello", "<html><body>no</body></html>", "<!DOCTYPE MetadataStream><MetadataStream/>",
          "</MetadataStream>", "<<MetadataStream/>", "< MetadataStream/>", "<![CDATA[x]]>",
          "<MetadataStream <a/>"}) {
        MetadataDocuments documents;
        ck_assert_msg(documents.push(bad, true, 0).empty(), "%s", bad);
        ck_assert_msg(documents.dropped() == 1, "%s", bad);
        ck_assert_msg(texts(documents.push(second, true, 0)) == std::vector<std::string>{second},
                      "after %s", bad);
    }
}
END_TEST

START_TEST(sizeAndDepthAreBounded) {
    MetadataDocuments documents;
    documents.push("<MetadataStream>", false, 0);
    const std::string more(65536, 'x');
    for (std::size_t sent = 0; sent <= 2 * MetadataDocuments::maxBytes; sent += more.size())
        ck_assert(documents.push(more, false, 0).empty());
    ck_assert_uint_eq(documents.dropped(), 1);
    std::string deep = "<MetadataStream>";
    for (int i = 0; i < 1000; i++)
        deep += "<a>";
    ck_assert(documents.push(deep, true, 0).empty());
    ck_assert_uint_eq(documents.dropped(), 2);
    ck_assert(texts(documents.push(second, true, 0)) == std::vector<std::string>{second});
}
END_TEST

START_TEST(gzipIsUnpacked) {
    const std::string packed = gzipped(first);
    MetadataDocuments documents(MetadataDocuments::Form::Gzip);
    ck_assert(documents.push(packed.substr(0, 50), false, 3).empty());
    const auto ready = documents.push(packed.substr(50), true, 4);
    ck_assert(texts(ready) == std::vector<std::string>{first});
    ck_assert_uint_eq(ready[0].time, 3);
    // Half of it lost, then whole again.
    documents.push(packed.substr(0, 50), false, 5);
    documents.lost();
    ck_assert(documents.push(packed.substr(60), true, 5).empty());
    ck_assert(texts(documents.push(packed, true, 6)) == std::vector<std::string>{first});
    ck_assert_uint_eq(documents.dropped(), 1);
}
END_TEST

/// A bomb: 64 MiB of spaces in 64 kB.
START_TEST(gzipIsBounded) {
    const std::string bomb =
        gzipped("<MetadataStream>" + std::string(64 << 20, ' ') + "</MetadataStream>");
    ck_assert_uint_lt(bomb.size(), 100000);
    MetadataDocuments documents(MetadataDocuments::Form::Gzip);
    ck_assert(documents.push(bomb, true, 0).empty());
    ck_assert(documents.push("no gzip at all", true, 0).empty());
    ck_assert_uint_eq(documents.dropped(), 2);
    ck_assert(texts(documents.push(gzipped(second), true, 0)) == std::vector<std::string>{second});
}
END_TEST

CHECK_MAIN("metadatadocuments", oneDocumentInOnePacket, documentsAreFoundWhateverTheMarkerSays,
           lossDropsTheDocumentAndNoOther, lossOfTheEndIsSeenByTheNextBeginning,
           whatIsNoMetadataIsDropped, sizeAndDepthAreBounded, gzipIsUnpacked, gzipIsBounded)
