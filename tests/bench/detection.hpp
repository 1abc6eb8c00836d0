#pragma once

#include <string>

/// The parts of the bench `detection`; each returns the exit status.
namespace bench {

/// yolodetect on 1080p I420 against the bare network and the tutorial's way.
int frame(int rounds);
/// Frames through mode=live with a network slower than they come.
int live(int seconds);
/// Four 1080p streams on one network and on four.
int streams(int seconds);
/// What a live stream has in memory over a long time.
int memory(int seconds);

inline std::string shared(const std::string& file) { return SHARED_DIR "/" + file; }

} // namespace bench
