// yolodetect with what is wrong with networks and label files: each is refused with the reason and
// what to do next, or is worked with; never does it end the program or hold the video up for good.
#include "detectstream.hpp"
#include "unit/onnxbytes.hpp"

#include <cstdio>
#include <unistd.h>

using namespace detectstream;

namespace {

/// What became of a line: its error or nothing, and its warnings.
struct Outcome {
    std::string error;
    std::vector<std::string> warnings;
};

std::string textOf(GstMessage* message) {
    GError* error = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &error, nullptr);
    else
        gst_message_parse_warning(message, &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    return text;
}

Outcome outcomeOf(const std::string& detector) {
    const Ref<GstElement> pipeline(gst_parse_launch(
        ("videotestsrc num-buffers=3 ! yolodetect " + detector + " ! fakesink").c_str(), nullptr));
    const Ref<GstBus> bus(gst_element_get_bus(pipeline.get()));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    Outcome outcome;
    for (;;) {
        const Ref<GstMessage> message(gst_bus_timed_pop_filtered(
            bus.get(), 120 * GST_SECOND,
            static_cast<GstMessageType>(GST_MESSAGE_WARNING | GST_MESSAGE_ERROR |
                                        GST_MESSAGE_EOS)));
        fail_unless(message != nullptr, "nothing comes of %s", detector.c_str());
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS)
            break;
        if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
            outcome.error = textOf(message.get());
            break;
        }
        outcome.warnings.push_back(textOf(message.get()));
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return outcome;
}

/// A folder for the files of one test, which go with it.
class Folder {
public:
    Folder() {
        char* made = g_dir_make_tmp("yolodetectills-XXXXXX", nullptr);
        path_ = made;
        g_free(made);
    }
    ~Folder() {
        for (const std::string& file : files_)
            std::remove(file.c_str());
        rmdir(path_.c_str());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(const std::string& name, const std::string& bytes) {
        files_.push_back(path_ + "/" + name);
        fail_unless(g_file_set_contents(files_.back().c_str(), bytes.data(),
                                        static_cast<gssize>(bytes.size()), nullptr));
        return files_.back();
    }

private:
    std::string path_;
    std::vector<std::string> files_;
};

std::string bytesOf(const std::string& path) {
    char* data = nullptr;
    gsize size = 0;
    fail_unless(g_file_get_contents(path.c_str(), &data, &size, nullptr));
    const std::string bytes(data, size);
    g_free(data);
    return bytes;
}

std::string layout(const std::string& name) { return models() + "layouts/" + name; }

std::string labelsOf(int lines) {
    std::string text;
    for (int i = 0; i < lines; i++)
        text += "thing " + std::to_string(i) + "\n";
    return text;
}

} // namespace

GST_START_TEST(filesThatAreNoNetwork) {
    Folder folder;
    const std::string whole = bytesOf(layout("v8-opset17.onnx"));
    const std::string enormous = folder.file("enormous.onnx", whole);
    fail_unless(truncate(enormous.c_str(), off_t{3} << 30) == 0); // with a hole: no disk is used
    const std::pair<std::string, const char*> ills[] = {
        {folder.file("cut.onnx", whole.substr(0, whole.size() / 2)), "download or export it again"},
        {folder.file("text.onnx", "model: yolov8n\nclasses: 80\n"), "download or export it again"},
        {folder.file("page.onnx", "<!DOCTYPE html><html>404</html>"), "a web page"},
        {folder.file("best.pt.onnx", "PK\x03\x04 archive/data.pkl"), "export it to ONNX first"},
        {enormous, "too large"},
        {folder.file("net.cfg", "[net]\nwidth=64\n"), "put it beside the other"},
    };
    for (const auto& [file, says] : ills)
        for (const char* engine : {"auto", "opencv"}) {
            const std::string error = outcomeOf("model=" + file + " engine=" + engine).error;
            fail_unless(error.find(says) != error.npos, "%s: %s", file.c_str(), error.c_str());
        }
}
GST_END_TEST

GST_START_TEST(networksThatAreDamaged) {
    Folder folder;
    using namespace onnxbytes;
    const std::string circle =
        folder.file("circle.onnx", model(relu("z", "y") + relu("y", "z") +
                                         input("x", {1, 3, 64, 64}) + output("y", {1, 3, 64, 64})));
    for (const char* engine : {"auto", "opencv"}) {
        const Outcome outcome = outcomeOf("model=" + circle + " engine=" + engine);
        fail_unless(outcome.error.size() > 40, "%s", outcome.error.c_str());
    }
    const std::string weights = bytesOf(layout("v3-tiny.weights"));
    folder.file("net.cfg", bytesOf(layout("v3-tiny.cfg")));
    const std::string cut = folder.file("net.weights", weights.substr(0, weights.size() - 4));
    const std::string error = outcomeOf("model=" + cut).error;
    fail_unless(error.find("download both again") != error.npos, "%s", error.c_str());
}
GST_END_TEST

/// Those that answer no numbers find nothing, and those without names number what they find.
GST_START_TEST(networksThatWorkAllTheSame) {
    for (const char* name : {"not-numbers.onnx", "v8-nameless.onnx", "v8-dynamic.onnx",
                             "v7-end-to-end.onnx", "v3-tiny.cfg"}) {
        Stream s("yolodetect threshold=0.01 model=" + layout(name));
        const base::Detections found = s.detect(3);
        if (std::string(name) == "not-numbers.onnx")
            fail_unless(found.objects.empty());
        for (const base::Detection& d : found.objects) {
            fail_unless(d.box.x >= 0 && d.box.right() <= 1.0001 && d.box.area() > 0);
            fail_unless(d.score >= 0 && d.score <= 1);
            fail_unless(!d.label.empty());
        }
    }
}
GST_END_TEST

GST_START_TEST(labelsThatAreNotAsManyAsClasses) {
    Folder folder;
    const std::string model = "model=" + layout("v8-coco.onnx") + " labels=";
    const Outcome fewer = outcomeOf(model + folder.file("79.names", labelsOf(79)));
    fail_unless(fewer.error.empty(), "%s", fewer.error.c_str());
    fail_unless_equals_int(fewer.warnings.size(), 1);
    fail_unless(fewer.warnings[0].find("class-79") != std::string::npos, "%s",
                fewer.warnings[0].c_str());
    const Outcome more = outcomeOf(model + folder.file("81.names", labelsOf(81)));
    fail_unless(more.error.empty() && more.warnings.size() == 1);
    fail_unless(outcomeOf(model + folder.file("80.names", labelsOf(80))).warnings.empty());
    // What has no end, and what is no text.
    for (const std::string& file : {std::string("/dev/zero"), layout("v8-coco.onnx")}) {
        const std::string error = outcomeOf(model + file).error;
        fail_unless(error.find("one name per line") != error.npos, "%s", error.c_str());
    }
}
GST_END_TEST

static Suite* yolodetectills_suite() {
    Suite* suite = suite_create("yolodetectills");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, filesThatAreNoNetwork);
    tcase_add_test(tests, networksThatAreDamaged);
    tcase_add_test(tests, networksThatWorkAllTheSame);
    tcase_add_test(tests, labelsThatAreNotAsManyAsClasses);
    return suite;
}
GST_CHECK_MAIN(yolodetectills)
