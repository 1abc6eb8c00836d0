#pragma once

#include "camerawatch.hpp"

#include <deque>
#include <optional>

/// An RTSP client that says exactly what a test wants said: requests by hand, RTP interleaved.
class RtspDialogue {
public:
    explicit RtspDialogue(std::string url) : url_(std::move(url)), connection_(url_) {}

    /// The head of the answer. What comes by RTP meanwhile is kept.
    std::string ask(const std::string& method, const std::string& headers = {},
                    const std::string& below = {}) {
        connection_.send(method + " " + url_ + below + " RTSP/1.0\r\nCSeq: " +
                         std::to_string(++count_) + "\r\n" + session_ + headers + "\r\n");
        return answer();
    }

    /// Whether two seconds pass in which RTP may come, and no answer.
    bool asksInVain(const std::string& method) {
        connection_.send(method + " " + url_ + " RTSP/1.0\r\nCSeq: " + std::to_string(++count_) +
                         "\r\n" + session_ + "\r\n");
        for (const gint64 end = g_get_monotonic_time() + 2 * G_USEC_PER_SEC;
             g_get_monotonic_time() < end;)
            listen(); // anything else fails the test
        return true;
    }

    /// DESCRIBE and SETUP of the first track; the SDP stays in `sdp`.
    void setUp(const std::string& headers = {}) {
        const std::string described = ask("DESCRIBE");
        fail_unless(says(described, "RTSP/1.0 200 "), "%s", described.c_str());
        const std::string set = ask(
            "SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" + headers, "/stream=0");
        fail_unless(says(set, "RTSP/1.0 200 "), "%s", set.c_str());
        const auto at = set.find("Session: ");
        session_ = set.substr(at, set.find_first_of(";\r", at) - at) + "\r\n";
    }

    /// The next RTP packet; nothing when the camera hangs up or is silent for `seconds`.
    std::optional<std::string> packet(int seconds = 120) {
        connection_.patience(seconds);
        while (!early_.empty() || listen())
            if (const Frame frame = take(); frame.first == 0)
                return frame.second;
        return {};
    }

    std::string sdp;
    unsigned cseq() const { return count_; }

private:
    using Frame = std::pair<int, std::string>; ///< channel and packet

    bool listen() {
        const std::string head = connection_.some(1);
        fail_unless(head.empty() || head == "$", "no interleaved packet: %s", head.c_str());
        if (!head.empty())
            keep();
        return !head.empty();
    }

    /// What follows a '$'.
    void keep() {
        const std::string head = connection_.read(3);
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
        early_.emplace_back(byte(0), connection_.read(byte(1) * 256U + byte(2)));
    }

    Frame take() {
        Frame frame = std::move(early_.front());
        early_.pop_front();
        return frame;
    }

    std::string answer() {
        connection_.patience(120);
        std::string head = connection_.some(1);
        while (head == "$") {
            keep();
            head = connection_.some(1);
        }
        head += connection_.until("\r\n\r\n");
        const auto length = head.find("Content-Length: ");
        if (length != std::string::npos)
            sdp = connection_.read(std::stoul(head.substr(length + 16)));
        return head;
    }

    std::string url_;
    Connection connection_;
    std::string session_;
    std::deque<Frame> early_;
    unsigned count_ = 0;
};
