#pragma once

#include <cstddef>
#include <string_view>

namespace onvif {

/// Finds where an XML document ends while its bytes come in, in one pass and without keeping them:
/// a metadata stream cuts documents into packets anywhere, puts several into one packet, and many
/// cameras set the marker that should tell the end on every packet or on none.
/// It knows tags, quotes, comments, CDATA and instructions; whether names match is the parser's
/// business.
class XmlExtent {
public:
    enum class Step {
        Goes, ///< the document goes on
        Ends, ///< this byte closed the root; the next one begins another document
        Bad,  ///< no XML, or a document type, which nobody honest sends
    };
    Step feed(char c);

    /// Inside a root element or some markup: what is there so far is a part of a document.
    bool inside() const { return depth_ > 0 || state_ != State::Text; }
    /// Between markup, where a document that begins anew can be told from one that goes on.
    bool betweenMarkup() const { return state_ == State::Text; }

private:
    enum class State { Text, Opened, Start, Quoted, End, Instruction, Bang, Comment, CData };
    static constexpr int maxDepth = 100; ///< as net::XmlDocument has it

    Step text(char c);
    Step opened(char c);
    Step start(char c);
    Step end(char c);
    Step bang(char c);
    Step closing(char c, std::string_view mark);
    Step back();

    State state_ = State::Text;
    int depth_ = 0;
    char quote_ = 0, last_ = 0;
    std::size_t matched_ = 0; ///< characters of the mark that opens or closes
};

} // namespace onvif
