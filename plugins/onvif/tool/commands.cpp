#include "commands.hpp"

#include "base/error.hpp"
#include "discovery.hpp"
#include "eventfeed.hpp"
#include "net/address.hpp"
#include "password.hpp"
#include "relays.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include <unistd.h>

namespace {

using base::Error;
using base::ErrorKind;
using onvif::Camera;

onvif::Target targetOf(const Task& task) {
    const CommandLine& line = task.line;
    if (line.words.empty())
        throw Error(ErrorKind::Settings, line.command + " wants a camera: onvif-tool " +
                                             line.command + " HOST. See onvif-tool --help.");
    const onvif::NamedLocation named = onvif::splitCredentials(line.words.front());
    onvif::Target target;
    target.location = named.location;
    target.profile = line.profile;
    target.connection.credentials = named.credentials;
    target.connection.timeout = line.timeout;
    if (line.insecure)
        target.connection.tlsFlags = 0;
    if (!line.user.empty())
        target.connection.credentials = {line.user,
                                         passwordFor(line.user, line.passwordFile, task.cancel)};
    return target;
}

void discoverCommand(const Task& task) {
    onvif::DiscoverySettings settings;
    settings.interfaces = task.line.interfaces;
    const std::string host = task.line.words.empty() ? "" : task.line.words.front();
    if (!host.empty() && net::resolve(host, 0, task.cancel).empty())
        throw Error(ErrorKind::NotFound, "There is no host '" + host +
                                             "': check its name, or give its address in numbers.");
    const auto found = host.empty() ? onvif::discover(settings, task.cancel)
                                    : onvif::discoverHost(host, task.line.timeout, task.cancel);
    if (found.empty())
        throw Error(ErrorKind::NotFound,
                    "No ONVIF camera answered: check that the camera is on, that ONVIF discovery "
                    "is switched on in it, and the firewall (UDP port 3702).");
    Record::List list;
    for (const onvif::Found& one : found)
        list.push_back(Record()
                           .text("address", one.address())
                           .text("name", one.name())
                           .text("hardware", one.hardware())
                           .text("endpoint", one.endpoint));
    task.print(Record().records("cameras", std::move(list)));
}

void infoCommand(const Task& task) {
    const auto camera = task.camera();
    const onvif::DeviceInformation is = camera->device().information();
    const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(
        camera->device().whereabouts().clockOffset);
    std::vector<std::string> services;
    for (const auto& [space, address] : camera->device().services())
        services.push_back(space);
    task.print(Record()
                   .text("address", camera->device().addresses().reached().text())
                   .text("manufacturer", is.manufacturer)
                   .text("model", is.model)
                   .text("firmware", is.firmware)
                   .text("serial", is.serial)
                   .text("hardware", is.hardware)
                   .text("authentication", camera->connection().soap().authenticationName())
                   .number("clock-ahead", static_cast<double>(ahead.count()))
                   .words("services", services));
}

void profilesCommand(const Task& task) {
    const auto number = [](double value) {
        return value > 0 ? std::optional<double>(value) : std::nullopt;
    };
    const auto camera = task.camera();
    Record::List list;
    for (const onvif::Profile& one : camera->profiles())
        list.push_back(Record()
                           .text("token", one.token)
                           .text("name", one.name)
                           .text("encoding", one.encoding)
                           .number("width", number(one.width))
                           .number("height", number(one.height))
                           .number("framerate", number(one.frameRate))
                           .text("audio", one.audioEncoding)
                           .flag("ptz", !one.ptzConfiguration.empty()));
    task.print(Record().records("profiles", std::move(list)));
}

onvif::StreamTransport transportOf(const std::string& word) {
    const std::map<std::string, onvif::StreamTransport> transports = {
        {"udp", onvif::StreamTransport::Udp},
        {"multicast", onvif::StreamTransport::Multicast},
        {"tcp", onvif::StreamTransport::Tcp},
        {"http", onvif::StreamTransport::Http}};
    const auto transport = transports.find(word);
    if (transport == transports.end())
        throw Error(ErrorKind::Settings,
                    "--transport is udp, multicast, tcp or http, not '" + word + "'.");
    return transport->second;
}

void uriCommand(const Task& task) {
    const auto transport = transportOf(task.line.transport);
    const auto camera = task.camera();
    const std::string uri = camera->device().streamUri(camera->profile(), transport);
    task.show(Record().text("uri", uri).text("profile", camera->profile().token), uri);
}

void snapshotCommand(const Task& task) {
    const std::string file = task.has(0) ? task.word(0, "") : "-";
    if (file == "-" && (task.line.json || isatty(STDOUT_FILENO)))
        throw Error(ErrorKind::Settings, "Say which FILE the picture goes to.");
    const onvif::Snapshot picture = task.camera()->snapshot();
    if (file == "-") {
        std::cout.write(picture.jpeg.data(), static_cast<std::streamsize>(picture.jpeg.size()));
        std::cout.flush();
        return;
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << picture.jpeg;
    out.close();
    if (!out)
        throw Error(ErrorKind::Settings, "The picture cannot be written to " + file + ".");
    task.print(Record()
                   .text("file", file)
                   .number("width", picture.width)
                   .number("height", picture.height)
                   .number("bytes", static_cast<double>(picture.jpeg.size())));
}

void relayCommand(const Task& task) {
    const auto camera = task.camera();
    if (task.has(0)) {
        const std::string& state = task.word(1, "on or off");
        if (state != "on" && state != "off")
            throw Error(ErrorKind::Settings, "A relay is switched on or off, not '" + state + "'.");
        onvif::setRelay(camera->device(), task.word(0, ""), state == "on");
        return;
    }
    Record::List list;
    for (const onvif::Relay& one : onvif::relays(camera->device()))
        list.push_back(Record()
                           .text("token", one.token)
                           .text("mode", one.mode)
                           .text("idle", one.idle)
                           .text("delay", one.delay));
    task.print(Record().records("relays", std::move(list)));
}

Record itemsRecord(const onvif::EventItems& items) {
    Record record;
    for (const auto& [name, value] : items)
        record.text(name, value);
    return record;
}

Record eventRecord(const onvif::Event& event) {
    Record record;
    if (event.time)
        record.text("time", onvif::utcText(*event.time));
    return record.text("kind", event.kind)
        .flag("active", event.active)
        .text("operation", event.operation)
        .text("topic", event.topic)
        .record("source", itemsRecord(event.source))
        .record("data", itemsRecord(event.data));
}

void eventsCommand(const Task& task) {
    const onvif::Target target = targetOf(task); // asks for the password once
    net::Cancel enough;
    const auto link = [](GCancellable*, gpointer own) { g_cancellable_cancel(G_CANCELLABLE(own)); };
    const gulong id = g_cancellable_connect(task.cancel.get(), G_CALLBACK(+link),
                                            g_object_ref(enough.get()), g_object_unref);
    unsigned count = 0;
    std::optional<Error> end;
    onvif::EventListener listener;
    listener.listening = [] {};
    listener.happened = [&](const onvif::Event& event) {
        if (task.line.count && count >= task.line.count)
            return;
        const std::string time = event.time ? onvif::utcText(*event.time) + " " : "";
        task.show(eventRecord(event), time + event.text());
        if (++count == task.line.count)
            enough.cancel();
    };
    listener.lost = [&](const Error& error, bool final) {
        if (final)
            end = error;
        else
            std::fprintf(stderr, "onvif-tool: %s It is tried again.\n", error.what());
    };
    onvif::followEvents(
        [&](const net::Cancel& cancel) { return std::make_unique<Camera>(target, cancel); },
        listener, enough);
    g_cancellable_disconnect(task.cancel.get(), id);
    if (end)
        throw *end;
}

void rebootCommand(const Task& task) {
    const std::string said = onvif::reboot(task.camera()->device());
    task.print(Record().text("message", said));
}

const std::map<std::string, void (*)(const Task&)> commands = {
    {"discover", discoverCommand}, {"info", infoCommand},         {"profiles", profilesCommand},
    {"uri", uriCommand},           {"snapshot", snapshotCommand}, {"ptz", ptzCommand},
    {"imaging", imagingCommand},   {"relay", relayCommand},       {"events", eventsCommand},
    {"reboot", rebootCommand},
};

} // namespace

std::unique_ptr<Camera> Task::camera() const {
    return std::make_unique<Camera>(targetOf(*this), cancel);
}

const std::string& Task::word(std::size_t i, const char* what) const {
    if (!has(i))
        throw Error(ErrorKind::Settings,
                    line.command + " wants " + what + ". See onvif-tool --help.");
    return line.words[i + 1];
}

void runCommand(const Task& task) {
    const auto command = commands.find(task.line.command);
    if (command == commands.end())
        throw Error(ErrorKind::Settings,
                    "There is no command '" + task.line.command + "'. See onvif-tool --help.");
    command->second(task);
}
