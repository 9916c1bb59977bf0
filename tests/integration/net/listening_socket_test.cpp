#include "tests/support/test_main.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/loopback.h"

using namespace live;

namespace {

bool isReady(const FileDescriptor& socket) {
    return (::fcntl(socket.value(), F_GETFD) & FD_CLOEXEC) != 0 && (::fcntl(socket.value(), F_GETFL) & O_NONBLOCK) != 0;
}

bool isOpen(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

}  // namespace

class ListeningSocketTest : public QObject {
    Q_OBJECT
private slots:
    void bothFamiliesGetAFreePortAndNoWorkerInheritsThem() {
        for (const char* address : {"127.0.0.1", "::1", "::"}) {
            const auto socket = net::listenOn({address, 0});
            QVERIFY2(socket.has_value(), address);
            QVERIFY(isReady(*socket));
            const auto bound = net::boundEndpoint(*socket);
            QCOMPARE(bound->address, std::string(address));
            QVERIFY(bound->port != 0);
        }
    }
    void aTakenPortIsNamedWithTheReason() {
        const FileDescriptor other = test::loopbackSocket();
        const net::Endpoint endpoint = *net::boundEndpoint(other);
        const auto taken = net::listenOn(endpoint);
        QVERIFY(!taken && taken.error().code == ErrorCode::Io);
        QCOMPARE(taken.error().describe(), endpoint.text() + ": another program listens there");
    }
    void whoMayNotListenOnALowPortIsToldWhatAllowsIt() {
        const Error refused = net::cannotListen(EACCES, {"127.0.0.1", 80}).error();
        QVERIFY(refused.code == ErrorCode::Io);
        QCOMPARE(refused.context, std::string("127.0.0.1:80"));
        QVERIFY2(refused.message.contains("CAP_NET_BIND_SERVICE"), refused.message.c_str());
    }
    void aNameIsNoAddress() {
        const auto refused = net::listenOn({"localhost", 0});
        QVERIFY(!refused && refused.error().code == ErrorCode::InvalidArgument);
        QVERIFY(refused.error().message.contains("localhost"));
    }
    void aSocketOfAServiceManagerIsTakenOver() {
        FileDescriptor kept = test::loopbackSocket();
        ::fcntl(kept.value(), F_SETFD, 0);  // as they are handed over
        ::fcntl(kept.value(), F_SETFL, 0);
        const int number = kept.value();
        const auto adopted = net::adoptListening(std::move(kept));
        QVERIFY(adopted.has_value());
        QCOMPARE(adopted->value(), number);
        QVERIFY(isReady(*adopted));
    }
    void whatDoesNotListenWithTcpIsRefusedAndClosed() {
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        const FileDescriptor other(ends[1]);
        const int unixSocket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_storage unnamed{};
        unnamed.ss_family = AF_UNIX;
        QCOMPARE(::bind(unixSocket, reinterpret_cast<sockaddr*>(&unnamed), sizeof(sa_family_t)), 0);
        QCOMPARE(::listen(unixSocket, 1), 0);
        for (const int wrong : {ends[0], ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), unixSocket, -1}) {
            const auto refused = net::adoptListening(FileDescriptor(wrong));
            QVERIFY(!refused && refused.error().code == ErrorCode::InvalidArgument);
            QVERIFY2(!isOpen(wrong), std::to_string(wrong).c_str());
        }
    }
};
LIVE_TEST(ListeningSocketTest)

#include "listening_socket_test.moc"
