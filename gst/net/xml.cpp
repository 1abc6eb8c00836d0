#include "net/xml.hpp"

#include "base/error.hpp"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <mutex>

namespace net {

namespace {

/// libxml2 keeps an undeclared prefix in the node name; a declared one it takes off.
std::string_view localPart(const xmlChar* name) {
    const std::string_view all(reinterpret_cast<const char*>(name));
    const auto colon = all.rfind(':');
    return colon == std::string_view::npos ? all : all.substr(colon + 1);
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
}

const xmlAttr* attributeOf(const xmlNode* node, std::string_view localName) {
    for (const xmlAttr* a = node->properties; a; a = a->next)
        if (localPart(a->name) == localName)
            return a;
    return nullptr;
}

int depthOf(const xmlNode* node) {
    int deepest = 0;
    for (const xmlNode* c = node->children; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE)
            deepest = std::max(deepest, depthOf(c));
    return deepest + 1;
}

void collect(const xmlNode* node, std::string_view name, std::vector<XmlNode>& found,
             bool firstOnly) {
    for (const xmlNode* c = node->children; c; c = c->next) {
        if (c->type != XML_ELEMENT_NODE)
            continue;
        if (localPart(c->name) == name)
            found.emplace_back(c);
        else
            collect(c, name, found, firstOnly);
        if (firstOnly && !found.empty())
            return;
    }
}

/// Keeps libxml2 from writing to stderr in this thread: encoding errors do, whatever NOERROR says,
/// and anybody who sends us a datagram could fill a log with them.
class Silence {
public:
    Silence() : handler_(xmlStructuredError), context_(xmlStructuredErrorContext) {
        // The type of the second parameter became const in libxml2 2.12.
        xmlSetStructuredErrorFunc(nullptr, [](void*, auto*) {});
    }
    ~Silence() { xmlSetStructuredErrorFunc(context_, handler_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    xmlStructuredErrorFunc handler_;
    void* context_;
};

std::shared_ptr<xmlDoc> read(std::string_view text, int extraOptions, std::string& reason) {
    // Never HUGE: it lifts the limits on entity expansion and depth.
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | extraOptions;
    const std::unique_ptr<xmlParserCtxt, void (*)(xmlParserCtxtPtr)> context(xmlNewParserCtxt(),
                                                                             xmlFreeParserCtxt);
    if (!context)
        throw std::bad_alloc();
    const Silence silence;
    const char* encoding = extraOptions & XML_PARSE_RECOVER ? "UTF-8" : nullptr;
    std::shared_ptr<xmlDoc> document(xmlCtxtReadMemory(context.get(), text.data(),
                                                       static_cast<int>(text.size()), nullptr,
                                                       encoding, options),
                                     [](xmlDoc* d) {
                                         if (d)
                                             xmlFreeDoc(d);
                                     });
    if (const auto* error = xmlCtxtGetLastError(context.get()); error && error->message)
        reason = trimmed(error->message);
    return document;
}

} // namespace

std::string XmlNode::name() const { return std::string(localPart(node_->name)); }

std::string XmlNode::text() const {
    const std::unique_ptr<xmlChar, void (*)(void*)> content(xmlNodeGetContent(node_), xmlFree);
    return content ? trimmed(reinterpret_cast<const char*>(content.get())) : std::string();
}

std::string XmlNode::attribute(std::string_view localName) const {
    const xmlAttr* a = attributeOf(node_, localName);
    if (!a)
        return {};
    const std::unique_ptr<xmlChar, void (*)(void*)> value(
        xmlNodeListGetString(node_->doc, a->children, 1), xmlFree);
    return value ? trimmed(reinterpret_cast<const char*>(value.get())) : std::string();
}

bool XmlNode::hasAttribute(std::string_view localName) const {
    return attributeOf(node_, localName) != nullptr;
}

std::string XmlNode::xml() const {
    const Silence silence; // about characters that no encoding has
    // A copy in a document of its own takes along the declarations that stand further out.
    const std::unique_ptr<xmlDoc, void (*)(xmlDocPtr)> document(xmlNewDoc(nullptr), xmlFreeDoc);
    xmlNode* copy =
        document ? xmlDocCopyNode(const_cast<xmlNode*>(node_), document.get(), 1) : nullptr;
    if (!copy)
        throw std::bad_alloc();
    xmlDocSetRootElement(document.get(), copy);
    xmlReconciliateNs(document.get(), copy);
    const std::unique_ptr<xmlBuffer, void (*)(xmlBufferPtr)> buffer(xmlBufferCreate(),
                                                                    xmlBufferFree);
    if (!buffer || xmlNodeDump(buffer.get(), document.get(), copy, 0, 0) < 0)
        throw std::bad_alloc();
    return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

std::optional<XmlNode> XmlNode::child(std::string_view localName) const {
    for (const xmlNode* c = node_->children; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && localPart(c->name) == localName)
            return XmlNode(c);
    return std::nullopt;
}

std::vector<XmlNode> XmlNode::children(std::string_view localName) const {
    std::vector<XmlNode> found;
    for (const xmlNode* c = node_->children; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && (localName.empty() || localPart(c->name) == localName))
            found.emplace_back(c);
    return found;
}

std::optional<XmlNode> XmlNode::at(std::string_view path) const {
    std::optional<XmlNode> here(*this);
    while (here && !path.empty()) {
        const auto slash = path.find('/');
        here = here->child(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return here;
}

std::string XmlNode::textAt(std::string_view path) const {
    const auto node = at(path);
    return node ? node->text() : std::string();
}

std::optional<XmlNode> XmlNode::find(std::string_view localName) const {
    std::vector<XmlNode> found;
    collect(node_, localName, found, true);
    return found.empty() ? std::nullopt : std::optional<XmlNode>(found.front());
}

std::vector<XmlNode> XmlNode::findAll(std::string_view localName) const {
    std::vector<XmlNode> found;
    collect(node_, localName, found, false);
    return found;
}

XmlDocument XmlDocument::parse(std::string_view text, std::size_t limit) {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    if (text.size() > limit)
        throw base::Error(base::ErrorKind::BadData, "The XML answer is too large to be honest.",
                          std::to_string(text.size()) + " bytes, limit " + std::to_string(limit));
    std::string reason = "empty document";
    auto document = read(text, 0, reason);
    if (!document || !xmlDocGetRootElement(document.get()))
        document = read(text, XML_PARSE_RECOVER | XML_PARSE_IGNORE_ENC, reason);
    const xmlNode* root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (!root)
        throw base::Error(base::ErrorKind::BadData, "The answer is not XML.", reason);
    if (document->intSubset || document->extSubset)
        throw base::Error(base::ErrorKind::BadData,
                          "The XML answer carries a document type, which SOAP forbids.");
    if (depthOf(root) > maxDepth)
        throw base::Error(base::ErrorKind::BadData, "The XML answer is nested too deeply.");
    return XmlDocument(std::move(document));
}

XmlNode XmlDocument::root() const { return XmlNode(xmlDocGetRootElement(document_.get())); }

std::string xmlEscape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&apos;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace net
