#pragma once

#include "net/cancel.hpp"

#include <string>

/// The password for `user`: the first line of `file` where one is given, else the environment
/// variable ONVIF_PASSWORD, else what is typed at the terminal, unseen. Throws base::Error where
/// there is none of these, and net::Cancelled.
std::string passwordFor(const std::string& user, const std::string& file,
                        const net::Cancel& cancel);
