#include "tests/support/test_main.h"

#include "server/transcode/worker/fit.h"

using namespace live;
using namespace live::transcode::worker;

class FitTest : public QObject {
    Q_OBJECT
private slots:
    void picturesKeepTheirAspectInTheCanvas() {
        using R = av::Rectangle;
        QVERIFY((fit({1920, 1080, {}}, 1280, 720) == R{0, 0, 1280, 720}));
        QVERIFY((fit({1920, 1088, {}}, 1920, 1080) == R{0, 0, 1920, 1080}));  // within 1 %
        QVERIFY((fit({853, 480, {}}, 854, 480) == R{0, 0, 854, 480}));
        QVERIFY((fit({1440, 1080, {4, 3}}, 1920, 1080) == R{0, 0, 1920, 1080}));
        QVERIFY((fit({1440, 1080, {}}, 1920, 1080) == R{240, 0, 1440, 1080}));
        QVERIFY((fit({1920, 800, {}}, 1280, 720) == R{0, 92, 1280, 534}));
        QVERIFY((fit({1080, 1920, {}}, 1280, 720) == R{436, 0, 406, 720}));
        QVERIFY((fit({1920, 1080, {}}, 720, 1280) == R{0, 436, 720, 406}));
    }

    // The broadcast was planned for square pixels then.
    void anAbsurdAspectCountsAsSquare() {
        using R = av::Rectangle;
        QVERIFY((fit({640, 352, {1000, 1}}, 640, 352) == R{0, 0, 640, 352}));
        QVERIFY((fit({640, 352, {1, 1000}}, 640, 352) == R{0, 0, 640, 352}));
        QVERIFY((fit({64, 352, {10, 1}}, 640, 352) == R{0, 0, 640, 352}));
    }

    void aCanvasOfTwoPixelsTakesEveryPicture() {
        for (const PictureShape& shape : {PictureShape{1920, 1080, {}}, {8192, 2, {}}, {2, 8192, {}}}) {
            const av::Rectangle where = fit(shape, 2, 2);
            QVERIFY(where.width == 2 && where.height == 2);
        }
    }

    void absurdNumbersDoNoHarm() {
        for (const PictureShape& shape : {PictureShape{0, 0, {}},
                                          {-5, 10, {}},
                                          {8192, 2, {}},
                                          {2, 4096, {}},
                                          {100, 100, {0, 1}},
                                          {100, 100, {1, 0}},
                                          {100, 100, {4'000'000'000, 1}},
                                          {100, 100, {1, 4'000'000'000}}}) {
            const av::Rectangle where = fit(shape, 320, 180);
            QVERIFY(where.x >= 0 && where.y >= 0 && where.width >= 16 && where.height >= 16);
            QVERIFY(where.x + where.width <= 320 && where.y + where.height <= 180);
            QVERIFY(where.x % 2 == 0 && where.y % 2 == 0 && where.width % 2 == 0 && where.height % 2 == 0);
        }
    }
};

LIVE_TEST(FitTest)
#include "fit_test.moc"
