#include "record.hpp"

#include "xmlvalue.hpp"

#include <json-glib/json-glib.h>

#include <memory>

namespace {

/// Control characters of a device's texts could steer a terminal.
/// Without what a terminal obeys: U+0080 to U+009F too, of which U+009B starts a sequence.
std::string printable(std::string text) {
    for (std::size_t i = 0; i < text.size(); i++) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (c == 0xc2 && next >= 0x80 && next < 0xa0)
            text.replace(i, 2, " ");
        else if (c < 0x20 || c == 0x7f)
            text[i] = ' ';
    }
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words)
        all += (all.empty() ? "" : ", ") + printable(word);
    return all;
}

struct Lines {
    std::string name, margin;
    int indent;

    std::string operator()(const std::string& value) const { return one(printable(value)); }
    std::string operator()(double value) const { return one(onvif::decimalText(value)); }
    std::string operator()(bool value) const { return one(value ? "yes" : "no"); }
    std::string operator()(const std::vector<std::string>& words) const {
        return one(joined(words));
    }
    std::string operator()(const Record& value) const {
        return margin + name + ":\n" + value.lines(indent + 2);
    }
    std::string operator()(const Record::List& list) const {
        if (list.empty())
            return one("none");
        std::string all = margin + name + ":\n";
        for (const Record& record : list) {
            std::string item = record.lines(indent + 4);
            if (item.size() > static_cast<std::size_t>(indent) + 2)
                item[static_cast<std::size_t>(indent) + 2] = '-';
            all += item;
        }
        return all;
    }
    std::string one(const std::string& value) const { return margin + name + ": " + value + "\n"; }
};

void write(JsonBuilder* builder, const Record& record);

struct Json {
    JsonBuilder* builder;

    void operator()(const std::string& value) const {
        const std::unique_ptr<char, void (*)(void*)> valid(
            g_utf8_make_valid(value.data(), static_cast<gssize>(value.size())), g_free);
        json_builder_add_string_value(builder, valid.get());
    }
    void operator()(double value) const { json_builder_add_double_value(builder, value); }
    void operator()(bool value) const { json_builder_add_boolean_value(builder, value); }
    void operator()(const std::vector<std::string>& words) const {
        json_builder_begin_array(builder);
        for (const std::string& word : words)
            (*this)(word);
        json_builder_end_array(builder);
    }
    void operator()(const Record& value) const { write(builder, value); }
    void operator()(const Record::List& list) const {
        json_builder_begin_array(builder);
        for (const Record& record : list)
            write(builder, record);
        json_builder_end_array(builder);
    }
};

void write(JsonBuilder* builder, const Record& record) {
    json_builder_begin_object(builder);
    for (const auto& [name, value] : record.fields()) {
        json_builder_set_member_name(builder, name.c_str());
        std::visit(Json{builder}, value);
    }
    json_builder_end_object(builder);
}

} // namespace

Record& Record::text(const std::string& name, const std::string& value) {
    if (!value.empty())
        fields_.emplace_back(name, value);
    return *this;
}

Record& Record::number(const std::string& name, const std::optional<double>& value) {
    if (value)
        fields_.emplace_back(name, *value);
    return *this;
}

Record& Record::flag(const std::string& name, const std::optional<bool>& value) {
    if (value)
        fields_.emplace_back(name, *value);
    return *this;
}

Record& Record::words(const std::string& name, std::vector<std::string> value) {
    if (!value.empty())
        fields_.emplace_back(name, std::move(value));
    return *this;
}

Record& Record::records(const std::string& name, List value) {
    fields_.emplace_back(name, std::move(value));
    return *this;
}

Record& Record::record(const std::string& name, Record value) {
    if (!value.empty())
        fields_.emplace_back(name, std::move(value));
    return *this;
}

std::string Record::lines(int indent) const {
    std::string all;
    for (const auto& [name, value] : fields_)
        all += std::visit(
            Lines{printable(name), std::string(static_cast<std::size_t>(indent), ' '), indent},
            value);
    return all;
}

std::string Record::json() const {
    const std::unique_ptr<JsonBuilder, void (*)(void*)> builder(json_builder_new(), g_object_unref);
    write(builder.get(), *this);
    const std::unique_ptr<JsonNode, void (*)(JsonNode*)> root(json_builder_get_root(builder.get()),
                                                              json_node_unref);
    const std::unique_ptr<char, void (*)(void*)> text(json_to_string(root.get(), FALSE), g_free);
    return text.get();
}
