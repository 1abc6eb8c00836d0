#pragma once

#include "base/error.hpp"

/// Whether it is refused as bad data, and as nothing else.
template <class Work>
bool isBad(Work work) {
    try {
        work();
    } catch (const base::Error& error) {
        return error.kind() == base::ErrorKind::BadData;
    }
    return false;
}
