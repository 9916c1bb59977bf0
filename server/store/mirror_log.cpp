#include "server/store/mirror_log.h"

#include <zlib.h>

#include <charconv>

#include "server/media/fields.h"
#include "server/media/plan_codec.h"

namespace live::store {

using media::FieldReader;
using media::FieldsOf;
using media::FieldWriter;

namespace {

constexpr std::uint32_t kMagic = 0x4c4d4952;  // "LMIR"
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kSlotBytes = 12;
constexpr std::size_t kPartBytes = 25;
constexpr std::int64_t kLongestPart = Nanoseconds(Seconds(10)).count();
constexpr std::string_view kInitPrefix = "init-", kInitSuffix = ".mp4";
constexpr std::string_view kSegmentSuffix = ".m4s", kLogSuffix = ".commits";

enum PartFlags : std::uint8_t { kPresent = 1, kIndependent = 2, kDiscontinuity = 4 };

template <class Io>
void fields(Io& io, FieldsOf<std::optional<CommittedPart>> auto& entry) {
    std::uint8_t flags = 0;
    CommittedPart part;
    if constexpr (!Io::kReading)
        if (entry) {
            part = *entry;
            flags = kPresent | (part.isIndependent ? kIndependent : 0) | (part.isDiscontinuity ? kDiscontinuity : 0);
        }
    std::int64_t duration = part.duration.count();
    io.template number<std::uint8_t>(flags, 0, kPresent | kIndependent | kDiscontinuity);
    io.number(part.offset);
    io.number(part.length);
    io.template number<std::int64_t>(duration, 0, kLongestPart);
    io.number(part.init);
    io.number(part.crc);
    if constexpr (Io::kReading)
        if (flags & kPresent) {
            part.duration = Nanoseconds(duration);
            part.isIndependent = flags & kIndependent;
            part.isDiscontinuity = flags & kDiscontinuity;
            entry = part;
        }
}

template <class Io>
void fields(Io& io, FieldsOf<CommitRecord> auto& record) {
    io.template number<std::int64_t>(record.slot.segment, 0);
    io.template number<std::int32_t>(record.slot.part, 0);
    for (auto& part : record.parts) fields(io, part);
}

// `bytes` without the checksum at their end, if it is right.
std::optional<ByteView> checked(ByteView bytes) {
    if (bytes.size() < kCrcBytes) return std::nullopt;
    const ByteView body = bytes.first(bytes.size() - kCrcBytes);
    if (ByteReader(bytes.last(kCrcBytes)).u32() != crc32Of(body)) return std::nullopt;
    return body;
}

std::optional<std::int64_t> parseNumbered(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size() || number < 0) return std::nullopt;
    return number;
}

}  // namespace

std::uint32_t crc32Of(ByteView bytes) {
    return static_cast<std::uint32_t>(::crc32_z(::crc32_z(0, nullptr, 0), bytes.data(), bytes.size()));
}

Bytes encodeLogHeader(const media::BroadcastPlan& plan) {
    const Bytes bytes = media::encode(plan);
    ByteWriter writer;
    writer.u32(kMagic).u32(bytes.size()).bytes(bytes);
    writer.u32(crc32Of(writer.view()));
    return writer.take();
}

Result<LogHeader> decodeLogHeader(ByteView log) {
    ByteReader reader(log);
    const std::uint32_t magic = reader.u32();
    const std::uint32_t size = reader.u32();
    reader.skip(size);
    const std::size_t end = reader.position() + kCrcBytes;
    reader.skip(kCrcBytes);
    if (magic != kMagic || size > media::kMaxPlanBytes || reader.failed() || !checked(log.first(end)))
        return fail(ErrorCode::Protocol, "not a whole commit log header");
    media::BroadcastPlan plan = LIVE_TRY(media::decodePlan(log.subspan(8, size)));
    return LogHeader{std::move(plan), end};
}

std::size_t commitRecordBytes(std::size_t renditions) { return kSlotBytes + kPartBytes * renditions + kCrcBytes; }

Bytes encode(const CommitRecord& record) {
    FieldWriter writer;
    fields(writer, record);
    writer.out().u32(crc32Of(writer.out().view()));
    return writer.out().take();
}

std::optional<CommitRecord> decodeCommitRecord(ByteView bytes, std::size_t renditions) {
    const auto body = checked(bytes);
    if (!body) return std::nullopt;
    CommitRecord record;
    record.parts.resize(renditions);
    FieldReader reader(*body);
    fields(reader, record);
    if (!reader.finished()) return std::nullopt;
    return record;
}

std::optional<std::uint32_t> parseInitName(std::string_view name) {
    if (name.size() != kInitPrefix.size() + 8 + kInitSuffix.size() || !name.starts_with(kInitPrefix) ||
        !name.ends_with(kInitSuffix))
        return std::nullopt;
    const std::string_view digits = name.substr(kInitPrefix.size(), 8);
    std::uint32_t init = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), init, 16);
    if (error != std::errc{} || end != digits.data() + digits.size() || initName(init) != name) return std::nullopt;
    return init;
}

std::string initName(std::uint32_t init) {
    ByteWriter writer;
    writer.u32(init);
    return std::string(kInitPrefix) + toHex(writer.view()) + std::string(kInitSuffix);
}

std::string segmentFileName(std::int64_t segment) { return std::to_string(segment) + std::string(kSegmentSuffix); }

std::string logFileName(std::int64_t segment) {
    return std::to_string(segment / kSegmentsPerLog) + std::string(kLogSuffix);
}

std::optional<std::int64_t> parseSegmentFileName(std::string_view name) { return parseNumbered(name, kSegmentSuffix); }

std::optional<std::int64_t> parseLogFileName(std::string_view name) { return parseNumbered(name, kLogSuffix); }

}  // namespace live::store
