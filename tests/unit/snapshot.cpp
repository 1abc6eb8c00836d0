#include "snapshot.hpp"

#include "fakedevice.hpp"

using namespace onvif;

static std::string jpeg() {
    const std::string start("\xff\xd8", 2), app("\xff\xe0\x00\x04xx", 6),
        frame("\xff\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00", 14),
        scan("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
             "data",
             14),
        end("\xff\xd9", 2);
    return start + app + frame + scan + end;
}

START_TEST(tellsItsSize) {
    const Snapshot picture = readJpeg(jpeg());
    ck_assert_int_eq(picture.width, 32);
    ck_assert_int_eq(picture.height, 16);
    // What some web servers leave around it.
    CHECK_STR(readJpeg("Content-Type: image/jpeg\r\n\r\n" + jpeg() + "\r\n--boundary").jpeg,
              jpeg());
}
END_TEST

START_TEST(refusesWhatIsNone) {
    const std::string whole = jpeg();
    for (std::size_t size = 0; size < whole.size(); size++)
        ck_assert(kindOf([&] { readJpeg(whole.substr(0, size)); }) == base::ErrorKind::BadData);
    for (const std::string& rubbish :
         {std::string("<html>log in</html>"), std::string("\xff\xd8\xff\xd9"),
          std::string("\xff\xd8\xff\xe0\xff\xff\xff\xd9"), std::string(2000, 'x') + whole})
        ck_assert(kindOf([&] { readJpeg(rubbish); }) == base::ErrorKind::BadData);
}
END_TEST

CHECK_MAIN("snapshot", tellsItsSize, refusesWhatIsNone)
