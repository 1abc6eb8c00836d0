#pragma once

#include "glue/ref.hpp"

#include <memory>

namespace camera {

/// What a live source shows: buffers that carry the moment of the system clock at which they are
/// due as their PTS, so that all streams of a camera agree in time whenever they were started.
class Producer {
public:
    virtual ~Producer() = default;
    /// What the buffers hold. Throws base::Error when there is nothing to show.
    virtual glue::Ref<GstCaps> caps() = 0;
    /// The next buffer, made ahead of its time. Blocks at most for as long as making it takes; null
    /// after cancel(). Throws base::Error.
    virtual glue::Ref<GstBuffer> next() = 0;
    /// From another thread: next() shall return at once, until `cancelled` is false again.
    virtual void cancel(bool cancelled) = 0;
};

/// Makes the element "virtualcamerasrc" known to this process; any number of times.
void registerLiveSource();

/// Gives a "virtualcamerasrc" what it shows, before it starts.
void setProducer(GstElement* liveSource, std::unique_ptr<Producer> producer);

} // namespace camera
