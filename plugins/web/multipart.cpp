#include "web/multipart.hpp"

namespace web {

std::string Multipart::contentType() const {
    return "multipart/x-mixed-replace; boundary=" + boundary_;
}

std::string Multipart::opening() const { return "--" + boundary_ + "\r\n"; }

Picture Multipart::part(const unsigned char* jpeg, std::size_t size, std::uint64_t number) const {
    const std::string head =
        "Content-Type: image/jpeg\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    const std::string tail = "\r\n--" + boundary_ + "\r\n";
    auto text = std::make_shared<std::string>();
    text->reserve(head.size() + size + tail.size());
    text->append(head).append(reinterpret_cast<const char*>(jpeg), size).append(tail);
    return {std::move(text), head.size(), size, number};
}

bool isJpeg(const unsigned char* data, std::size_t size) {
    return size >= 4 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff;
}

Pace::Pace(double perSecond) {
    if (perSecond > 0)
        step_ = std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(1 / perSecond));
}

bool Pace::take(Clock::time_point now) {
    // Half a step early is on time: 30 pictures a second that come unevenly are 30 all the same.
    if (now < due_ - step_ / 2)
        return false;
    due_ = now - due_ > step_ ? now + step_ : due_ + step_; // nothing is made up for
    return true;
}

} // namespace web
