#pragma once

#include "glue/properties.hpp"
#include "stream.hpp"

namespace onvif {

/// What can be set on onvifsrc.
const glue::PropertyTable<SourceSettings>& sourceProperties();

} // namespace onvif
