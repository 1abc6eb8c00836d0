#pragma once

#include "camera.hpp"
#include "commandline.hpp"
#include "record.hpp"

#include <functional>
#include <memory>

/// What a command works with.
struct Task {
    const CommandLine& line;
    const net::Cancel& cancel;
    /// Prints a result; the events print many.
    std::function<void(const Record& result, const std::string& asLine)> show;

    /// The camera of the command line, opened. Throws what `onvif::Camera` throws.
    std::unique_ptr<onvif::Camera> camera() const;
    /// Word number i after the camera; throws base::Error(Settings) that says `what` is missing.
    const std::string& word(std::size_t i, const char* what) const;
    bool has(std::size_t i) const { return line.words.size() > i + 1; }
    void print(const Record& result) const { show(result, ""); }
};

/// Does what the command line says. Throws base::Error, and net::Cancelled after Ctrl-C.
void runCommand(const Task& task);

void ptzCommand(const Task& task);     ///< ptz CAMERA …
void imagingCommand(const Task& task); ///< imaging CAMERA [NAME=VALUE…]
