#pragma once

#include "infer/engine.hpp"
#include "letterbox.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace yolo {

/// How to read a network's outputs, and how its family wants the picture.
struct Layout {
    enum class Kind {
        Columns,    ///< [1, 4 + classes, n]: cx, cy, w, h, scores (v8 and its successors)
        Rows,       ///< [1, n, 4 + classes]: the same, one row a candidate
        Objectness, ///< [1, n, 5 + classes]: cx, cy, w, h, objectness, scores (v5, v6, v7, YOLOX)
        Grid,       ///< the same not yet turned to pixels (YOLOX as its project exports it)
        Heads,      ///< [1, 3, h, w, 5 + classes] for each stride, before the sigmoid (v7 raw)
        EndToEnd,   ///< [1, n, 6]: x1, y1, x2, y2, score, class; no duplicates (v10, 26)
        BatchRows,  ///< [n, 7]: batch, x1, y1, x2, y2, class, score; no duplicates (v7 end-to-end)
        Darknet,    ///< some [n, 5 + classes]: cx, cy, w, h in 0..1, objectness, final scores
        TwoOutputs, ///< [1, n, 4] x1, y1, x2, y2 and [1, n, classes] scores (YOLO-NAS)
        Lists,      ///< [1, n, 4] x1, y1, x2, y2, [1, n] scores, [1, n] classes, [1, 1] how many
    };

    Kind kind = Kind::Columns;
    std::string family; ///< for people: "YOLOX"
    int classes = 0;    ///< 0: the outputs do not tell (EndToEnd, BatchRows, Lists)
    Preprocessing picture;
    std::size_t boxes = 0;          ///< which output
    std::size_t scores = 0;         ///< which output (TwoOutputs, Lists)
    std::size_t labels = 0;         ///< which output (Lists)
    std::size_t counts = 0;         ///< which output (Lists)
    int channels = 0;               ///< values of one candidate in output `boxes`
    bool parts = false;             ///< boxes are 0..1 of the input rather than its pixels
    bool centred = false;           ///< EndToEnd: boxes are cx, cy, w, h
    bool scoreFirst = false;        ///< BatchRows: the score stands before the class (YOLO-NAS)
    bool duplicates = true;         ///< an object may be answered several times
    const float* anchors = nullptr; ///< Heads: three pairs a stride, pixels, finest stride first

    // What a candidate says beside its box: channels from `extras` on.
    int extras = 0;
    bool oriented = false; ///< the last channel is an angle in radians
    int masks = 0;         ///< coefficients of the prototypes in output `prototypes`
    std::size_t prototypes = 0;
    int keyPoints = 0;      ///< how many
    int keyPointValues = 3; ///< x, y and visibility, or 2 without that

    /// "detect", "segment", "pose" or "obb", as Ultralytics calls it.
    std::string task() const;
};

/// The names of layouts that can be asked for: "auto", "v8", "v5", "yolox", "v7-raw", "end-to-end",
/// "v7-end-to-end", "nas", "rt-detr", "darknet".
enum class LayoutChoice {
    Auto,
    V8,
    V5,
    Yolox,
    V7Raw,
    EndToEnd,
    V7EndToEnd,
    Nas,
    RtDetr,
    Darknet,
};

/// What is known beside the outputs. Channels count five things at once; these tell them apart.
struct Clues {
    int classes = 0;     ///< from the network's own names or a label file; 0: not known
    bool certain = true; ///< the network says so itself; a label file may be another's
    std::string task;    ///< as Ultralytics writes it: detect, segment, pose, obb; empty: not known
    int keyPoints = 0;   ///< 0: not known
    int keyPointValues = 3;
    bool endToEnd = false;
    bool darknet = false;
    std::size_t fileBytes = 0; ///< tells YOLOv7 from v7-tiny
    int netWidth = 0, netHeight = 0;
    LayoutChoice choice = LayoutChoice::Auto;
};

/// Finds the layout from one answer of the network, to any picture: shapes tell most, and the
/// values of the boxes tell pixels from grid offsets. Throws base::Error Unsupported that names the
/// shapes and what is understood.
Layout findLayout(const std::vector<infer::Tensor>& outputs, const Clues& clues);

/// "output0 [1, 84, 8400], output1 [1, 32, 160, 160]"
std::string describe(const std::vector<infer::Tensor>& outputs);

/// Cells of a network's three or four grids together, strides 8 to `largest`.
int gridCells(int netWidth, int netHeight, int largest);

} // namespace yolo
