#pragma once

#include "gstjoint.hpp"
#include "gstretryoutput.hpp"

#include <memory>
#include <vector>

namespace retry {

/// The outputs of a retrysrc, which the branch knows as "out0", "out1", …
class Outputs : public Joint {
public:
    /// As many as the branch names.
    Outputs(GstBin* bin, const RetrySettings& settings);

    std::string line(const std::string& branch) const override;
    void check(GstBin*) const override {} // pads may come later
    void connect(GstBin* branch, const RetrySettings& settings) override;
    void disconnect() override;
    bool sendEnd() override { return false; }
    std::string complaint(const RetrySettings& settings) override;
    bool flowing() const override;
    bool endsWhereRefused() const override { return true; }

    /// Nothing goes out while the pipeline does not play.
    void setPlaying(bool playing);
    /// Adds to the structure what has come, and what has not.
    void describe(GstStructure* stats) const;

private:
    Passage passage_;
    std::vector<std::unique_ptr<RetryOutput>> list_;
};

} // namespace retry
