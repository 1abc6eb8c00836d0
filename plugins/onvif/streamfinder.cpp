#include "streamfinder.hpp"

#include "relocation.hpp"

#include <utility>

namespace onvif {

using base::Error;
using base::ErrorKind;

void StreamFinder::start(const SourceSettings& settings) {
    settings_ = settings;
    known_.reset();
    endpoint_.clear();
    failures_ = 0;
}

Stream StreamFinder::ask(const net::Cancel& cancel, const Trace& trace) {
    Stream stream = known_ ? askAgain(cancel, trace) : findStream(settings_, cancel, trace);
    if (known_)
        stream.found = known_->found;
    failures_ = 0;
    known_ = stream;
    return stream;
}

Stream StreamFinder::askAgain(const net::Cancel& cancel, const Trace& trace) {
    SourceSettings where = settings_;
    where.location = known_->service;
    try {
        return findStream(where, cancel, trace);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Unreachable || endpoint_.empty() || failures_++ % 2 == 0)
            throw;
        const auto moved = movedFrom(parseLocation(known_->service).service, cancel);
        if (!moved)
            throw;
        where.location = *moved;
    }
    return findStream(where, cancel, trace);
}

std::optional<std::string> StreamFinder::movedFrom(const net::Url& service,
                                                   const net::Cancel& cancel) const {
    const bool anywhere = settings_.location.empty() || settings_.followAddress;
    return anywhere ? movedTo(endpoint_, service, settings_.interfaces, cancel)
                    : movedOnHost(endpoint_, service, cancel);
}

void StreamFinder::learnEndpoint(const net::Cancel& cancel) {
    if (!endpoint_.empty() || !known_)
        return;
    endpoint_ = known_->found.endpoint;
    if (endpoint_.empty())
        endpoint_ = endpointAt(parseLocation(known_->service).service, cancel);
}

} // namespace onvif
