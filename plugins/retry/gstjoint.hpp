#pragma once

#include "retrysettings.hpp"

#include <gst/gst.h>

#include <string>

namespace retry {

/// What joins a branch to the pipeline around it: the inputs of a retrysink, the outputs of a
/// retrysrc. All but `line` is called in the branch's thread.
class Joint {
public:
    virtual ~Joint() = default;

    /// The branch in gst-launch's words, with the elements that join it.
    virtual std::string line(const std::string& branch) const = 0;
    /// Throws base::Error (Settings) where the branch that was made can never be joined.
    virtual void check(GstBin* branch) const = 0;
    virtual void connect(GstBin* branch, const RetrySettings& settings) = 0;
    virtual void disconnect() = 0;
    /// No more will come for this branch. Whether it has an end to write.
    virtual bool sendEnd() = 0;
    /// What is wrong with a branch that neither goes on nor fails; empty when nothing is.
    virtual std::string complaint(const RetrySettings& settings) = 0;
    /// Something has gone through, which tells that there is a peer.
    virtual bool flowing() const = 0;
    /// A peer that wants another password shall end the pipeline, where it never was connected.
    virtual bool endsWhereRefused() const = 0;
};

} // namespace retry
