#include "zmq/gsthostcheck.hpp"

#include "glue/ref.hpp"

namespace imagezmq {

HostCheck::HostCheck(GstElement* element, const std::string& host) : element_(element) {
    if (!host.empty())
        thread_ = std::thread([this, host] { ask(host); });
}

HostCheck::~HostCheck() {
    g_cancellable_cancel(cancel_);
    if (thread_.joinable())
        thread_.join();
    g_object_unref(cancel_);
}

void HostCheck::ask(const std::string& host) {
    GResolver* resolver = g_resolver_get_default();
    GError* failure = nullptr;
    GList* addresses = g_resolver_lookup_by_name(resolver, host.c_str(), cancel_, &failure);
    const glue::Ref<GError> error(failure);
    g_resolver_free_addresses(addresses);
    g_object_unref(resolver);
    if (!error || g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    GST_ELEMENT_WARNING(element_, RESOURCE, NOT_FOUND,
                        ("Nobody knows the host %s: check the name in endpoint, or write the "
                         "address. It is tried again until it is known.",
                         host.c_str()),
                        ("%s", failure->message));
}

} // namespace imagezmq
