#pragma once

#include "net/httpserver.hpp"

#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace camera {

/// One request to the web port, as it came.
struct RequestNote {
    std::string operation; ///< of the SOAP body; empty for anything else
    std::string method, path, query;
    net::HttpHeaders headers;
    std::string body;  ///< cut after maxBody bytes
    std::string proof; ///< what came along: "none", "digest", "wsse", "both"
    bool granted = true;

    static constexpr std::size_t maxBody = 64 * 1024;
    /// The first header of that name, whatever its case; empty when there is none.
    std::string header(const std::string& name) const;
};

/// The latest requests, in the order of their arrival, for tests that look at what clients send.
/// Any thread may use it.
class RequestRecord {
public:
    static constexpr std::size_t most = 500;

    /// With a file name each request is also appended there as one line of JSON; only this user may
    /// read it. Throws base::Error(Settings) when it cannot be written.
    explicit RequestRecord(const std::string& file = {});

    void add(RequestNote note);
    std::vector<RequestNote> all() const;
    /// Those of one operation.
    std::vector<RequestNote> of(const std::string& operation) const;
    void clear();

private:
    mutable std::mutex mutex_;
    std::deque<RequestNote> notes_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

} // namespace camera
