#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace base {

/// What went wrong, in the words a program can act on.
enum class ErrorKind {
    Settings,      ///< a property has a value that cannot work
    NotFound,      ///< a file, host, profile or device is not there
    NotAuthorized, ///< refused for want of the right user or password
    Unreachable,   ///< no answer in time, or no connection
    Busy,          ///< an address, port or device is in use
    BadData,       ///< a file or an answer that does not mean anything
    Unsupported,   ///< understood, and not something we can do
    Failed,        ///< anything else
};

/// Thrown by cores; `glue::guard` turns it into an error message on the bus. `what()` is a sentence
/// for the user that says what to do next, `details()` is for whoever debugs. Neither holds a
/// secret.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message, std::string details = {})
        : std::runtime_error(message), kind_(kind), details_(std::move(details)) {}

    ErrorKind kind() const { return kind_; }
    const std::string& details() const { return details_; }

private:
    ErrorKind kind_;
    std::string details_;
};

} // namespace base
