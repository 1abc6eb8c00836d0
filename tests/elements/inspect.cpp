/// What users read about the elements is there and true: metadata, blurbs, the launch lines in the
/// documentation and in README.md, and README.md's table.
#include "glue/ref.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

// Last: Check makes a macro of `fail`, which is a word of the streams.
#include <gst/check/gstcheck.h>

using glue::Ref;
namespace fs = std::filesystem;

namespace {

fs::path sourceDir() {
    const char* dir = std::getenv("VIDEO_STREAM_SOURCE_DIR");
    fail_unless(dir != nullptr, "run me with meson test");
    return dir;
}

std::string textOf(const fs::path& path) {
    std::ifstream file(path);
    fail_unless(file.good(), "%s cannot be read", path.c_str());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// The factories of all our plugins.
std::vector<Ref<GstElementFactory>> factories() {
    std::vector<Ref<GstElementFactory>> ours;
    GstRegistry* registry = gst_registry_get();
    GList* features = gst_registry_get_feature_list(registry, GST_TYPE_ELEMENT_FACTORY);
    for (GList* item = features; item; item = item->next) {
        GstPlugin* plugin = gst_plugin_feature_get_plugin(GST_PLUGIN_FEATURE(item->data));
        if (plugin && std::string(gst_plugin_get_source(plugin)) == "video-stream")
            ours.emplace_back(GST_ELEMENT_FACTORY(
                gst_object_ref(gst_plugin_feature_load(GST_PLUGIN_FEATURE(item->data)))));
        gst_clear_object(&plugin);
    }
    gst_plugin_feature_list_free(features);
    fail_if(ours.empty(), "no element of ours is in GST_PLUGIN_PATH");
    return ours;
}

/// The names of our device providers.
std::set<std::string> providers() {
    std::set<std::string> ours;
    GList* features =
        gst_registry_get_feature_list(gst_registry_get(), GST_TYPE_DEVICE_PROVIDER_FACTORY);
    for (GList* item = features; item; item = item->next) {
        GstPlugin* plugin = gst_plugin_feature_get_plugin(GST_PLUGIN_FEATURE(item->data));
        if (plugin && std::string(gst_plugin_get_source(plugin)) == "video-stream")
            ours.insert(GST_OBJECT_NAME(item->data));
        gst_clear_object(&plugin);
    }
    gst_plugin_feature_list_free(features);
    return ours;
}

std::string nameOf(const Ref<GstElementFactory>& factory) { return GST_OBJECT_NAME(factory.get()); }

/// The gst-launch lines of a text, each once it no longer ends in a backslash.
std::vector<std::string> launchLines(const std::string& text) {
    constexpr const char* program = "gst-launch-1.0 ";
    std::vector<std::string> found;
    bool goesOn = false;
    for (std::string line : linesOf(text)) {
        const size_t start = line.find_first_not_of(" *");
        line.erase(0, std::min(start, line.size()));
        if (!goesOn && line.rfind(program, 0) != 0)
            continue;
        found.resize(found.size() + !goesOn);
        goesOn = !line.empty() && line.back() == '\\';
        found.back() += goesOn ? line.substr(0, line.size() - 1) : line;
    }
    for (std::string& line : found)
        line.erase(0, std::string(program).size());
    return found;
}

void assertParses(const std::string& line, const std::string& where) {
    char** words = nullptr;
    GError* error = nullptr;
    if (!g_shell_parse_argv(line.c_str(), nullptr, &words, &error))
        fail("%s: %s: %s", where.c_str(), line.c_str(), error->message);
    const Ref<GstElement> pipeline(gst_parse_launchv_full(const_cast<const char**>(words), nullptr,
                                                          GST_PARSE_FLAG_FATAL_ERRORS, &error));
    g_strfreev(words);
    fail_if(error, "%s: %s: %s", where.c_str(), line.c_str(), error ? error->message : "");
    fail_unless(pipeline != nullptr);
}

/// Element name -> the documentation comment above its shell.
std::map<std::string, std::string> sections() {
    const std::string mark = "SECTION:element-";
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(sourceDir() / "plugins")) {
        if (entry.path().extension() != ".cpp")
            continue;
        const std::string text = textOf(entry.path());
        for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
            at += mark.size();
            const size_t end = text.find("*/", at);
            found[text.substr(at, text.find_first_of(" \n", at) - at)] = text.substr(at, end - at);
        }
    }
    return found;
}

std::set<std::string> tableOfReadme() {
    std::set<std::string> rows;
    bool here = false; // there are other tables
    for (const std::string& line : linesOf(textOf(sourceDir() / "README.md"))) {
        if (line.rfind("## ", 0) == 0)
            here = line == "## The elements";
        if (here && line.rfind("| `", 0) == 0)
            rows.insert(line.substr(3, line.find('`', 3) - 3));
    }
    return rows;
}

} // namespace

GST_START_TEST(everythingIsExplained) {
    for (const auto& factory : factories()) {
        const std::string name = nameOf(factory);
        for (const char* key : {GST_ELEMENT_METADATA_LONGNAME, GST_ELEMENT_METADATA_KLASS,
                                GST_ELEMENT_METADATA_DESCRIPTION, GST_ELEMENT_METADATA_AUTHOR}) {
            const char* value = gst_element_factory_get_metadata(factory.get(), key);
            fail_unless(value && *value, "%s has no %s", name.c_str(), key);
        }
        const GType type = gst_element_factory_get_element_type(factory.get());
        gpointer klass = g_type_class_ref(type);
        guint count = 0;
        GParamSpec** specs = g_object_class_list_properties(G_OBJECT_CLASS(klass), &count);
        for (guint i = 0; i < count; i++) {
            const char* blurb = g_param_spec_get_blurb(specs[i]);
            fail_unless(blurb && *blurb, "%s::%s is not explained", name.c_str(), specs[i]->name);
            if (specs[i]->owner_type == type)
                fail_unless(std::string(blurb).find(' ') != std::string::npos,
                            "%s::%s is explained with one word", name.c_str(), specs[i]->name);
        }
        g_free(specs);
        g_type_class_unref(klass);
    }
}
GST_END_TEST

/// As a user does it; prints to standard error are warnings of GLib or GStreamer.
GST_START_TEST(inspectRuns) {
    for (const auto& factory : factories()) {
        const std::string name = nameOf(factory);
        const char* argv[] = {"gst-inspect-1.0", name.c_str(), nullptr};
        char *out = nullptr, *problems = nullptr;
        int status = 0;
        fail_unless(g_spawn_sync(nullptr, const_cast<char**>(argv), nullptr, G_SPAWN_SEARCH_PATH,
                                 nullptr, nullptr, &out, &problems, &status, nullptr));
        fail_unless(g_spawn_check_wait_status(status, nullptr), "gst-inspect-1.0 %s failed",
                    name.c_str());
        fail_unless_equals_string(problems, "");
        fail_unless(std::string(out).find("Element Properties") != std::string::npos);
        g_free(out);
        g_free(problems);
    }
}
GST_END_TEST

GST_START_TEST(documentationWorks) {
    const auto documented = sections();
    for (const auto& factory : factories()) {
        const std::string name = nameOf(factory);
        const auto section = documented.find(name);
        fail_unless(section != documented.end(), "%s has no SECTION:element-%s", name.c_str(),
                    name.c_str());
        const auto lines = launchLines(section->second);
        // What has no pads is not for pipelines.
        if (gst_element_factory_get_num_pad_templates(factory.get()) == 0)
            continue;
        fail_if(lines.empty(), "the documentation of %s has no gst-launch-1.0 line", name.c_str());
        for (const std::string& line : lines) {
            fail_unless(line.find(name) != std::string::npos, "%s does not use %s", line.c_str(),
                        name.c_str());
            assertParses(line, name);
        }
    }
}
GST_END_TEST

GST_START_TEST(readmeLinesParse) {
    const auto lines = launchLines(textOf(sourceDir() / "README.md"));
    fail_unless(lines.size() >= 6, "README.md promises six lines to copy");
    for (const std::string& line : lines)
        assertParses(line, "README.md");
}
GST_END_TEST

GST_START_TEST(readmeTableIsComplete) {
    std::set<std::string> ours = providers();
    for (const auto& factory : factories())
        ours.insert(nameOf(factory));
    const std::set<std::string> rows = tableOfReadme();
    for (const std::string& name : ours)
        fail_unless(rows.count(name), "README.md's table lacks %s", name.c_str());
    for (const std::string& name : rows)
        fail_unless(ours.count(name), "README.md's table has %s, which no plugin registers",
                    name.c_str());
}
GST_END_TEST

static Suite* inspect_suite() {
    Suite* suite = suite_create("inspect");
    TCase* tests = tcase_create("general");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, everythingIsExplained);
    tcase_add_test(tests, inspectRuns);
    tcase_add_test(tests, documentationWorks);
    tcase_add_test(tests, readmeLinesParse);
    tcase_add_test(tests, readmeTableIsComplete);
    return suite;
}

GST_CHECK_MAIN(inspect);
