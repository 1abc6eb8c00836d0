#include "gstyoloproperties.hpp"

namespace yolo {
namespace {

GType modeType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Mode::Sync), "Each frame waits for its own detections", "sync"},
        {static_cast<int>(Mode::Live), "No frame waits; it carries the latest detections", "live"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectMode", values);
}

GType engineType() {
    using infer::EngineChoice;
    static const GEnumValue values[] = {
        {static_cast<int>(EngineChoice::Auto), "The fastest of this build that takes the network",
         "auto"},
        {static_cast<int>(EngineChoice::OpenCv), "OpenCV DNN", "opencv"},
        {static_cast<int>(EngineChoice::OnnxRuntime), "ONNX Runtime", "onnxruntime"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectEngine", values);
}

GType layoutType() {
    static const GEnumValue values[] = {
        {static_cast<int>(LayoutChoice::Auto), "Found from the network's outputs", "auto"},
        {static_cast<int>(LayoutChoice::V8), "cx, cy, w, h, scores: YOLOv8, 9, 11, 12, v5u", "v8"},
        {static_cast<int>(LayoutChoice::V5), "cx, cy, w, h, objectness, scores: YOLOv5, 6, 7",
         "v5"},
        {static_cast<int>(LayoutChoice::Yolox), "YOLOX, decoded or not", "yolox"},
        {static_cast<int>(LayoutChoice::V7Raw), "YOLOv7 exported without its grid", "v7-raw"},
        {static_cast<int>(LayoutChoice::EndToEnd), "x1, y1, x2, y2, score, class: YOLOv10, 26",
         "end-to-end"},
        {static_cast<int>(LayoutChoice::V7EndToEnd), "Rows of seven: YOLOv7 end-to-end",
         "v7-end-to-end"},
        {static_cast<int>(LayoutChoice::Nas), "YOLO-NAS", "nas"},
        {static_cast<int>(LayoutChoice::RtDetr), "RT-DETR", "rt-detr"},
        {static_cast<int>(LayoutChoice::Darknet), "Darknet's [yolo] layers", "darknet"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectLayout", values);
}

GType whereType() {
    static const GEnumValue values[] = {
        {static_cast<int>(Where::FullFrame), "The frame, or the part that roi names", "full-frame"},
        {static_cast<int>(Where::RoiList), "Each object that a detector before this one found",
         "roi-list"},
        {0, nullptr, nullptr}};
    return glue::enumType("GstYoloDetectInferenceRegion", values);
}

} // namespace

const glue::PropertyTable<Settings>& properties() {
    using S = Settings;
    static const glue::PropertyTable<S> rows = {
        glue::text("model",
                   "File of the network: ONNX, or Darknet .weights or .cfg with the other beside "
                   "it. Another one set while playing is loaded beside the stream and takes over "
                   "between two frames",
                   &S::model, glue::mutablePlaying),
        glue::text("labels",
                   "File with one class name per line, in the network's order (default: the "
                   "names in the network, or COCO's where it has 80 classes)",
                   &S::labels, glue::mutablePlaying),
        glue::text("model-instance-id",
                   "Elements with the same id share one loaded network and take turns at it; model "
                   "has to be set for one of them only (default: each has its own)",
                   &S::modelInstanceId),
        glue::number("threshold", "Least score of a detection", &S::threshold, 0, 1,
                     glue::mutablePlaying),
        glue::text("thresholds",
                   "Classes with a least score of their own, by name or number: "
                   "person=0.6,car=0.3",
                   &S::thresholds, glue::mutablePlaying),
        glue::number("iou-threshold",
                     "Of two boxes of one class that overlap by more than this part the "
                     "better is kept",
                     &S::iouThreshold, 0, 1, glue::mutablePlaying),
        glue::text("classes",
                   "Only these, by name or number with commas between: person,car (default: all)",
                   &S::classes, glue::mutablePlaying),
        glue::number("max-detections", "Most detections in a frame, the surest first",
                     &S::maxDetections, 1, 10000, glue::mutablePlaying),
        glue::choice("inference-region", "What the network looks at", &S::where, whereType(),
                     glue::mutablePlaying),
        glue::text("roi",
                   "Part of the frame to look at, as x,y,width,height from 0 to 1: 0.5,0,0.5,1 is "
                   "the right half (default: all)",
                   &S::roi, glue::mutablePlaying),
        glue::text("object-class",
                   "With inference-region=roi-list, the names of the objects to look into, with "
                   "commas between (default: all)",
                   &S::objectClass, glue::mutablePlaying),
        glue::choice("layout", "How the network's outputs are read, where the file does not tell",
                     &S::layout, layoutType(), glue::mutablePlaying),
        glue::text("input-size",
                   "Pixels of the network's input, 640 or 640x384, where it takes any (default: as "
                   "the file says)",
                   &S::inputSize, glue::mutablePlaying),
        glue::choice("engine", "Library that runs the network", &S::engine, engineType()),
        glue::text("device",
                   "What the network runs on: cpu, or what the engine's library offers on this "
                   "machine: cuda, cuda:1 for the second, tensorrt, opencl, openvino, xnnpack. One "
                   "that is not there is refused with the names of those that are",
                   &S::device, glue::mutablePlaying),
        glue::number("threads", "Threads of the network (0: the engine's choice)", &S::threads, 0,
                     256),
        glue::number("batch-size",
                     "Most pictures that the network computes at once, where its export has an "
                     "open batch: frames of streams with one model-instance-id, or the regions of "
                     "one frame. On a processor this gains nothing; on a GPU it does",
                     &S::batchSize, 1, 64),
        glue::number("inference-interval",
                     "Frames from one inference to the next (1: every frame); those "
                     "between carry the latest detections",
                     &S::inferenceInterval, 1, G_MAXINT, glue::mutablePlaying),
        glue::number("max-fps", "Most inferences in a second of the stream (0: no limit)",
                     &S::maxFps, 0, 1000, glue::mutablePlaying),
        glue::number("motion-gate",
                     "Part of the picture, 0 to 1, that has to change for another inference: 0.002 "
                     "is a person far away (0: look at still scenes, too)",
                     &S::motionGate, 0, 1, glue::mutablePlaying),
        glue::choice("mode", "Whether frames wait for their detections", &S::mode, modeType()),
    };
    return rows;
}

} // namespace yolo
