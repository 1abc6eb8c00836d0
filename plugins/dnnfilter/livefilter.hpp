#pragma once

#include "dnnfilter/filter.hpp"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

namespace dnnfilter {

/// A filter in a thread of its own, for video that does not wait: it takes the frame that comes
/// when it is free, and its latest answer is there for whoever asks.
class LiveFilter {
public:
    explicit LiveFilter(std::unique_ptr<Filter> filter);
    ~LiveFilter(); ///< waits for the tile grid at work
    LiveFilter(const LiveFilter&) = delete;
    LiveFilter& operator=(const LiveFilter&) = delete;

    /// From the next frame that it takes; the latest answer stays until there is one of the new
    /// filter. Ends the old one in its own thread.
    void replace(std::unique_ptr<Filter> filter);
    /// Inferences for a frame of that size.
    std::size_t tiles(int width, int height) const;
    /// Whether a frame would be taken. Throws what the last one has thrown.
    bool idle() const;
    /// Takes a frame, in exchange for a spare one, if idle.
    void offer(RgbPicture& picture);
    /// Nothing before the first answer and after forget().
    std::shared_ptr<const RgbPicture> latest() const;
    void forget();
    std::uint64_t answers() const;

private:
    void work();

    mutable std::mutex mutex_; ///< of all below
    std::unique_ptr<Filter> filter_, next_;
    std::condition_variable wake_;
    bool busy_ = false, stop_ = false;
    std::uint64_t epoch_ = 0, answers_ = 0;
    RgbPicture input_;
    std::shared_ptr<const RgbPicture> latest_;
    std::exception_ptr failure_;
    std::thread thread_; ///< last: it uses all of the above
};

} // namespace dnnfilter
