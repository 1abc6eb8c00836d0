#pragma once

#include "stream.hpp"

#include <optional>
#include <string>

namespace onvif {

/// Where the stream of one camera is: at first, and again each time that it was lost. All of it in
/// one thread; what asks blocks, and throws net::Cancelled at once when cancelled.
class StreamFinder {
public:
    void start(const SourceSettings& settings);

    /// Asks the camera, or looks for one. Later where it was, and from the second try in a row that
    /// found nobody on wherever it has gone, as far as it may be followed:
    /// - one that was found on the network, by its endpoint to any address: who relies on discovery
    ///   has left it to the network who the camera is;
    /// - one that the user gave the address of, on that host to another port. Elsewhere only where
    ///   the user said so: a host that claims the endpoint is shown digests of the password.
    /// Never from https to http. Throws base::Error.
    Stream ask(const net::Cancel& cancel, const Trace& trace);

    /// While the camera is there, so that it can be found when it is elsewhere. Takes up to three
    /// seconds where it does not tell; nothing else of this may be called meanwhile.
    void learnEndpoint(const net::Cancel& cancel);
    bool knowsEndpoint() const { return !endpoint_.empty(); }

    /// An address has been given to look at, or was found.
    bool knows() const { return known_ || !settings_.location.empty(); }

private:
    Stream askAgain(const net::Cancel& cancel, const Trace& trace);
    std::optional<std::string> movedFrom(const net::Url& service, const net::Cancel& cancel) const;

    SourceSettings settings_;
    std::optional<Stream> known_;
    std::string endpoint_;  ///< what the camera is called wherever it is
    unsigned failures_ = 0; ///< tries in a row that found nobody
};

} // namespace onvif
