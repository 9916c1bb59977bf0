// A worker for tests of the server side of the link: speaks the records, encodes nothing. Its first argument is how it
// behaves; the link is descriptor 3.
//   echo        sends every input packet back as an output packet; exits on Stop or at the end of the link
//   speechless  never says hello          stranger   says another version         garbage   sends no records
//   mute        hello, heartbeats, no output         deaf   hello and heartbeats, never reads its link
//   leaver      hello and 40 output packets, then exits with status 3
//   imposter    hello, then a packet of a rendition that is not in the job
//   descriptors hello, then an event that lists its open descriptors and signal state
//   closer      hello, closes its link, lives on
//   parent      starts an echo worker, prints its pid on standard output, lives on
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "server/transcode/link/codec.h"
#include "server/transcode/link/worker_process.h"

using namespace live;
using namespace live::transcode;

namespace {

constexpr int kLink = 3;

void sendBytes(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(kLink, bytes.data(), bytes.size());
        if (written <= 0) std::exit(0);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void sendRecord(const Record& record) { sendBytes(encode(record)); }

[[noreturn]] void liveOn(bool hasHeartbeat) {
    for (;;) {
        ::poll(nullptr, 0, 50);
        if (hasHeartbeat) sendRecord(Heartbeat{});
    }
}

OutputPacket output(std::uint8_t rendition, std::int64_t frame, Buffer data) {
    return {.rendition = rendition, .isKey = true, .frame = frame, .data = std::move(data)};
}

// Calls `handle` for every record until the end of the link.
void readLink(auto handle) {
    RecordReader reader;
    Bytes buffer(64 * 1024);
    for (;;) {
        const ssize_t count = ::read(kLink, buffer.data(), buffer.size());
        if (count <= 0) return;
        if (!reader.append(ByteView(buffer).first(static_cast<std::size_t>(count)))) std::exit(4);
        for (;;) {
            auto record = reader.next();
            if (!record) std::exit(5);
            if (!*record) break;
            handle(**record);
        }
    }
}

void echo() {
    std::int64_t frame = 0;
    readLink([&frame](const Record& record) {
        if (const auto* input = std::get_if<InputPacket>(&record)) sendRecord(output(0, frame++, input->packet.data));
        if (std::holds_alternative<Stop>(record)) std::exit(0);
    });
}

void mute() {
    readLink([](const Record& record) {
        if (std::holds_alternative<ClockRecord>(record)) sendRecord(Heartbeat{});
    });
}

// A packet with each clock record, and a finished slot where `finishesSlots`.
void produce(bool finishesSlots) {
    std::int64_t frame = 0;
    readLink([&](const Record& record) {
        if (!std::holds_alternative<ClockRecord>(record)) return;
        sendRecord(output(0, frame++, Buffer(Bytes(10))));
        if (finishesSlots) sendRecord(Checkpoint{});
    });
}

void descriptors() {
    std::set<int> open;
    DIR* folder = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(folder))
        if (entry->d_name[0] != '.') open.insert(std::atoi(entry->d_name));
    open.erase(::dirfd(folder));
    std::string text;
    for (int descriptor : open) text += std::to_string(descriptor) + " ";
    sigset_t blocked;
    ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
    struct sigaction pipeAction{};
    ::sigaction(SIGPIPE, nullptr, &pipeAction);
    text += sigismember(&blocked, SIGTERM) ? "blocked " : "unblocked ";
    text += pipeAction.sa_handler == SIG_DFL ? "default " : "ignored ";
    text += ::getpgrp() == ::getpid() ? "own-group" : "shared-group";
    sendRecord(Event{Event::Kind::InputChanged, 0, text});
    liveOn(true);
}

int parent(const char* self) {
    boost::asio::io_context context;
    auto spawned = WorkerProcess::spawn(context.get_executor(), {self, {"echo"}}, {});
    if (!spawned) return 6;
    std::printf("%d\n", spawned->process.pid());
    std::fflush(stdout);
    liveOn(false);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "parent") return parent(argv[0]);
    if (mode == "speechless") liveOn(false);
    if (mode == "garbage") {
        sendBytes(Bytes(64, 0xff));
        liveOn(false);
    }
    sendRecord(Hello{.version = kLinkVersion + (mode == "stranger" ? 1 : 0),
                     .pid = static_cast<std::uint32_t>(::getpid()),
                     .build = "test"});
    if (mode == "echo") echo();
    if (mode == "mute") mute();
    if (mode == "steady" || mode == "stuck") produce(mode == "steady");
    if (mode == "deaf") liveOn(true);
    if (mode == "descriptors") descriptors();
    if (mode == "imposter") sendRecord(output(3, 0, Buffer(Bytes{1})));
    if (mode == "leaver") {
        for (std::int64_t frame = 0; frame < 40; ++frame) sendRecord(output(0, frame, Buffer(Bytes(3000))));
        return 3;
    }
    if (mode == "closer") ::close(kLink);
    if (mode == "closer" || mode == "imposter" || mode == "stranger") liveOn(false);
    return 0;
}
