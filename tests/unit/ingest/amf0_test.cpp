#include "tests/support/test_main.h"

#include "server/ingest/rtmp/amf0.h"
#include "tests/support/rtmp_client.h"

using namespace live;
using namespace live::ingest::rtmp;
using amf0::Value;

class Amf0Test : public QObject {
    Q_OBJECT
private slots:
    void whatIsEncodedIsDecoded() {
        const std::vector<Value> values{
            {std::string("connect")},
            {1.5},
            {true},
            {amf0::Null{}},
            {amf0::Undefined{}},
            {std::string(70'000, 'x')},
            {Value::Array{{1.0}, {std::string("y")}}},
            {amf0::Object{{{"a", {2.0}}, {"b", {amf0::Object{{{"c", {false}}}, true}}}}, false}},
        };
        const auto decoded = amf0::decode(test::amfBytes(values));
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == values);
    }
    void theCountOfAnEcmaArrayIsOnlyAHint() {
        for (std::uint32_t count : {0u, 1u, 0xFFFFFFFFu}) {
            ByteWriter writer;
            writer.u8(8).u32(count).u16(1).text("w").u8(0).u64(0x4094000000000000).u16(1).text("h").u8(5).u24(9);
            const auto decoded = amf0::decode(writer.view());
            QVERIFY(decoded.has_value());
            const amf0::Object* object = decoded->front().object();
            QCOMPARE(object->properties.size(), std::size_t(2));
            QCOMPARE(*object->find("w")->number(), 1280.0);
        }
    }
    void anEmptyNameIsAPropertyUnlessTheEndFollows() {
        ByteWriter writer;
        writer.u8(3).u16(0).u8(1).u8(1).u16(0).u8(9);
        const auto decoded = amf0::decode(writer.view());
        QVERIFY(decoded.has_value());
        QCOMPARE(decoded->front().object()->properties.size(), std::size_t(1));
    }
    void datesXmlTypedObjectsAndReferencesAreTaken() {
        ByteWriter writer;
        writer.u8(0x0B).u64(0x4094000000000000).u16(0).u8(0x0F).u32(2).text("<x").u8(0x10).u16(1).text("T").u24(9);
        writer.u8(7).u16(1).u8(0x0D);
        const auto decoded = amf0::decode(writer.view());
        QVERIFY(decoded.has_value());
        QCOMPARE(decoded->size(), std::size_t(5));
        QCOMPARE(*decoded->front().number(), 1280.0);
    }
    void sixteenLevelsAreTakenAndSeventeenAreNot() {
        const auto nested = [](int levels) {
            ByteWriter writer;
            for (int i = 1; i < levels; ++i) writer.u8(0x0A).u32(1);
            writer.u8(5);
            return writer.take();
        };
        QVERIFY(amf0::decode(nested(16)).has_value());
        QVERIFY(!amf0::decode(nested(17)).has_value());
        QVERIFY(!amf0::decode(nested(10'000)).has_value());
    }
    void aMessageOfManyValuesIsRefused() {
        QVERIFY(amf0::decode(Bytes(4096, 5)).has_value());
        QVERIFY(!amf0::decode(Bytes(4097, 5)).has_value());
        ByteWriter array;
        array.u8(0x0A).u32(0xFFFFFFFF).bytes(Bytes(60'000, 5));
        QVERIFY(!amf0::decode(array.view()).has_value());
    }
    void bytesCutAnywhereAreRefused() {
        const Bytes whole = test::amfBytes({test::amfObject({{"a", {std::string("text")}}, {"b", {1.0}}})});
        for (std::size_t size = 1; size < whole.size(); ++size) QVERIFY(!amf0::decode(ByteView(whole).first(size)));
        QVERIFY(!amf0::decode(Bytes{0x11, 0x01}).has_value());  // AMF3
        QVERIFY(!amf0::decode(Bytes{0xFF}).has_value());
    }
};
LIVE_TEST(Amf0Test)

#include "amf0_test.moc"
