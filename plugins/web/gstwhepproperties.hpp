#pragma once

#include "glue/properties.hpp"
#include "web/whepsettings.hpp"

namespace web {

/// The properties of whepsink that are plain fields of its settings.
const glue::PropertyTable<WhepSettings>& whepProperties();

} // namespace web
