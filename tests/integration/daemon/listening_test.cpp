#include "tests/support/test_main.h"

#include <fcntl.h>
#include <unistd.h>

#include "server/daemon/listening.h"
#include "tests/support/loopback.h"

using namespace live;
using daemon::InheritedSockets;
using daemon::listenFor;

namespace {

net::Endpoint endpointOf(const FileDescriptor& socket) { return *net::boundEndpoint(socket); }

std::string refusal(std::string_view section, const net::Endpoint& endpoint) {
    InheritedSockets none;
    const auto socket = listenFor(section, endpoint, none);
    return socket ? "it listens" : socket.error().describe();
}

// What a service manager would leave behind that passes every descriptor from 3 up to `last` and names the last one.
InheritedSockets inherit(int last, const std::string& name) {
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", std::to_string(last - 2).c_str(), 1);
    setenv("LISTEN_FDNAMES", (std::string(static_cast<std::size_t>(last - 3), ':') + name).c_str(), 1);
    return InheritedSockets::fromEnvironment();
}

}  // namespace

class ListeningTest : public QObject {
    Q_OBJECT
private slots:
    void aPortThatIsTakenIsNamedWithTheKeyThatChangesIt() {
        const FileDescriptor other = test::loopbackSocket();
        const net::Endpoint taken = endpointOf(other);
        QCOMPARE(refusal("rtmp", taken),
                 "rtmp.listen: " + taken.text() +
                     ": another program listens there; to listen elsewhere: --set rtmp.listen=ADDRESS:PORT");
    }

    void anAddressOfAnotherMachineIsCalledThat() {
        QCOMPARE(refusal("http", {.address = "192.0.2.1", .port = 0}),
                 std::string("http.listen: 192.0.2.1:0: this machine does not have the address; to listen elsewhere: "
                             "--set http.listen=ADDRESS:PORT"));
    }

    void aFreePortIsTaken() {
        InheritedSockets none;
        const auto socket = listenFor("api", {.address = "127.0.0.1", .port = 0}, none);
        QVERIFY(socket);
        QVERIFY(endpointOf(*socket).port != 0);
    }

    void aSocketThatWasPassedIsTakenByItsName() {
        FileDescriptor passed = test::loopbackSocket();
        const net::Endpoint bound = endpointOf(passed);
        InheritedSockets sockets = inherit(passed.release(), "api");
        const auto socket = listenFor("api", {.address = "127.0.0.1", .port = 0}, sockets);
        QVERIFY(socket);
        QVERIFY(endpointOf(*socket) == bound);
    }

    void aPassedSocketThatOthersReachIsRefusedForALoopbackAddress() {
        FileDescriptor passed = *net::listenOn({.address = "0.0.0.0", .port = 0});
        const net::Endpoint bound = endpointOf(passed), configured{.address = "127.0.0.1", .port = bound.port};
        InheritedSockets sockets = inherit(passed.release(), "liveserver.socket");
        const auto socket = listenFor("api", configured, sockets);
        QVERIFY(!socket);
        QCOMPARE(socket.error().describe(),
                 "api.listen: the socket passed for " + configured.text() + " is on " + bound.text() +
                     ", which other machines reach; if they are to: --set api.listen=" + bound.text());
    }

    void aPassedSocketThatOthersReachIsTakenWhereTheConfigurationSaysSo() {
        FileDescriptor passed = *net::listenOn({.address = "0.0.0.0", .port = 0});
        const net::Endpoint bound = endpointOf(passed);
        InheritedSockets sockets = inherit(passed.release(), "liveserver.socket");
        const auto socket = listenFor("http", bound, sockets);
        QVERIFY(socket);
        QVERIFY(endpointOf(*socket) == bound);
    }

    // LISTEN_FDS was one too many, and the server closed what it had opened there itself.
    void whatIsAnnouncedAndIsNoListeningSocketStaysAsItIs() {
        const FileDescriptor file(::open("/dev/null", O_RDONLY));
        std::vector<std::string> unused;
        {
            InheritedSockets sockets = inherit(file.value(), "api");
            QVERIFY(listenFor("api", {.address = "127.0.0.1", .port = 0}, sockets));
            unused = sockets.unused();
        }
        QCOMPARE(::fcntl(file.value(), F_GETFD), 0);
        QCOMPARE(unused.back(), "api: descriptor " + std::to_string(file.value()) + " is not a listening socket");
    }
};

LIVE_TEST(ListeningTest)
#include "listening_test.moc"
