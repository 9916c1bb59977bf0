#include "tests/support/test_main.h"

#include "server/transcode/worker/picture_store.h"

using namespace live;
using namespace live::transcode::worker;

namespace {

constexpr media::TrackGrid kGrid{30000, 1000};
constexpr std::int64_t kFirstFrame = 1'000'000;

Picture numbered(int number, Bytes captions = {}) {
    av::FramePtr frame = av::makeFrame();
    frame->pts = number;
    return {av::share(std::move(frame)), std::move(captions)};
}

OutputTime timeOf(double frame) {
    return kGrid.start(kFirstFrame) + Nanoseconds(static_cast<std::int64_t>((frame) * 1e9 / 30));
}

std::int64_t shownIn(PictureStore& store, std::int64_t frame) {
    const PictureStore::Shown shown = store.take(kFirstFrame + frame);
    return shown.frame ? shown.frame->pts : -1;
}

}  // namespace

class PictureStoreTest : public QObject {
    Q_OBJECT
private slots:
    void nothingIsShownBeforeTheFirstPictureAndTheFirstOneAtOnce() {
        PictureStore store(kGrid, kFirstFrame);
        QCOMPARE(shownIn(store, 0), -1);
        store.add(numbered(7), timeOf(5));
        QCOMPARE(shownIn(store, 1), 7);
        QCOMPARE(shownIn(store, 2), 7);
        QCOMPARE(store.repeated(), std::uint64_t{1});
        QCOMPARE(store.dropped(), std::uint64_t{0});
    }

    void aMissingPictureIsRepeatedAndALateOneShownIfNothingNewerIsThere() {
        PictureStore store(kGrid, kFirstFrame);
        store.add(numbered(0), timeOf(0));
        QCOMPARE(shownIn(store, 0), 0);
        QCOMPARE(shownIn(store, 1), 0);
        store.add(numbered(1), timeOf(1));
        QCOMPARE(shownIn(store, 2), 1);
        store.add(numbered(2), timeOf(2));
        store.add(numbered(3), timeOf(3));
        QCOMPARE(shownIn(store, 3), 3);
        QCOMPARE(store.dropped(), std::uint64_t{1});
        QCOMPARE(store.repeated(), std::uint64_t{1});
    }

    void jitterAtTheBoundaryOfAFrameNeitherRepeatsNorDrops() {
        PictureStore store(kGrid, kFirstFrame);
        for (int i = 0; i < 300; ++i) {
            store.add(numbered(i), timeOf(i + 0.5 + (i % 2 == 0 ? 0.05 : -0.05)));
            if (i > 0)
                QCOMPARE(shownIn(store, i), i - 1);
            else
                shownIn(store, 0);
        }
        QCOMPARE(store.dropped(), std::uint64_t{0});
    }

    void aClockThatIsFasterCostsOnePictureNowAndThen() {
        PictureStore store(kGrid, kFirstFrame);
        for (int i = 0; i < 3000; ++i) {
            store.add(numbered(i), timeOf(i * 0.999));
            shownIn(store, i);
        }
        QVERIFY(store.dropped() <= 3);
    }

    void halfTheRateShowsEveryPictureTwice() {
        PictureStore store(kGrid, kFirstFrame);
        for (int i = 0; i < 20; ++i) store.add(numbered(i), timeOf(2 * i));
        for (int i = 0; i < 30; ++i) QCOMPARE(shownIn(store, i), i / 2);
    }

    void twiceTheRateDropsEveryOther() {
        PictureStore store(kGrid, kFirstFrame);
        for (int i = 0; i < 60; ++i) {
            store.add(numbered(i), timeOf(i / 2.0));
            if (i % 2 == 1) shownIn(store, i / 2);
        }
        QVERIFY(store.dropped() >= 28);
        QVERIFY(store.dropped() <= 31);
    }

    void captionsOfDroppedPicturesGoWithTheNextOne() {
        PictureStore store(kGrid, kFirstFrame);
        store.add(numbered(0, {1, 1, 1}), timeOf(0));
        store.add(numbered(1, {2, 2, 2}), timeOf(1));
        const PictureStore::Shown shown = store.take(kFirstFrame + 1);
        QCOMPARE(shown.captions, (Bytes{1, 1, 1, 2, 2, 2}));
        QVERIFY(store.take(kFirstFrame + 2).captions.empty());
    }

    void captionsOfOnePictureAreBounded() {
        Bytes all;
        for (int i = 0; i < 100; ++i) appendCaptions(all, Bytes(7, 0xfc));
        QCOMPARE(all.size(), std::size_t{93});
    }

    void aMappingThatJumpsBackDropsWhatWaitsForLater() {
        PictureStore store(kGrid, kFirstFrame);
        store.add(numbered(0), timeOf(0));
        shownIn(store, 0);
        for (int i = 1; i < 6; ++i) store.add(numbered(i), timeOf(100 + i));
        store.add(numbered(9), timeOf(2));
        QCOMPARE(shownIn(store, 1), 0);
        QCOMPARE(shownIn(store, 2), 9);
        QCOMPARE(shownIn(store, 110), 9);
    }

    void picturesOfThePastDoNotFillIt() {
        PictureStore store(kGrid, kFirstFrame + 1000);
        for (int i = 0; i < 500; ++i) {
            QVERIFY(!store.isFull());
            store.add(numbered(i), timeOf(i));
        }
        for (int i = 1001; i < 1016; ++i) store.add(numbered(i), timeOf(i));
        QVERIFY(store.isFull());
        QVERIFY(store.reaches(kFirstFrame + 1015));
        QVERIFY(!store.reaches(kFirstFrame + 1016));
    }
};

LIVE_TEST(PictureStoreTest)
#include "picture_store_test.moc"
