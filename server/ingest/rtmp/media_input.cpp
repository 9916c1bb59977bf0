#include "server/ingest/rtmp/media_input.h"

#include <utility>

#include "common/model/limits.h"
#include "server/ingest/rtmp/flv.h"
#include "server/ingest/rtmp/limits.h"
#include "server/ingest/rtmp/metadata.h"
#include "server/media/aac.h"
#include "server/media/h264.h"

namespace live::ingest::rtmp {

namespace h264 = media::h264;
namespace aac = media::aac;

std::int64_t unwrapTimestamp(std::int64_t last, std::uint32_t timestamp) {
    return last + static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(last));
}

namespace {

// Some 35 years. A publisher that only jumps forwards would else reach times that nanoseconds cannot hold.
constexpr std::int64_t kFarthestTime = std::int64_t{1} << 40;

// The sample with 4-byte lengths; shares the message's bytes when they are that already.
Result<Buffer> normalised(const Buffer& sample, std::size_t lengthSize) {
    if (lengthSize != 4) return Buffer(LIVE_TRY(h264::withFourByteLengths(sample.view(), lengthSize)));
    h264::NalReader nals(sample.view());
    std::size_t count = 0;
    while (nals.next()) ++count;
    if (nals.failed() || count == 0) return fail(ErrorCode::Protocol, "a video frame is damaged");
    return sample;
}

// Told to the broadcaster, who can mend it, instead of cutting the connection without a word.
std::unexpected<Error> refuseConfiguration(const Error& error, std::string_view codec) {
    if (error.code == ErrorCode::Unsupported) return std::unexpected(error);
    return fail(ErrorCode::Unsupported, error.message + "; restart the encoder or choose another " +
                                            std::string(codec) + " encoder in its settings");
}

Result<void> checkSize(ByteView configuration) {
    if (configuration.size() <= kMaxConfigurationBytes) return {};
    return fail(ErrorCode::Protocol, "the decoder configuration has " + std::to_string(configuration.size()) +
                                         " bytes, no encoder needs more than " +
                                         std::to_string(kMaxConfigurationBytes));
}

}  // namespace

Result<void> MediaInput::receive(const Message& message, std::vector<Event>& events) {
    if (++m_messagesInSecond > kMaxMessagesPerSecond) {
        return fail(ErrorCode::Protocol, "more than " + std::to_string(kMaxMessagesPerSecond) +
                                             " audio and video messages came in a second; send in real time");
    }
    switch (message.type) {
        case MessageType::Video: return receiveVideo(message, events);
        case MessageType::Audio: return receiveAudio(message, events);
        case MessageType::DataAmf0:
        case MessageType::DataAmf3: receiveData(message, events); return {};
        case MessageType::Aggregate:
            return flv::splitAggregate(message, [&](const Message& inner) -> Result<void> {
                return inner.type == MessageType::Aggregate ? Result<void>() : receive(inner, events);
            });
        default: return {};
    }
}

Result<void> MediaInput::receiveVideo(const Message& message, std::vector<Event>& events) {
    const flv::Body body = LIVE_TRY(flv::parseVideo(message.payload.view()));
    if (body.kind == flv::BodyKind::Ignored) return {};
    const Buffer content = message.payload.slice(body.offset);
    if (body.kind == flv::BodyKind::Configuration) return configureVideo(content.view(), events);
    if (m_videoRecord.empty()) {
        ++m_counters.earlyFrames;
        return {};
    }
    const Result<Buffer> sample = normalised(content, m_nalLengthSize);
    if (!sample) {
        ++m_counters.damagedFrames;
        return {};
    }
    media::Packet packet;
    packet.kind = media::MediaKind::Video;
    packet.isKey = h264::containsIdr(sample->view());
    packet.dts = unwrap(message.timestamp);
    packet.pts = packet.dts + body.compositionMilliseconds;
    packet.data = *sample;
    events.emplace_back(std::move(packet));
    return {};
}

Result<void> MediaInput::receiveAudio(const Message& message, std::vector<Event>& events) {
    const flv::Body body = LIVE_TRY(flv::parseAudio(message.payload.view()));
    if (body.kind == flv::BodyKind::Ignored) return {};
    const Buffer content = message.payload.slice(body.offset);
    if (body.kind == flv::BodyKind::Configuration) return configureAudio(content.view(), events);
    if (m_audioRecord.empty()) {
        ++m_counters.earlyFrames;
        return {};
    }
    media::Packet packet;
    packet.kind = media::MediaKind::Audio;
    packet.isKey = true;
    packet.pts = packet.dts = unwrap(message.timestamp);
    packet.data = content;
    events.emplace_back(std::move(packet));
    return {};
}

Result<void> MediaInput::configureVideo(ByteView record, std::vector<Event>& events) {
    if (std::ranges::equal(record, m_videoRecord)) return {};  // encoders repeat it
    if (const auto size = checkSize(record); !size) return refuseConfiguration(size.error(), "H.264");
    auto configuration = h264::parseConfiguration(record);
    if (!configuration) return refuseConfiguration(configuration.error(), "H.264");
    const auto sps = h264::parseSps(configuration->sequenceParameterSets.front());
    if (!sps) return refuseConfiguration(sps.error(), "H.264");
    m_videoRecord.assign(record.begin(), record.end());
    m_nalLengthSize = std::exchange(configuration->nalLengthSize, 4);
    events.emplace_back(media::Track{media::MediaKind::Video, media::Codec::H264, Buffer(serialize(*configuration))});
    return {};
}

Result<void> MediaInput::configureAudio(ByteView record, std::vector<Event>& events) {
    if (std::ranges::equal(record, m_audioRecord)) return {};
    if (const auto size = checkSize(record); !size) return refuseConfiguration(size.error(), "AAC");
    if (const auto read = aac::parseConfiguration(record); !read) return refuseConfiguration(read.error(), "AAC");
    m_audioRecord.assign(record.begin(), record.end());
    events.emplace_back(media::Track{media::MediaKind::Audio, media::Codec::Aac, Buffer::copyOf(record)});
    return {};
}

// Data messages are hints: one that cannot be read is ignored.
void MediaInput::receiveData(const Message& message, std::vector<Event>& events) {
    ByteView payload = message.payload.view();
    if (payload.size() > kMaxDataMessageBytes) return;
    if (message.type == MessageType::DataAmf3 && !payload.empty()) payload = payload.subspan(1);
    if (const auto metadata = parseMetadata(payload)) events.emplace_back(*metadata);
}

std::int64_t MediaInput::unwrap(std::uint32_t timestamp) {
    m_lastTime = m_hasTime ? unwrapTimestamp(m_lastTime, timestamp) : timestamp;
    if (std::abs(m_lastTime) > kFarthestTime) m_lastTime = timestamp;
    m_hasTime = true;
    return m_lastTime;
}

}  // namespace live::ingest::rtmp
