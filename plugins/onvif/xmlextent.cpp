#include "xmlextent.hpp"

namespace onvif {

namespace {

constexpr std::string_view comment = "--", cdata = "[CDATA[";

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool isByteOrderMark(char c) { return c == '\xEF' || c == '\xBB' || c == '\xBF'; }

} // namespace

XmlExtent::Step XmlExtent::back() {
    state_ = State::Text;
    last_ = 0;
    matched_ = 0;
    return Step::Goes;
}

XmlExtent::Step XmlExtent::text(char c) {
    if (c == '<') {
        state_ = State::Opened;
        return Step::Goes;
    }
    return depth_ > 0 || isSpace(c) || isByteOrderMark(c) ? Step::Goes : Step::Bad;
}

XmlExtent::Step XmlExtent::opened(char c) {
    last_ = 0;
    matched_ = 0;
    if (c == '?')
        state_ = State::Instruction;
    else if (c == '!')
        state_ = State::Bang;
    else if (c == '/')
        state_ = State::End;
    else if (isSpace(c) || c == '<' || c == '>')
        return Step::Bad;
    else
        state_ = State::Start;
    return Step::Goes;
}

XmlExtent::Step XmlExtent::start(char c) {
    if (c == '"' || c == '\'') {
        quote_ = c;
        state_ = State::Quoted;
        return Step::Goes;
    }
    if (c == '<')
        return Step::Bad;
    if (c != '>') {
        last_ = c;
        return Step::Goes;
    }
    const bool empty = last_ == '/';
    back();
    if (empty)
        return depth_ == 0 ? Step::Ends : Step::Goes;
    return ++depth_ > maxDepth ? Step::Bad : Step::Goes;
}

XmlExtent::Step XmlExtent::end(char c) {
    if (c == '<')
        return Step::Bad;
    if (c != '>')
        return Step::Goes;
    back();
    if (depth_ == 0)
        return Step::Bad;
    return --depth_ == 0 ? Step::Ends : Step::Goes;
}

/// After "<!": a comment or CDATA, by the first characters. Anything else is a document type.
XmlExtent::Step XmlExtent::bang(char c) {
    if (matched_ == 0)
        quote_ = c;
    const std::string_view mark = quote_ == '-' ? comment : cdata;
    if (c != mark[matched_++] || (quote_ != '-' && depth_ == 0))
        return Step::Bad;
    if (matched_ == mark.size()) {
        state_ = quote_ == '-' ? State::Comment : State::CData;
        matched_ = 0;
    }
    return Step::Goes;
}

/// Inside what ends with `mark`: its first character may be repeated before the others ("--->").
XmlExtent::Step XmlExtent::closing(char c, std::string_view mark) {
    if (c == mark[matched_])
        matched_++;
    else if (c != mark[0])
        matched_ = 0;
    else if (matched_ + 1 < mark.size())
        matched_ = 1;
    return matched_ == mark.size() ? back() : Step::Goes;
}

XmlExtent::Step XmlExtent::feed(char c) {
    switch (state_) {
    case State::Text:
        return text(c);
    case State::Opened:
        return opened(c);
    case State::Start:
        return start(c);
    case State::Quoted:
        if (c == quote_) {
            state_ = State::Start;
            last_ = c;
        }
        return Step::Goes;
    case State::End:
        return end(c);
    case State::Instruction:
        return closing(c, "?>");
    case State::Bang:
        return bang(c);
    case State::Comment:
        return closing(c, "-->");
    case State::CData:
        return closing(c, "]]>");
    }
    return Step::Bad;
}

} // namespace onvif
