#pragma once

#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <string>
#include <vector>

/// Finding objects as tutorials do it with OpenCV: cvtColor, blobFromImage, forward, NMSBoxes.
class Tutorial {
public:
    /// The two heads that OpenCV 4.6 loads as they are exported.
    enum class Head { Yolox, V8 };

    Tutorial(const std::string& model, int side, Head head)
        : net_(cv::dnn::readNet(model)), side_(side), head_(head) {}

    /// `i420` holds the planes one below the other. Returns how many objects there are.
    std::size_t detect(const cv::Mat& i420) {
        cv::Mat bgr, small, square(side_, side_, CV_8UC3, cv::Scalar(114, 114, 114)), blob;
        cv::cvtColor(i420, bgr, cv::COLOR_YUV2BGR_I420);
        scale_ = std::min(double(side_) / bgr.cols, double(side_) / bgr.rows);
        cv::resize(bgr, small, {int(bgr.cols * scale_), int(bgr.rows * scale_)});
        small.copyTo(square(cv::Rect(0, 0, small.cols, small.rows)));
        const bool yolox = head_ == Head::Yolox;
        cv::dnn::blobFromImage(square, blob, yolox ? 1 : 1 / 255.0, {}, {}, !yolox);
        net_.setInput(blob);
        std::vector<cv::Mat> outs;
        net_.forward(outs, net_.getUnconnectedOutLayersNames());
        cv::Mat rows(outs[0].size[1], outs[0].size[2], CV_32F, outs[0].ptr<float>());
        if (head_ == Head::V8)
            cv::transpose(rows.clone(), rows);
        return best(rows);
    }

private:
    std::size_t best(const cv::Mat& rows) const {
        const int first = head_ == Head::Yolox ? 5 : 4;
        std::vector<cv::Rect> boxes;
        std::vector<float> scores;
        for (int i = 0; i < rows.rows; i++) {
            const auto* const row = rows.ptr<float>(i);
            double score = 0;
            cv::Point place;
            cv::minMaxLoc(rows.row(i).colRange(first, rows.cols), nullptr, &score, nullptr, &place);
            score *= head_ == Head::Yolox ? row[4] : 1;
            if (score < 0.25)
                continue;
            boxes.emplace_back(int((row[0] - row[2] / 2) / scale_),
                               int((row[1] - row[3] / 2) / scale_), int(row[2] / scale_),
                               int(row[3] / scale_));
            scores.push_back(static_cast<float>(score));
        }
        std::vector<int> kept;
        cv::dnn::NMSBoxes(boxes, scores, 0.25f, 0.45f, kept);
        return kept.size();
    }

    cv::dnn::Net net_;
    int side_;
    Head head_;
    double scale_ = 1;
};
