#include "filenames.hpp"

#include "base/error.hpp"
#include "check.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using base::Error;
using base::ErrorKind;
using record::FileNames;

namespace {

struct Folder {
    Folder() {
        char name[] = "/tmp/100%d-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string operator/(const char* file) const { return path + "/" + file; }
    std::string path;
};

ErrorKind kindOf(const std::string& pattern) {
    try {
        FileNames names(pattern);
    } catch (const Error& error) {
        return error.kind();
    }
    ck_abort_msg("%s was taken", pattern.c_str());
}

} // namespace

/// The number is that of the file; a folder may be called as it likes.
START_TEST(numbers) {
    const Folder folder;
    FileNames names(folder / "camera-%05d.mkv");
    CHECK_STR(names.next(), folder / "camera-00000.mkv");
    CHECK_STR(names.next(), folder / "camera-00001.mkv");
    FileNames plain(folder / "%d");
    CHECK_STR(plain.next(), folder / "0");
    FileNames last(folder / "50%d of %02d");
    CHECK_STR(last.next(), folder / "50%d of 00");
    for (int i = 1; i < 123; i++)
        last.next();
    CHECK_STR(last.next(), folder / "50%d of 123");
}
END_TEST

START_TEST(whatIsThereStays) {
    const Folder folder;
    std::ofstream(folder / "a-000.mp4") << "one";
    std::ofstream(folder / "a-002.mp4") << "two";
    FileNames names(folder / "a-%03d.mp4");
    CHECK_STR(names.next(), folder / "a-001.mp4");
    CHECK_STR(names.next(), folder / "a-003.mp4");
}
END_TEST

START_TEST(mistakes) {
    const Folder folder;
    ck_assert(kindOf("") == ErrorKind::Settings);
    ck_assert(kindOf(folder / "camera.mkv") == ErrorKind::Settings);
    ck_assert(kindOf(folder / "camera-%s.mkv") == ErrorKind::Settings);
    ck_assert(kindOf(folder / "%05d/camera.mkv") == ErrorKind::Settings);
    ck_assert(kindOf(folder / "not there/%05d.mkv") == ErrorKind::NotFound);
    if (geteuid() != 0) {
        std::filesystem::permissions(folder.path, std::filesystem::perms(0500));
        ck_assert(kindOf(folder / "%05d.mkv") == ErrorKind::NotAuthorized);
    }
}
END_TEST

CHECK_MAIN("filenames", numbers, whatIsThereStays, mistakes)
