#pragma once

#include "net/httpserver.hpp"

#include <memory>

namespace net {

/// `exchange` for use in another thread than that of `home`, the loop of its server: what is
/// answered there is said here. Streams are not possible.
std::shared_ptr<HttpExchange> handOver(std::shared_ptr<HttpExchange> exchange,
                                       std::shared_ptr<EventLoop> home);

} // namespace net
