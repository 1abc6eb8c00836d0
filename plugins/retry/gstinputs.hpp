#pragma once

#include "gstarrival.hpp"
#include "gstjoint.hpp"
#include "gstretryinput.hpp"

#include <memory>
#include <vector>

namespace retry {

/// The inputs of a retrysink, which the branch knows as "in0", "in1", …
class Inputs : public Joint {
public:
    using List = std::vector<std::shared_ptr<RetryInput>>;

    explicit Inputs(List list) : list_(std::move(list)) {}

    std::string line(const std::string& branch) const override;
    void check(GstBin* branch) const override;
    void connect(GstBin* branch, const RetrySettings& settings) override;
    void disconnect() override;
    bool sendEnd() override;
    std::string complaint(const RetrySettings& settings) override;
    bool flowing() const override { return arrival_.complete(); }
    bool endsWhereRefused() const override { return false; }

private:
    const List list_;
    Arrival arrival_;
};

} // namespace retry
