#pragma once

#include "base/error.hpp"
#include "network.hpp"
#include "settings.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace yolo {

/// Loads networks beside the stream. What is asked for last wins; what is asked for in quick
/// succession, as when an application sets `model` and then `labels`, is loaded once.
class Loader {
public:
    /// Called in the loader's thread.
    using Loaded = std::function<void(std::shared_ptr<Network>, const Settings&)>;
    using Refused = std::function<void(const base::Error&, const Settings&)>;

    Loader(Loaded loaded, Refused refused);
    /// Waits for a network that is just being loaded, which no library can be told to leave.
    ~Loader();
    Loader(const Loader&) = delete;

    void load(const Settings& settings);
    /// Lets go of something that takes its time to end, such as a network that is still busy.
    void dispose(std::shared_ptr<void> old);

private:
    void work();
    void open(const Settings& settings);
    bool asked() const { return stop_ || wanted_.has_value(); }
    bool idle() const { return !asked() && old_.empty(); }

    Loaded loaded_;
    Refused refused_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::optional<Settings> wanted_;
    std::vector<std::shared_ptr<void>> old_;
    std::thread thread_; ///< last: it uses all of the above
};

} // namespace yolo
