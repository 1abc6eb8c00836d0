#pragma once

#include "support/xsdtime.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace camera {

/// Something recorded that can be played again from rtsp://…/replay/TOKEN.
struct RecordedItem {
    struct Track {
        std::string token;
        std::string type; ///< Video, Audio or Metadata
    };
    std::string token, name;
    std::vector<Track> tracks;
    Instant from, until;
};

/// The table of what is recorded. Any thread may use it.
class RecordingTable {
public:
    void set(std::vector<RecordedItem> all) {
        const std::lock_guard lock(mutex_);
        all_ = std::move(all);
    }
    std::vector<RecordedItem> all() const {
        const std::lock_guard lock(mutex_);
        return all_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<RecordedItem> all_;
};

} // namespace camera
