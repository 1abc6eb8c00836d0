#include "gstretryproperties.hpp"

namespace retry {

glue::PropertyTable<RetrySettings> retryProperties(const RetryBlurbs& blurbs) {
    using S = RetrySettings;
    using std::chrono::milliseconds;
    return {
        glue::secret("branch", blurbs.branch, &S::branch),
        glue::duration("min-delay", "Milliseconds before the first new try", &S::minDelay,
                       milliseconds(1), milliseconds(600000)),
        glue::duration("max-delay", "Most milliseconds before a new try", &S::maxDelay,
                       milliseconds(1), milliseconds(600000)),
        glue::duration("stall-timeout", blurbs.stallTimeout, &S::stallTimeout, milliseconds(0),
                       milliseconds(600000)),
        glue::number("max-buffers", blurbs.maxBuffers, &S::maxBuffers, 1u, 100000u),
    };
}

} // namespace retry
