#include "support/gstsceneproducer.hpp"

#include "base/error.hpp"
#include "glue/videoframe.hpp"
#include "support/scenepainter.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>

namespace camera {
namespace {

std::string clockText() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char text[32];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d  %H:%M:%S", &local));
}

struct UnrefPool {
    void operator()(GstBufferPool* pool) const {
        gst_buffer_pool_set_active(pool, FALSE);
        gst_object_unref(pool);
    }
};

class SceneProducer : public Producer {
public:
    SceneProducer(std::string name, const std::shared_ptr<const SceneBackground>& background,
                  int fps, GstClockTime epoch)
        : name_(std::move(name)), fps_(static_cast<guint64>(fps)), epoch_(epoch),
          painter_(background, fps), clock_(gst_system_clock_obtain()) {
        gst_video_info_set_format(&info_, GST_VIDEO_FORMAT_I420,
                                  static_cast<guint>(background->picture().width),
                                  static_cast<guint>(background->picture().height));
        info_.fps_n = fps;
        info_.fps_d = 1;
    }

    glue::Ref<GstCaps> caps() override {
        return glue::Ref<GstCaps>(gst_video_info_to_caps(&info_));
    }

    glue::Ref<GstBuffer> next() override {
        if (cancelled_)
            return nullptr;
        const GstClockTime now = gst_clock_get_time(clock_.get());
        const guint64 current =
            gst_util_uint64_scale(now > epoch_ ? now - epoch_ : 0, fps_, GST_SECOND);
        number_ = std::max(number_ + 1, current);

        auto buffer = acquire();
        {
            glue::MappedFrame mapped(info_, buffer.get(), GST_MAP_WRITE);
            painter_.paint(number_, name_ + "    " + clockText(), mapped.writable());
        }
        const auto due = [this](guint64 n) {
            return epoch_ + gst_util_uint64_scale(n, GST_SECOND, fps_);
        };
        GST_BUFFER_PTS(buffer.get()) = due(number_);
        GST_BUFFER_DURATION(buffer.get()) = due(number_ + 1) - due(number_);
        GST_BUFFER_OFFSET(buffer.get()) = number_;
        return buffer;
    }

    void cancel(bool cancelled) override { cancelled_ = cancelled; }

private:
    glue::Ref<GstBuffer> acquire() {
        if (!pool_) {
            pool_.reset(gst_video_buffer_pool_new());
            GstStructure* config = gst_buffer_pool_get_config(pool_.get());
            gst_buffer_pool_config_set_params(config, caps().get(), static_cast<guint>(info_.size),
                                              2, 0);
            gst_buffer_pool_set_config(pool_.get(), config);
            gst_buffer_pool_set_active(pool_.get(), TRUE);
        }
        GstBuffer* buffer = nullptr;
        if (gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK)
            throw base::Error(base::ErrorKind::Failed, "There is no memory for a picture.");
        return glue::Ref<GstBuffer>(buffer);
    }

    std::string name_;
    guint64 fps_;
    GstClockTime epoch_;
    GstVideoInfo info_{};
    ScenePainter painter_;
    glue::Ref<GstClock> clock_;
    std::unique_ptr<GstBufferPool, UnrefPool> pool_;
    guint64 number_ = 0;
    std::atomic<bool> cancelled_{false};
};

} // namespace

std::unique_ptr<Producer> sceneProducer(std::string name,
                                        std::shared_ptr<const SceneBackground> background, int fps,
                                        GstClockTime epoch) {
    return std::make_unique<SceneProducer>(std::move(name), background, fps, epoch);
}

} // namespace camera
