#include "tests/support/test_main.h"

#include "server/media/aac.h"

using namespace live;
using namespace live::media;

class AacTest : public QObject {
    Q_OBJECT
private slots:
    void configurationsOfEncodersAreRead_data() {
        QTest::addColumn<QByteArray>("record");
        QTest::addColumn<int>("sampleRate");
        QTest::addColumn<int>("outputRate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<QString>("codec");
        const auto row = [](const char* name, const char* hex, int rate, int output, int channels, const char* codec) {
            QTest::newRow(name) << QByteArray::fromHex(hex) << rate << output << channels << QString(codec);
        };
        row("LC 48 kHz stereo, by ffmpeg", "119056e500", 48000, 48000, 2, "mp4a.40.2");
        row("LC 44.1 kHz mono, by ffmpeg", "120856e500", 44100, 44100, 1, "mp4a.40.2");
        row("LC 44.1 kHz stereo, two bytes", "1210", 44100, 44100, 2, "mp4a.40.2");
        row("LC 48 kHz 5.1", "11b0", 48000, 48000, 6, "mp4a.40.2");
        row("LC 48 kHz 7.1", "11b8", 48000, 48000, 8, "mp4a.40.2");
        row("LC explicit 48000 Hz", "17805dc010", 48000, 48000, 2, "mp4a.40.2");
        row("SBR, hierarchical", "2b118800", 24000, 48000, 2, "mp4a.40.5");
        row("SBR, backward compatible", "131056e598", 24000, 48000, 2, "mp4a.40.5");
        row("PS, hierarchical", "eb098800", 24000, 48000, 1, "mp4a.40.29");
        row("channels from a program config element: 1 front pair", "118004c4000020", 48000, 48000, 2, "mp4a.40.2");
    }
    void configurationsOfEncodersAreRead() {
        QFETCH(QByteArray, record);
        QFETCH(int, sampleRate);
        QFETCH(int, outputRate);
        QFETCH(int, channels);
        QFETCH(QString, codec);
        const auto parsed = aac::parseConfiguration(asBytes({record.data(), std::size_t(record.size())}));
        QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().message.c_str());
        QCOMPARE(int(parsed->sampleRate), sampleRate);
        QCOMPARE(int(parsed->outputSampleRate), outputRate);
        QCOMPARE(int(parsed->channels), channels);
        QCOMPARE(QString::fromStdString(aac::codecString(*parsed)), codec);
    }
    void brokenConfigurationsAreRefused_data() {
        QTest::addColumn<QByteArray>("record");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("one byte") << QByteArray::fromHex("12");
        QTest::newRow("rate index 13") << QByteArray::fromHex("1690");
        QTest::newRow("explicit rate 0") << QByteArray::fromHex("1780000010");
        QTest::newRow("explicit rate too high") << QByteArray::fromHex("17ffffff90");
        QTest::newRow("reserved channels") << QByteArray::fromHex("11c8");
        QTest::newRow("channels 0, program config missing") << QByteArray::fromHex("1180");
        QTest::newRow("CELP") << QByteArray::fromHex("4190");
        QTest::newRow("ELD") << QByteArray::fromHex("f8e64000");
    }
    void brokenConfigurationsAreRefused() {
        QFETCH(QByteArray, record);
        QVERIFY(!aac::parseConfiguration(asBytes({record.data(), std::size_t(record.size())})));
    }
};
LIVE_TEST(AacTest)

#include "aac_test.moc"
