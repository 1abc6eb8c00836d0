#include "net/handover.hpp"

#include "base/error.hpp"

namespace net {
namespace {

class HandedOver : public HttpExchange {
public:
    HandedOver(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<EventLoop> home)
        : exchange_(std::move(exchange)), home_(std::move(home)) {}
    /// The server's objects end in the server's thread.
    ~HandedOver() override {
        home_->post([exchange = std::move(exchange_)] {});
    }

    const ServerRequest& request() const override { return exchange_->request(); }
    void reply(HttpReply reply) override {
        home_->post([exchange = exchange_, reply = std::move(reply)] { exchange->reply(reply); });
    }
    void drop() override {
        home_->post([exchange = exchange_] { exchange->drop(); });
    }
    std::unique_ptr<HttpStream> stream(HttpReply, HttpStreamEvents) override {
        throw base::Error(base::ErrorKind::Unsupported,
                          "An answer that goes on has to be made in the server's own thread.");
    }

private:
    std::shared_ptr<HttpExchange> exchange_;
    std::shared_ptr<EventLoop> home_;
};

} // namespace

std::shared_ptr<HttpExchange> handOver(std::shared_ptr<HttpExchange> exchange,
                                       std::shared_ptr<EventLoop> home) {
    return std::make_shared<HandedOver>(std::move(exchange), std::move(home));
}

} // namespace net
