#include "web/pagefile.hpp"

#include <algorithm>

namespace web {

std::optional<net::HttpReply> pageReply(const std::string& file) {
    const std::string name = file.empty() ? "index.html" : file;
    const auto* end = pageFiles + pageFileCount;
    const auto* found =
        std::find_if(pageFiles, end, [&](const PageFile& f) { return name == f.name; });
    if (found == end)
        return std::nullopt;
    return net::HttpReply{
        200,
        found->type,
        std::string(reinterpret_cast<const char*>(found->data), found->size),
        {{"Cache-Control", "no-cache"},
         {"Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
          "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'self'"},
         {"Referrer-Policy", "no-referrer"}}};
}

} // namespace web
