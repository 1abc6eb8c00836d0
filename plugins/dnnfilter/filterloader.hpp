#pragma once

#include "base/error.hpp"
#include "dnnfilter/filter.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace dnnfilter {

/// Loads filters beside the stream. What is asked for last wins; what is asked for in quick
/// succession, as when an application sets model and then range, is loaded once.
class FilterLoader {
public:
    struct Outcome {
        std::unique_ptr<Filter> filter;
        std::optional<base::Error> failure; ///< where there is none
    };

    FilterLoader() = default;
    ~FilterLoader(); ///< waits for what is just being loaded
    FilterLoader(const FilterLoader&) = delete;
    FilterLoader& operator=(const FilterLoader&) = delete;

    void load(const ModelSettings& settings, int overlap);
    /// What has come of it, once. Never waits.
    std::optional<Outcome> take();
    /// Ends a filter in the loader's thread, as that takes its time.
    void dispose(std::unique_ptr<Filter> old);

private:
    struct Wanted {
        ModelSettings settings;
        int overlap;
    };
    void work();
    void start();
    static Outcome open(const Wanted& wanted);

    std::mutex mutex_; ///< of all below
    std::condition_variable wake_;
    bool stop_ = false;
    std::optional<Wanted> wanted_;
    std::optional<Outcome> outcome_;
    std::unique_ptr<Filter> old_;
    std::thread thread_; ///< from the first wish on
};

} // namespace dnnfilter
