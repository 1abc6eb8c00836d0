#pragma once

#include "dnnfilter/imagemodel.hpp"
#include "dnnfilter/tiles.hpp"

#include <memory>
#include <vector>

namespace dnnfilter {

/// A network over frames of any size: in tiles as large as the network takes them, which overlap
/// and fade into each other. Besides the network's, the memory is six bytes a pixel of the frame
/// and one tile.
class Filter {
public:
    /// `overlap`: pixels that neighbours share at least.
    Filter(std::unique_ptr<ImageModel> model, int overlap);

    const ImageModel& model() const { return *model_; }
    /// Inferences for a frame of that size.
    std::size_t tiles(int width, int height) const;
    /// Throws base::Error.
    void apply(const RgbPicture& in, RgbPicture& out);

private:
    std::unique_ptr<ImageModel> model_;
    int overlap_;
    std::vector<float> tile_;
    Quilt quilt_;
};

} // namespace dnnfilter
