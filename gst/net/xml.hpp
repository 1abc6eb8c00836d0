#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

typedef struct _xmlNode xmlNode;
typedef struct _xmlDoc xmlDoc;

namespace net {

/// A borrowed element of an `XmlDocument`, found by local name: devices use any prefix, undeclared
/// ones included, so "tds:Capabilities", "Capabilities" and "x:Capabilities" are the same name
/// here.
class XmlNode {
public:
    explicit XmlNode(const xmlNode* node) : node_(node) {}

    std::string name() const; ///< local name, without any prefix
    std::string text() const; ///< all text below, trimmed, entities resolved
    std::string attribute(std::string_view localName) const; ///< empty when absent
    bool hasAttribute(std::string_view localName) const;

    /// The first child element of that name.
    std::optional<XmlNode> child(std::string_view localName) const;
    /// All child elements, or all of that name.
    std::vector<XmlNode> children(std::string_view localName = {}) const;
    /// The element as text that stands on its own: the namespaces it uses are declared in it.
    std::string xml() const;

    /// Down a path of child names, "Body/Fault/Code"; nothing when a step is missing.
    std::optional<XmlNode> at(std::string_view path) const;
    /// The text at the end of a path, empty when a step is missing.
    std::string textAt(std::string_view path) const;
    /// The first element of that name anywhere below, in document order.
    std::optional<XmlNode> find(std::string_view localName) const;
    /// All elements of that name anywhere below, in document order, not looking inside a match.
    std::vector<XmlNode> findAll(std::string_view localName) const;

private:
    const xmlNode* node_;
};

/// A parsed document from somebody who may be hostile: bounded in size and depth, without entities,
/// external references or a document type (SOAP 1.2 Part 1 section 5 forbids one).
class XmlDocument {
public:
    static constexpr std::size_t maxBytes = 1024 * 1024; ///< GetProfiles reaches tens of kB
    static constexpr int maxDepth = 100;

    /// Strictly, then once more forgiving (stray bytes, an encoding declaration that lies). Throws
    /// base::Error(BadData) with the reason.
    static XmlDocument parse(std::string_view text, std::size_t limit = maxBytes);

    XmlNode root() const;

private:
    explicit XmlDocument(std::shared_ptr<xmlDoc> document) : document_(std::move(document)) {}
    std::shared_ptr<xmlDoc> document_;
};

/// `text` as it may stand in element content or in a quoted attribute.
std::string xmlEscape(std::string_view text);

} // namespace net
