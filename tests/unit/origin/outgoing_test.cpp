#include "tests/support/test_main.h"

#include "server/origin/io/outgoing.h"

using namespace live;
using namespace live::origin;
using io::Outgoing;

namespace {
ResponsePtr responseOf(std::size_t buffers) {
    ResponseFields fields{.status = 200, .contentType = {}, .cacheControl = {}, .extra = {}, .body = {}};
    for (std::size_t i = 0; i < buffers; ++i) fields.body.push_back(Buffer::copyOf(std::to_string(i) + ","));
    return makeResponse(std::move(fields));
}

// What a socket that takes at most `step` bytes at a time receives.
std::string sent(Outgoing outgoing, std::size_t step) {
    std::string all;
    while (!outgoing.isDone()) {
        std::size_t taken = 0;
        for (const iovec& piece : outgoing.pieces()) {
            const std::size_t count = std::min(step - taken, piece.iov_len);
            all.append(static_cast<const char*>(piece.iov_base), count);
            taken += count;
        }
        outgoing.advance(taken);
    }
    return all;
}
}  // namespace

class OutgoingTest : public QObject {
    Q_OBJECT
private slots:
    void anySizeOfWriteSendsTheSameBytes() {
        const ResponsePtr response = responseOf(200);
        std::string expected(asText(response->head.view()));
        expected += "Date: x\r\n\r\n";
        for (int i = 0; i < 200; ++i) expected += std::to_string(i) + ",";
        for (const std::size_t step : {1u, 2u, 7u, 100u, 1'000'000u})
            QCOMPARE(sent(Outgoing(response, "Date: x\r\n\r\n", Outgoing::Body::Send), step), expected);
    }
    void headOmitsTheBodyOnly() {
        const ResponsePtr response = responseOf(3);
        const std::string bytes = sent(Outgoing(response, "\r\n", Outgoing::Body::Omit), 10);
        QVERIFY(bytes.ends_with("\r\n\r\n") && bytes.contains("Content-Length: 6\r\n"));
    }
};
LIVE_TEST(OutgoingTest)

#include "outgoing_test.moc"
