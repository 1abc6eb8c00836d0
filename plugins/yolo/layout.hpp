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
        EndToEnd,   ///< [1, n, 6]: x1, y1, x2, y2, score, class; no duplicates (v10, 26)
        BatchRows,  ///< [n, 7]: batch, x1, y1, x2, y2, class, score; no duplicates (v7 end-to-end)
        Darknet,    ///< some [n, 5 + classes]: cx, cy, w, h in 0..1, objectness, final scores
        TwoOutputs, ///< [1, n, 4] x1, y1, x2, y2 and [1, n, classes] scores (YOLO-NAS)
    };

    Kind kind = Kind::Columns;
    std::string family; ///< for people: "YOLOX"
    int classes = 0;    ///< 0: the outputs do not tell (EndToEnd, BatchRows)
    Preprocessing picture;
    std::size_t boxes = 0;  ///< which output
    std::size_t scores = 0; ///< which output (TwoOutputs)
    int channels = 0;       ///< values of one candidate in output `boxes`
    bool parts = false;     ///< boxes are 0..1 of the input rather than its pixels
    bool oriented = false;  ///< the last channel is an angle in radians
    std::string extra;      ///< what is not read: "masks", "key points"

    bool hasDuplicates() const { return kind != Kind::EndToEnd && kind != Kind::BatchRows; }
};

/// What is known beside the outputs. Channels count five things at once; these tell them apart.
struct Clues {
    int classes = 0;  ///< from the network's own names or a label file; 0: not known
    std::string task; ///< as Ultralytics writes it: detect, segment, pose, obb; empty: not known
    bool endToEnd = false;
    bool darknet = false;
    int netWidth = 0, netHeight = 0;
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
