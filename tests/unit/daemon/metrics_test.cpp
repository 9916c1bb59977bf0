#include "tests/support/test_main.h"

#include "server/daemon/metrics.h"
#include "tests/support/promtool.h"

using namespace live;
using namespace live::daemon;

class MetricsTest : public QObject {
    Q_OBJECT

    origin::Counters m_origin;
    ingest::io::RtmpCounters m_rtmp;
    std::optional<double> m_speed;

    std::string text() const {
        observe::Page page;
        collect(page, m_origin);
        collect(page, m_rtmp);
        collect(page, store::MirrorFigures{1, 2, 3, 4, 5, 6});
        collect(page, oneStream());
        collect(page, ServerFigures{.catalogCalls = 7, .droppedLogLines = 8});
        return page.text();
    }
    stream::StreamManager::AllStats oneStream() const {
        stream::StreamStats stats;
        stats.latencyMs = 500;
        stats.worker.emplace();
        stats.renditions.push_back(
            {.id = "v720", .kind = "video", .bitrate = 8000, .encodeSpeed = m_speed, .queuedFrames = 2});
        return {{*StreamId::parse("show"), std::make_shared<const stream::StreamStats>(stats)}};
    }
    bool shows(std::string_view line) const {
        return text().find("\n" + std::string(line) + "\n") != std::string::npos;
    }

private slots:
    void theStagesCountersBecomeSeries() {
        m_origin.responses[2] = 7;
        m_origin.heldRequests = 3;
        m_origin.holds.record(Milliseconds(150));
        m_origin.holds.record(Seconds(60));
        m_rtmp.bytesReceived = 5;
        m_rtmp.refusal(media::RefusalReason::ShuttingDown) = 9;
        m_rtmp.refusal(media::RefusalReason::UnknownKey) = 8;
        QVERIFY(shows("liveserver_http_responses_total{code=\"2xx\"} 7"));
        QVERIFY(shows("liveserver_blocked_requests 3"));
        QVERIFY(shows("liveserver_playlist_hold_seconds_bucket{le=\"0.1\"} 0"));
        QVERIFY(shows("liveserver_playlist_hold_seconds_bucket{le=\"0.2\"} 1"));
        QVERIFY(shows("liveserver_playlist_hold_seconds_bucket{le=\"+Inf\"} 2"));
        QVERIFY(shows("liveserver_ingest_bytes_total{protocol=\"rtmp\"} 5"));
        QVERIFY(shows("liveserver_rtmp_refusals_total{reason=\"shutting_down\"} 9"));
        QVERIFY(shows("liveserver_rtmp_refusals_total{reason=\"unknown_key\"} 8"));
        QVERIFY(shows("liveserver_mirror_slots_total 1"));
        QVERIFY(shows("liveserver_rendition_bytes_per_second{rendition=\"v720\",stream=\"show\"} 1000"));
        QVERIFY(shows("liveserver_mirror_troubles_total{reason=\"late\"} 3"));
    }
    void queuesShowHowMuchWaitsInThem() {
        QVERIFY(shows("liveserver_queued_calls{kind=\"catalog\"} 7"));
        QVERIFY(shows("liveserver_queued_calls{kind=\"mirror\"} 5"));
        QVERIFY(shows("liveserver_mirror_queued_bytes 6"));
        QVERIFY(shows("liveserver_rendition_queued_frames{rendition=\"v720\",stream=\"show\"} 2"));
    }
    void aSpeedThatWasNotMeasuredYetIsLeftOut() {
        const std::string speed = "liveserver_rendition_encode_speed_ratio{";
        QVERIFY(!text().contains(speed));
        m_speed = 2.5;
        QVERIFY(shows(speed + "rendition=\"v720\",stream=\"show\"} 2.5"));
    }
    void logLinesThatWereLostAreCounted() { QVERIFY(shows("liveserver_log_dropped_lines_total 8")); }
    void thePageIsCleanToPromtool() { QCOMPARE(test::promtoolFindings(text()), QString()); }
};
LIVE_TEST(MetricsTest)

#include "metrics_test.moc"
