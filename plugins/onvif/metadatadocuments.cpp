#include "metadatadocuments.hpp"

#include "base/error.hpp"
#include "gunzip.hpp"

#include <algorithm>
#include <utility>

namespace onvif {

namespace {

constexpr std::string_view declaration = "<?xml", rootName = "MetadataStream";
constexpr std::string_view gzipMagic = "\x1F\x8B";

bool startsWith(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

/// Without byte order mark and white space at its start.
std::string_view trimmed(std::string_view text) {
    if (startsWith(text, "\xEF\xBB\xBF"))
        text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

/// Past declarations, instructions and comments.
std::string_view fromRoot(std::string_view text) {
    for (text = trimmed(text); startsWith(text, "<?") || startsWith(text, "<!--");
         text = trimmed(text)) {
        const std::string_view close = text[1] == '?' ? "?>" : "-->";
        const auto end = text.find(close, 2);
        if (end == std::string_view::npos)
            return {};
        text.remove_prefix(end + close.size());
    }
    return text;
}

bool isMetadataStream(std::string_view root) {
    if (root.empty() || root[0] != '<')
        return false;
    std::string_view name = root.substr(1, root.find_first_of(" \t\r\n/>", 1) - 1);
    if (const auto colon = name.find(':'); colon != std::string_view::npos)
        name.remove_prefix(colon + 1);
    return name == rootName;
}

} // namespace

bool beginsMetadata(std::string_view text) {
    text = trimmed(text);
    return startsWith(text, declaration) || isMetadataStream(text);
}

void MetadataDocuments::drop() {
    if (!text_.empty() || !packed_.empty())
        dropped_++;
    text_.clear();
    packed_.clear();
    extent_ = XmlExtent();
}

void MetadataDocuments::lost() {
    if (!extent_.inside())
        text_.clear(); // white space and comments between documents
    drop();
    lost_ = true;
    afterMarker_ = false;
}

bool MetadataDocuments::findsThread(std::string_view payload) const {
    return afterMarker_ ||
           (form_ == Form::Gzip ? startsWith(payload, gzipMagic) : beginsMetadata(payload));
}

void MetadataDocuments::finish() {
    if (isMetadataStream(fromRoot(text_))) {
        completed_++;
        ready_.push_back({std::move(text_), time_});
    } else {
        dropped_++;
    }
    text_.clear();
    extent_ = XmlExtent();
}

void MetadataDocuments::pushPlain(std::string_view text, std::uint64_t time) {
    // A document that begins anew where another should go on: nobody told us of the loss.
    if (extent_.inside() && extent_.betweenMarkup() && beginsMetadata(text))
        drop();
    for (const char c : text) {
        if (text_.empty() && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
            continue;
        if (text_.empty())
            time_ = time;
        text_ += c;
        const XmlExtent::Step step = extent_.feed(c);
        if (step == XmlExtent::Step::Ends) {
            finish();
        } else if (step == XmlExtent::Step::Bad || text_.size() > maxBytes) {
            drop();
            lost_ = true;
            return;
        }
    }
}

void MetadataDocuments::pushPacked(std::string_view payload, bool marker, std::uint64_t time) {
    if (packed_.empty())
        packedTime_ = time;
    packed_ += payload;
    if (packed_.size() > maxBytes) {
        drop();
        lost_ = true;
        return;
    }
    if (!marker)
        return;
    try {
        const std::string text = gunzip(packed_, maxBytes);
        packed_.clear();
        pushPlain(text, packedTime_);
        if (extent_.inside())
            drop();
    } catch (const base::Error&) {
        drop();
    }
}

std::vector<MetadataDocument> MetadataDocuments::push(std::string_view payload, bool marker,
                                                      std::uint64_t time) {
    if (lost_ && findsThread(payload))
        lost_ = false;
    if (!lost_ && form_ == Form::Plain)
        pushPlain(payload, time);
    else if (!lost_)
        pushPacked(payload, marker, time);
    afterMarker_ = marker;
    return std::exchange(ready_, {});
}

} // namespace onvif
