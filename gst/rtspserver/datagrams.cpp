#include "rtspserver/datagrams.hpp"

#include "glue/object.hpp"
#include "net/address.hpp"
#include "rtspserver/ownreports.hpp"

namespace rtspserver {
namespace {

constexpr guint16 ports = 10000; ///< in the range of one address

bool wildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

void addRange(GstRTSPAddressPool* pool, const char* low, const char* high, guint16 first,
              guint8 ttl) {
    gst_rtsp_address_pool_add_range(pool, low, high, first, static_cast<guint16>(first + ports - 1),
                                    ttl);
}

void addMulticast(GstRTSPAddressPool* pool, const std::string& address, guint16 first) {
    const bool six = address.find(':') != std::string::npos;
    addRange(pool, six ? "ff12::7600:1" : "239.192.76.1", six ? "ff12::7600:fa" : "239.192.76.250",
             first, 1);
}

std::string interfaceOf(const std::string& address) {
    for (const net::NetworkInterface& interface : net::networkInterfaces())
        for (const net::SocketAddress& own : interface.addresses)
            if (own.host() == address)
                return interface.name;
    return {};
}

} // namespace

void bindDatagrams(GstRTSPMediaFactory* factory, const std::string& address, bool multicast) {
    const glue::Object<GstRTSPAddressPool> pool(gst_rtsp_address_pool_new());
    // Begun anywhere, so that two programs on a machine seldom want the same; ports that are taken
    // are skipped.
    const auto first = static_cast<guint16>(g_random_int_range(10000, 20000) * 2);
    if (!wildcard(address))
        addRange(pool.get(), address.c_str(), address.c_str(), first, 0);
    if (multicast) {
        addMulticast(pool.get(), address, first);
        ignoreOwnReports(factory);
        const std::string interface = interfaceOf(address);
        if (!interface.empty())
            gst_rtsp_media_factory_set_multicast_iface(factory, interface.c_str());
    }
    if (!wildcard(address) || multicast)
        gst_rtsp_media_factory_set_address_pool(factory, pool.get());
}

} // namespace rtspserver
