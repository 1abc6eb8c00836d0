#include "zmq/message.hpp"

#include "base/error.hpp"
#include "zmq/jpegsize.hpp"

#include "check.hpp"

#include <cmath>
#include <initializer_list>
#include <vector>

using namespace imagezmq;
using namespace std::string_literals;

/// What is wrong with it, or "".
static std::string complaint(const std::string& json, const std::string& data,
                             const Limits& limits = {}) {
    try {
        readHead(json, data, limits);
    } catch (const base::Error& error) {
        ck_assert(error.kind() == base::ErrorKind::BadData);
        return error.what();
    }
    return "";
}

static bool refused(const std::string& json, const std::string& data, const char* why) {
    const std::string said = complaint(json, data);
    return said.find(why) != std::string::npos;
}

static std::string shaped(const std::string& shape) {
    return R"({"msg":"a","dtype":"uint8","shape":)" + shape + "}";
}

/// SOI, an APP0 of no content, a fill byte, SOF with that size, SOS.
static std::string jpeg(int width, int height, char sof = '\xc0') {
    const auto word = [](int n) {
        return std::string{static_cast<char>(n >> 8), static_cast<char>(n & 255)};
    };
    return "\xff\xd8\xff\xe0\x00\x04..\xff\xff"s + sof + "\x00\x0b\x08"s + word(height) +
           word(width) + "\x01\x01\x11\x00\xff\xda\x00\x02"s;
}

START_TEST(writesWhatIsPublished) {
    Head head{"yard", Pixels::Bgr, 640, 480};
    CHECK_STR(writeHead(head), R"({"msg":"yard","dtype":"uint8","shape":[480,640,3]})");
    head.pixels = Pixels::Gray8;
    CHECK_STR(writeHead(head), R"({"msg":"yard","dtype":"uint8","shape":[480,640]})");
    head.pixels = Pixels::Bgra;
    CHECK_STR(writeHead(head), R"({"msg":"yard","dtype":"uint8","shape":[480,640,4]})");
    head.pixels = Pixels::Rgb;
    CHECK_STR(writeHead(head),
              R"({"msg":"yard","dtype":"uint8","shape":[480,640,3],"format":"RGB"})");
    head.pixels = Pixels::Jpeg;
    CHECK_STR(writeHead(head), R"({"msg":"yard"})");
    head.msg = "a \"quote\"\n\xff";
    CHECK_STR(writeHead(head), "{\"msg\":\"a \\\"quote\\\"\\n\xef\xbf\xbd\"}");
}
END_TEST

START_TEST(readsWhatIsWritten) {
    for (const Pixels pixels : {Pixels::Gray8, Pixels::Bgr, Pixels::Rgb, Pixels::Bgra}) {
        const Head head{"g\xc3\xa4rten", pixels, 7, 5};
        const Head read = readHead(writeHead(head), std::string(35 * bytesPerPixel(pixels), 'x'));
        CHECK_STR(read.msg, head.msg);
        ck_assert(read.pixels == pixels);
        ck_assert_int_eq(read.width, 7);
        ck_assert_int_eq(read.height, 5);
        ck_assert(!read.objects);
    }
    const Head read = readHead(R"({"msg":"a"})", jpeg(640, 480));
    ck_assert(read.pixels == Pixels::Jpeg && read.width == 640 && read.height == 480);
}
END_TEST

START_TEST(readsAsPythonWrites) {
    const std::string spaced = R"({"msg": "g\u00e4rten", "dtype": "uint8", "shape": [2, 3, 3]})";
    CHECK_STR(readHead(spaced, std::string(18, 'x')).msg, "g\xc3\xa4rten");
    ck_assert(readHead(shaped("[2,3,1]"), std::string(6, 'x')).pixels == Pixels::Gray8);
    ck_assert(readHead(R"({"dtype":"|u1","shape":[1,1]})", "x").msg.empty());
    // Whatever json.dumps takes may be a msg.
    CHECK_STR(readHead(R"({"msg":["cam",3],"dtype":"uint8","shape":[1,1]})", "x").msg,
              R"(["cam",3])");
    CHECK_STR(readHead(R"({"msg":null,"dtype":"uint8","shape":[1,1]})", "x").msg, "");
    ck_assert(readHead(shaped("[1,1,3]"), "rgb", {}, Pixels::Rgb).pixels == Pixels::Rgb);
    // cv2.imencode's array, flat or as a column.
    const std::string file = jpeg(8, 6);
    const std::string size = std::to_string(file.size());
    for (const std::string& shape : {"[" + size + "]", "[" + size + ",1]", "[1," + size + "]"}) {
        const Head head = readHead(shaped(shape), file);
        ck_assert(head.pixels == Pixels::Jpeg && head.width == 8 && head.height == 6);
    }
}
END_TEST

START_TEST(refusesWhatIsNoPicture) {
    ck_assert(refused("", "x", "not a JSON object"));
    ck_assert(refused("{", "x", "not JSON"));
    ck_assert(refused("[1]", "x", "not a JSON object"));
    ck_assert(refused("{}", "x", "not a JPEG"));
    ck_assert(refused(shaped("[1,1,3]"), "xx", "asks for 3 bytes, and there are 2"));
    ck_assert(refused(shaped("[1,1,3]"), "xxxx", "asks for 3 bytes, and there are 4"));
    ck_assert(refused(shaped("[1,1,2]"), "xx", "2 channels"));
    ck_assert(refused(R"({"dtype":"float32","shape":[1,1]})", "xxxx", "dtype"));
    ck_assert(refused(R"({"dtype":"uint8"})", "x", "shape"));
    ck_assert(refused(shaped("[]"), "", "sides"));
    ck_assert(refused(shaped("[1,1,1,1]"), "x", "sides"));
    ck_assert(refused(shaped("[1]"), "x", "one side"));
    for (const char* side : {"0", "-1", "1.0", "\"1\"", "null", "[1]", "32769", "4294967297",
                             "9223372036854775807", "18446744073709551617", "1e400"})
        ck_assert_msg(refused(shaped("["s + side + ",1,3]"), "xxx", "a side"), "%s", side);
    // 2^15 * 2^15 * 4 fits into no 32 bits, and is no 0 either.
    ck_assert(refused(shaped("[32768,32768,4]"), "", "asks for 4294967296 bytes"));
}
END_TEST

START_TEST(boundsTheJson) {
    ck_assert(refused(std::string(2 << 20, ' '), "x", "bytes"));
    const std::string deep = std::string(20, '[') + std::string(20, ']');
    ck_assert(refused(R"({"msg":)" + deep + "}", "x", "nested"));
    ck_assert(refused(std::string(100000, '['), "x", "nested"));
    ck_assert(refused("/*\"*/" + std::string(100000, '['), "x", "nested"));
    // Brackets of a text are no levels.
    const std::string text = R"({"msg":"[[[[[[[[[[[[[[[[[[[[[{","dtype":"uint8","shape":[1,1]})";
    CHECK_STR(readHead(text, "x").msg, "[[[[[[[[[[[[[[[[[[[[[{");
}
END_TEST

START_TEST(boundsTheJpeg) {
    ck_assert(refused("{}", jpeg(65535, 65535), "65535x65535 pixels"));
    ck_assert(refused("{}", jpeg(0, 10), "not a JPEG"));
    Limits small;
    small.picture = 3 * 10 * 10;
    ck_assert(complaint("{}", jpeg(10, 10), small).empty());
    ck_assert(!complaint("{}", jpeg(10, 11), small).empty());
    for (const char sof : {'\xc1', '\xc2', '\xc9', '\xcf'})
        ck_assert_int_eq(jpegSize(jpeg(4, 3, sof))->width, 4);
    for (const char table : {'\xc4', '\xc8', '\xcc'})
        ck_assert(!jpegSize(jpeg(4, 3, table)));
    const std::string whole = jpeg(4, 3);
    for (std::size_t length = 0; length < whole.size() - 12; length++)
        ck_assert(!jpegSize(whole.substr(0, length)));
    ck_assert(!jpegSize("\xff\xd8\xff\xe0\x00\x00"s + std::string(30, '\xff')));
}
END_TEST

static base::Detection someone() {
    base::Detection d;
    d.box = {0.25, 0.5, 0.125, 0.25};
    d.score = 0.75f;
    d.classId = 3;
    d.label = "pers\xc3\xb6n";
    d.trackId = 12345678901;
    return d;
}

START_TEST(objectsRideAlong) {
    Head head{"yard", Pixels::Gray8, 1, 1, std::vector<base::Detection>{someone()}};
    CHECK_STR(writeHead(head), R"({"msg":"yard","dtype":"uint8","shape":[1,1]})");
    const Head read = readHead(writeHead(head, ObjectsIn::Field), "x");
    CHECK_STR(read.msg, "yard");
    ck_assert(read.objects && read.objects->size() == 1);
    const base::Detection& d = read.objects->front();
    CHECK_STR(d.label, someone().label);
    ck_assert(d.score == 0.75f && d.classId == 3 && d.trackId == 12345678901);
    ck_assert(d.box.x == 0.25 && d.box.y == 0.5 && d.box.width == 0.125 && d.box.height == 0.25);
    // In the text: the rest is byte by byte as published.
    const Head inside = readHead(writeHead(head, ObjectsIn::Msg), "x");
    ck_assert(!inside.objects);
    ck_assert(inside.msg.rfind(R"({"msg":"yard","detections":[{"label":)", 0) == 0);
    // Looked, and nothing there.
    head.objects->clear();
    ck_assert(readHead(writeHead(head, ObjectsIn::Field), "x").objects->empty());
}
END_TEST

START_TEST(strangersObjects) {
    const auto objects = [](const std::string& list) {
        const std::string json = R"({"dtype":"uint8","shape":[1,1],"detections":)" + list + "}";
        return readHead(json, "x").objects;
    };
    ck_assert(!objects("{}") && !objects("7") && objects("[]")->empty());
    ck_assert(objects(R"([1, "a", null, [], {}, {"x":0,"y":0,"width":-1,"height":1}])")->empty());
    ck_assert(objects(R"([{"x":5,"y":5,"width":1,"height":1}])")->empty());
    const std::string wild =
        R"([{"x":-1,"y":0,"width":1e308,"height":1,"confidence":7,"label-id":4294967296,)"
        R"("track-id":"a","label":")" +
        std::string(255, 'a') + R"(\u00e4\u00e4"}])";
    const auto tamed = objects(wild);
    ck_assert_uint_eq(tamed->size(), 1);
    const base::Detection& d = tamed->front();
    ck_assert(d.box.x == 0 && d.box.width == 1 && d.score == 1 && d.classId == -1);
    ck_assert(d.trackId == 0);
    CHECK_STR(d.label, std::string(255, 'a'));
    std::string many = "[";
    for (int i = 0; i < 1500; i++)
        many += R"({"x":0,"y":0,"width":1,"height":1},)";
    many.back() = ']';
    ck_assert_uint_eq(objects(many)->size(), 1000);
}
END_TEST

CHECK_MAIN("message", writesWhatIsPublished, readsWhatIsWritten, readsAsPythonWrites,
           refusesWhatIsNoPicture, boundsTheJson, boundsTheJpeg, objectsRideAlong, strangersObjects)
