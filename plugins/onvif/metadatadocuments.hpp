#pragma once

#include "xmlextent.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace onvif {

/// One complete document of a metadata stream.
struct MetadataDocument {
    std::string text;
    std::uint64_t time; ///< as given with the packet that it began in
};

/// Puts the documents of a metadata stream together from RTP payloads (ONVIF Streaming,
/// "Metadata stream": a document fills any number of packets, the marker is set where one ends).
/// The structure decides where a document ends, the marker only helps to find the thread again
/// after a loss. What cannot be completed is dropped and counted; memory is bounded.
class MetadataDocuments {
public:
    enum class Form {
        Plain, ///< XML
        Gzip,  ///< each document is a gzip member of its own, and ends with the marker
    };
    static constexpr std::size_t maxBytes = 1024 * 1024; ///< of a document, unpacked

    explicit MetadataDocuments(Form form = Form::Plain) : form_(form) {}

    /// The documents that a payload completes; `time` is anything the caller wants back.
    std::vector<MetadataDocument> push(std::string_view payload, bool marker, std::uint64_t time);
    /// Packets are missing before the next one.
    void lost();

    std::uint64_t completed() const { return completed_; }
    std::uint64_t dropped() const { return dropped_; } ///< broken, cut, foreign or too large

private:
    void pushPlain(std::string_view text, std::uint64_t time);
    void pushPacked(std::string_view payload, bool marker, std::uint64_t time);
    void finish();
    void drop();
    bool findsThread(std::string_view payload) const;

    const Form form_;
    XmlExtent extent_;
    std::string text_;   ///< of the document that is coming in
    std::string packed_; ///< Gzip only
    std::uint64_t time_ = 0, packedTime_ = 0;
    bool lost_ = false, afterMarker_ = true;
    std::uint64_t completed_ = 0, dropped_ = 0;
    std::vector<MetadataDocument> ready_;
};

/// Does the text begin an XML document of ours: with a declaration, or with the root of a metadata
/// stream under any prefix?
bool beginsMetadata(std::string_view text);

} // namespace onvif
