#include "relays.hpp"

#include "fakedevice.hpp"

using namespace onvif;

static const char* outputs =
    "<RelayOutputs token=\"r 1\"><Properties><Mode>Monostable</Mode><DelayTime>PT5S</DelayTime>"
    "<IdleState>closed</IdleState></Properties></RelayOutputs><RelayOutputs/>";

START_TEST(switches) {
    FakeDevice device;
    device.respond("GetRelayOutputs", outputs);
    device.respond("SetRelayOutputState");
    const auto all = relays(device.device);
    ck_assert_uint_eq(all.size(), 1);
    CHECK_STR(all[0].token + " " + all[0].mode + " " + all[0].idle, "r 1 Monostable closed");
    setRelay(device.device, "r 1", true);
    ck_assert(device.said("SetRelayOutputState", "<RelayOutputToken>r 1</RelayOutputToken>"
                                                 "<LogicalState>active</LogicalState>"));
    ck_assert(device.said("SetRelayOutputState", onvif::wsdl::device));
    ck_assert(kindOf([&] { setRelay(device.device, "r 2", true); }) == base::ErrorKind::NotFound);
}
END_TEST

/// The I/O service where the device service has none, or no such operation.
START_TEST(fromTheIoService) {
    FakeDevice device;
    device.respond("SetRelayOutputState");
    device.before = [&](const FakeDevice::Asked& asked) {
        if (asked.body.find(onvif::wsdl::deviceIo) != std::string::npos)
            device.respond("GetRelayOutputs", outputs);
        else
            device.fault("GetRelayOutputs", "ter:ActionNotSupported");
    };
    setRelay(device.device, "r 1", false);
    ck_assert(device.said("SetRelayOutputState", onvif::wsdl::deviceIo));
    ck_assert(device.said("SetRelayOutputState", "inactive"));
}
END_TEST

/// Quirk H2: the device service may hang up on it.
START_TEST(unknownOperationsH2) {
    FakeDevice device;
    device.respond("GetRelayOutputs", outputs);
    device.before = [&](const FakeDevice::Asked& asked) {
        if (asked.body.find(onvif::wsdl::deviceIo) == std::string::npos)
            throw base::Error(base::ErrorKind::Unreachable, "it hung up");
    };
    ck_assert_uint_eq(relays(device.device).size(), 1);
}
END_TEST

START_TEST(reboots) {
    FakeDevice device;
    device.respond("SystemReboot", "<Message>Rebooting in 30 seconds</Message>");
    CHECK_STR(onvif::reboot(device.device), "Rebooting in 30 seconds");
}
END_TEST

CHECK_MAIN("relays", switches, fromTheIoService, unknownOperationsH2, reboots)
