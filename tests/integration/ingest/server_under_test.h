// A listener on a free port of the loopback interface, run by the test's own thread.
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include "common/base/clock.h"
#include "server/ingest/io/rtmp_listener.h"
#include "tests/support/loopback.h"
#include "tests/support/recording_publish_point.h"

namespace live::test {

using boost::asio::ip::tcp;

struct ServerUnderTest {
    boost::asio::io_context context{1};
    ManualClock clock;  // deadlines pass only when a test advances it
    RecordingPublishPoint publishPoint;
    std::shared_ptr<log::MemoryOutput> log = std::make_shared<log::MemoryOutput>();
    std::optional<ingest::io::RtmpListener> listener;
    tcp::endpoint address;

    explicit ServerUnderTest(ingest::io::RtmpConfig config = {}) {
        listener.emplace(context, clock, publishPoint, log::Logger(log, log::Level::Info, clock), config);
        FileDescriptor listening = loopbackSocket();
        address = {boost::asio::ip::address_v4::loopback(), net::boundEndpoint(listening)->port};
        if (!listener->listen(std::move(listening))) qFatal("cannot watch a listening socket");
    }
    const ingest::io::RtmpCounters& counters() const { return listener->counters(); }
    std::string url(const std::string& path) const {
        return "rtmp://127.0.0.1:" + std::to_string(address.port()) + path;
    }

    // Runs the listener, and Qt for child processes, until `isDone` or 20 s have passed.
    template <class Done>
    bool runUntil(Done isDone) {
        QElapsedTimer timer;
        timer.start();
        while (!isDone()) {
            if (timer.elapsed() > 20'000) return false;
            context.run_for(std::chrono::milliseconds(5));
            QCoreApplication::processEvents();
        }
        return true;
    }
    void advance(Nanoseconds time) {
        clock.advance(time);
        listener->sweep();
    }
};

// An encoder's socket.
struct TestSocket {
    tcp::socket socket;
    Bytes received;
    bool isClosed = false;

    explicit TestSocket(ServerUnderTest& server) : socket(server.context) {
        boost::system::error_code error;
        socket.connect(server.address, error);
        if (error) qFatal("cannot connect: %s", error.message().c_str());
        socket.non_blocking(true);
    }
    // All of it, or as much as goes out before the server closes.
    void send(ServerUnderTest& server, ByteView bytes) {
        std::size_t sent = 0;
        server.runUntil([&] {
            boost::system::error_code error;
            sent += socket.write_some(boost::asio::buffer(bytes.data() + sent, bytes.size() - sent), error);
            return sent == bytes.size() || (error && error != boost::asio::error::would_block);
        });
    }
    // True once the server has closed the connection.
    bool readAll() {
        for (boost::system::error_code error; !error && !isClosed;) {
            std::uint8_t bytes[4096];
            const std::size_t count = socket.read_some(boost::asio::buffer(bytes), error);
            received.insert(received.end(), bytes, bytes + count);
            isClosed = error && error != boost::asio::error::would_block;
        }
        return isClosed;
    }
    bool hasReceived(std::string_view text) {
        readAll();
        return asText(received).find(text) != std::string_view::npos;
    }
};

}  // namespace live::test
