#include "server/transcode/link/codec.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "common/model/limits.h"
#include "server/media/fields.h"
#include "server/media/plan_codec.h"

namespace live::transcode {

using media::FieldReader;
using media::FieldsOf;
using media::FieldWriter;

namespace {

constexpr std::size_t kPrefixBytes = 4;
constexpr std::uint16_t kMaxTextBytes = 1024;
constexpr std::uint8_t kMaxRenditions = kMaxRungs + 1;
constexpr std::int64_t kLastSegment = std::int64_t{1} << 32;
constexpr std::int64_t kLastFrame = std::int64_t{1} << 40;
constexpr std::int32_t kMaxSlots = 50;
constexpr std::int64_t kMaxInputDelayMs = 60'000;

// The type byte is the record's place in Record, from 1: the order there is part of the format.
constexpr std::array<std::string_view, std::variant_size_v<Record>> kNames{
    "hello", "job",          "clock",         "input track", "input packet", "input lost", "published",
    "stop",  "output track", "output packet", "checkpoint",  "heartbeat",    "event"};

template <class Io>
void fields(Io& io, FieldsOf<media::SlotId> auto& slot) {
    io.template number<std::int64_t>(slot.segment, 0, kLastSegment);
    io.template number<std::int32_t>(slot.part, 0, kMaxSlots - 1);
}

template <class Io>
void fields(Io& io, FieldsOf<Hello> auto& hello) {
    io.number(hello.version);
    io.number(hello.pid);
    io.text(hello.build, kMaxTextBytes);
}

template <class Io>
void fields(Io& io, FieldsOf<Checkpoint> auto& checkpoint) {
    fields(io, checkpoint.slot);
    io.flag(checkpoint.hasInput);
    io.number(checkpoint.inputAnchorNs);
    io.number(checkpoint.outputAnchorNs);
    io.number(checkpoint.driftPpb);
    io.number(checkpoint.inputDelayMs);
    io.number(checkpoint.inputCaughtUpMs);
    io.number(checkpoint.audioPhaseSamples);
    io.template number<std::uint8_t>(checkpoint.activeInput, 0, 2);
}

template <class Io>
void fields(Io& io, FieldsOf<media::BroadcastPlan> auto& plan) {
    Buffer bytes;
    if constexpr (!Io::kReading) bytes = Buffer(media::encode(plan));
    io.buffer(bytes, media::kMaxPlanBytes);
    if constexpr (Io::kReading) {
        auto decoded = media::decodePlan(bytes.view());
        io.check(decoded.has_value());
        if (decoded) plan = *std::move(decoded);
    }
}

template <class Io>
void fields(Io& io, FieldsOf<Job> auto& job) {
    fields(io, job.plan);
    fields(io, job.firstSlot);
    io.check(job.firstSlot.part < job.plan.grid.slotsPerSegment());
    std::int64_t inputDelay = job.inputDelay.count();
    io.template number<std::int64_t>(inputDelay, 0, kMaxInputDelayMs);
    io.flag(job.wantsFiller);
    bool hasCheckpoint = job.checkpoint.has_value();
    io.flag(hasCheckpoint);
    if constexpr (Io::kReading) {
        job.inputDelay = Milliseconds(inputDelay);
        if (hasCheckpoint) job.checkpoint.emplace();
    }
    if (job.checkpoint) fields(io, *job.checkpoint);
}

template <class Io>
void fields(Io& io, FieldsOf<ClockRecord> auto& clock) {
    io.time(clock.mapping.boot);
    io.time(clock.mapping.output);
    io.template number<std::int32_t>(clock.mapping.slewPpb, -media::OutputClock::kMaxSlewPpb,
                                     media::OutputClock::kMaxSlewPpb);
}

template <class Io>
void fields(Io& io, FieldsOf<InputTrack> auto& track) {
    io.enumeration(track.track.kind, media::MediaKind::Audio);
    io.enumeration(track.track.codec, media::Codec::Aac);
    io.buffer(track.track.configuration, kMaxConfigurationBytes);
    io.check((track.track.kind == media::MediaKind::Video) == (track.track.codec == media::Codec::H264));
}

template <class Io>
void fields(Io& io, FieldsOf<InputPacket> auto& record) {
    auto& packet = record.packet;
    io.enumeration(packet.kind, media::MediaKind::Audio);
    io.flag(packet.isKey);
    io.number(packet.pts);
    io.number(packet.dts);
    io.number(packet.duration);
    io.template number<std::uint32_t>(packet.timescale, 1);
    io.time(packet.arrival);
    io.buffer(packet.data, kMaxRecordBytes);
}

template <class Io>
void fields(Io&, FieldsOf<InputLost> auto&) {}

template <class Io>
void fields(Io& io, FieldsOf<Published> auto& published) {
    fields(io, published.slot);
}

template <class Io>
void fields(Io& io, FieldsOf<Stop> auto& stop) {
    io.template number<std::int64_t>(stop.lastSegment, 0, kLastSegment);
}

template <class Io>
void fields(Io& io, FieldsOf<OutputTrack> auto& track) {
    io.template number<std::uint8_t>(track.rendition, 0, kMaxRenditions - 1);
    io.buffer(track.configuration, kMaxConfigurationBytes);
}

template <class Io>
void fields(Io& io, FieldsOf<OutputPacket> auto& packet) {
    io.template number<std::uint8_t>(packet.rendition, 0, kMaxRenditions - 1);
    io.flag(packet.isKey);
    io.flag(packet.isFiller);
    io.template number<std::int64_t>(packet.frame, 0, kLastFrame);
    io.template number<std::uint16_t>(packet.frameCount, 1);
    io.time(packet.encodedAt);
    io.buffer(packet.data, kMaxRecordBytes);
    io.check(!packet.data.empty());
}

template <class Io>
void fields(Io& io, FieldsOf<Heartbeat::RenditionFigures> auto& figures) {
    io.number(figures.frames);
    io.number(figures.bytes);
    io.number(figures.shedFrames);
    io.ratio(figures.encodeSpeed);
    io.number(figures.queuedFrames);
}

template <class Io>
void fields(Io& io, FieldsOf<Heartbeat> auto& heartbeat) {
    auto count = static_cast<std::uint8_t>(heartbeat.renditions.size());
    io.template number<std::uint8_t>(count, 0, kMaxRenditions);
    if constexpr (Io::kReading) heartbeat.renditions.resize(io.failed() ? 0 : count);
    for (auto& figures : heartbeat.renditions) fields(io, figures);
    io.number(heartbeat.decodedFrames);
    io.number(heartbeat.repeatedFrames);
    io.number(heartbeat.droppedFrames);
    io.number(heartbeat.decodeErrors);
    io.number(heartbeat.silentSamples);
    io.number(heartbeat.driftPpb);
    io.number(heartbeat.inputDelayMs);
    io.number(heartbeat.inputWidth);
    io.number(heartbeat.inputHeight);
    io.number(heartbeat.inputRate.numerator);
    io.template number<std::uint32_t>(heartbeat.inputRate.denominator, 1);
    io.flag(heartbeat.inputInterlaced);
}

template <class Io>
void fields(Io& io, FieldsOf<Event> auto& event) {
    io.enumeration(event.kind, Event::Kind::Failed);
    io.template number<std::uint8_t>(event.rendition, 0, kMaxRenditions - 1);
    io.text(event.message, kMaxTextBytes);
}

std::unexpected<Error> malformed(std::string_view record, std::size_t position) {
    return fail(ErrorCode::Protocol, "worker link: malformed " + std::string(record) + " record, before byte " +
                                         std::to_string(position) + " of its fields");
}

template <std::size_t type = 0>
Result<Record> decode(std::size_t wanted, ByteView body) {
    if constexpr (type < std::variant_size_v<Record>) {
        if (wanted != type) return decode<type + 1>(wanted, body);
        std::variant_alternative_t<type, Record> record;
        FieldReader reader(body);
        fields(reader, record);
        if (!reader.finished()) return malformed(kNames[type], reader.position());
        return Record(std::move(record));
    } else {
        return fail(ErrorCode::Protocol, "worker link: unknown record type " + std::to_string(wanted + 1));
    }
}

}  // namespace

Bytes encode(const Record& record) {
    FieldWriter writer;
    if (const auto* input = std::get_if<InputPacket>(&record)) writer.out().reserve(64 + input->packet.data.size());
    if (const auto* output = std::get_if<OutputPacket>(&record)) writer.out().reserve(64 + output->data.size());
    writer.out().u32(0).u8(record.index() + 1);
    std::visit([&writer](const auto& alternative) { fields(writer, alternative); }, record);
    writer.out().patchU32(0, static_cast<std::uint32_t>(writer.out().size() - kPrefixBytes));
    return writer.out().take();
}

Result<void> RecordReader::append(ByteView bytes) {
    if (m_pending.size() - m_consumed > kPrefixBytes + kMaxRecordBytes)
        return fail(ErrorCode::Protocol, "worker link: more bytes are waiting than the largest record has");
    m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(m_consumed));
    m_consumed = 0;
    m_pending.insert(m_pending.end(), bytes.begin(), bytes.end());
    return {};
}

Result<std::optional<Record>> RecordReader::next() {
    ByteReader reader(ByteView(m_pending).subspan(m_consumed));
    if (reader.remaining() < kPrefixBytes) return std::nullopt;
    const std::uint32_t size = reader.u32();
    if (size == 0 || size > kMaxRecordBytes)
        return fail(ErrorCode::Protocol, "worker link: a record of " + std::to_string(size) + " bytes");
    if (reader.remaining() < size) return std::nullopt;
    const std::uint8_t type = reader.u8();
    if (type == 0) return fail(ErrorCode::Protocol, "worker link: unknown record type 0");
    Record record = LIVE_TRY(decode(type - std::size_t{1}, reader.bytes(size - 1)));
    m_consumed += kPrefixBytes + size;
    return std::optional<Record>(std::move(record));
}

}  // namespace live::transcode
