// The bytes that an RTMP encoder sends, for tests: what a real one would, and what none should.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "server/ingest/rtmp/amf0.h"
#include "server/ingest/rtmp/chunk_writer.h"

namespace live::test {

using ingest::rtmp::Message;
using ingest::rtmp::MessageType;
namespace amf0 = ingest::rtmp::amf0;

inline Bytes handshakeBytes() {
    ByteWriter writer;
    writer.u8(3).u32(0).u32(0);
    for (int i = 0; i < 1528; ++i) writer.u8(i * 7);
    return writer.zeros(1536).take();
}

inline Bytes amfBytes(const std::vector<amf0::Value>& values) {
    ByteWriter writer;
    for (const amf0::Value& value : values) amf0::encode(value, writer);
    return writer.take();
}

inline amf0::Value amfObject(std::vector<amf0::Property> properties) { return {amf0::Object{std::move(properties)}}; }

// Builds the client's half of a connection; take() gives what was written since the last take().
class RtmpClient {
public:
    RtmpClient& handshake() {
        m_output.bytes(handshakeBytes());
        return *this;
    }
    RtmpClient& message(const Message& message) {
        m_writer.write(message, m_output);
        return *this;
    }
    RtmpClient& chunkSize(std::uint32_t bytes) {
        ByteWriter payload;
        payload.u32(bytes);
        message({MessageType::SetChunkSize, 0, 0, 2, Buffer(payload.take())});
        m_writer.setChunkSize(bytes);
        return *this;
    }
    RtmpClient& command(std::uint32_t streamId, const std::vector<amf0::Value>& values) {
        return message({MessageType::CommandAmf0, 0, streamId, 3, Buffer(amfBytes(values))});
    }
    RtmpClient& connect(const std::string& app, const std::string& tcUrl = "rtmp://localhost/live") {
        return command(
            0, {{std::string("connect")},
                {1.0},
                amfObject({{"app", {app}}, {"flashVer", {std::string("FMLE/3.0 (test)")}}, {"tcUrl", {tcUrl}}})});
    }
    RtmpClient& createStream() { return command(0, {{std::string("createStream")}, {4.0}, {amf0::Null{}}}); }
    RtmpClient& publish(const std::string& name) {
        return command(1, {{std::string("publish")}, {5.0}, {amf0::Null{}}, {name}, {std::string("live")}});
    }
    RtmpClient& metadata(std::vector<amf0::Property> properties) {
        const Bytes payload = amfBytes(
            {{std::string("@setDataFrame")}, {std::string("onMetaData")}, {amf0::Object{std::move(properties), true}}});
        return message({MessageType::DataAmf0, 0, 1, 4, Buffer::copyOf(payload)});
    }
    RtmpClient& video(std::uint32_t timestamp, Bytes body) {
        return message({MessageType::Video, timestamp, 1, 6, Buffer(std::move(body))});
    }
    RtmpClient& audio(std::uint32_t timestamp, Bytes body) {
        return message({MessageType::Audio, timestamp, 1, 4, Buffer(std::move(body))});
    }
    RtmpClient& raw(ByteView bytes) {
        m_output.bytes(bytes);
        return *this;
    }
    Bytes take() { return std::exchange(m_output, ByteWriter()).take(); }

private:
    ingest::rtmp::ChunkWriter m_writer;
    ByteWriter m_output;
};

// `bytes` in random pieces of 1 to `most` bytes: what TCP may make of them.
inline std::vector<ByteView> randomPieces(ByteView bytes, std::mt19937& random, std::size_t most) {
    std::vector<ByteView> pieces;
    while (!bytes.empty()) {
        const std::size_t count = std::min<std::size_t>(bytes.size(), 1 + random() % most);
        pieces.push_back(bytes.first(count));
        bytes = bytes.subspan(count);
    }
    return pieces;
}

}  // namespace live::test
