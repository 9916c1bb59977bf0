#include "tests/support/test_main.h"

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
};

LIVE_TEST(ListeningTest)
#include "listening_test.moc"
