#pragma once

#include "glue/properties.hpp"
#include "retrysettings.hpp"

namespace retry {

/// What retrysink and retrysrc say differently of the same properties; texts that live for ever.
struct RetryBlurbs {
    const char* branch;
    const char* stallTimeout;
    const char* maxBuffers;
};

/// The properties that both have.
glue::PropertyTable<RetrySettings> retryProperties(const RetryBlurbs& blurbs);

} // namespace retry
