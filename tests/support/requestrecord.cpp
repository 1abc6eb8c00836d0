#include "support/requestrecord.hpp"

#include "base/error.hpp"

#include <json-glib/json-glib.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace camera {
namespace {

std::FILE* opened(const std::string& name) {
    if (name.empty())
        return nullptr;
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    std::FILE* file = fd < 0 ? nullptr : fdopen(fd, "a");
    if (!file)
        throw base::Error(base::ErrorKind::Settings,
                          "Requests cannot be recorded in " + name + ": choose another file.",
                          std::strerror(errno));
    return file;
}

void field(JsonBuilder* builder, const char* name, const std::string& text) {
    json_builder_set_member_name(builder, name);
    const std::unique_ptr<char, void (*)(void*)> valid(
        g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())), g_free);
    json_builder_add_string_value(builder, valid.get());
}

std::string json(const RequestNote& note) {
    const std::unique_ptr<JsonBuilder, void (*)(void*)> builder(json_builder_new(), g_object_unref);
    json_builder_begin_object(builder.get());
    field(builder.get(), "operation", note.operation);
    field(builder.get(), "method", note.method);
    field(builder.get(), "path", note.path);
    field(builder.get(), "query", note.query);
    field(builder.get(), "proof", note.proof);
    json_builder_set_member_name(builder.get(), "granted");
    json_builder_add_boolean_value(builder.get(), note.granted);
    json_builder_set_member_name(builder.get(), "headers");
    json_builder_begin_array(builder.get());
    for (const auto& [name, value] : note.headers) {
        json_builder_begin_array(builder.get());
        json_builder_add_string_value(builder.get(), name.c_str());
        json_builder_add_string_value(builder.get(), value.c_str());
        json_builder_end_array(builder.get());
    }
    json_builder_end_array(builder.get());
    field(builder.get(), "body", note.body);
    json_builder_end_object(builder.get());
    const std::unique_ptr<JsonNode, void (*)(JsonNode*)> root(json_builder_get_root(builder.get()),
                                                              json_node_unref);
    const std::unique_ptr<char, void (*)(void*)> text(json_to_string(root.get(), FALSE), g_free);
    return text.get();
}

} // namespace

std::string RequestNote::header(const std::string& name) const {
    for (const auto& [key, value] : headers)
        if (g_ascii_strcasecmp(key.c_str(), name.c_str()) == 0)
            return value;
    return {};
}

RequestRecord::RequestRecord(const std::string& file) : file_(opened(file), std::fclose) {}

void RequestRecord::add(RequestNote note) {
    note.body.resize(std::min(note.body.size(), RequestNote::maxBody));
    const std::lock_guard lock(mutex_);
    if (file_) {
        std::fprintf(file_.get(), "%s\n", json(note).c_str());
        std::fflush(file_.get());
    }
    notes_.push_back(std::move(note));
    if (notes_.size() > most)
        notes_.pop_front();
}

std::vector<RequestNote> RequestRecord::all() const {
    const std::lock_guard lock(mutex_);
    return {notes_.begin(), notes_.end()};
}

std::vector<RequestNote> RequestRecord::of(const std::string& operation) const {
    std::vector<RequestNote> found;
    for (RequestNote& note : all())
        if (note.operation == operation)
            found.push_back(std::move(note));
    return found;
}

void RequestRecord::clear() {
    const std::lock_guard lock(mutex_);
    notes_.clear();
}

} // namespace camera
