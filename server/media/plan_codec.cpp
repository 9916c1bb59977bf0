#include "server/media/plan_codec.h"

#include <algorithm>
#include <optional>
#include <set>

#include "server/media/fields.h"

namespace live::media {

namespace {

constexpr std::uint32_t kMaxChannels = 8;
constexpr std::int64_t kMaxBitrate = 1'000'000'000;
// Output times of segments stay far below what nanoseconds can hold.
constexpr std::int64_t kLastSecond = std::int64_t{1} << 32;
constexpr std::uint32_t kLongestWindow = 3600;

// What a Grid is made from; it keeps the number of slots, not the profile it came from.
struct GridFields {
    std::uint8_t segmentSeconds = 0;
    std::uint16_t slotsPerSegment = 0;
    Rational rate;
};

template <class Io>
void fields(Io& io, FieldsOf<GridFields> auto& grid) {
    io.template number<std::uint8_t>(grid.segmentSeconds, 1, 10);
    io.template number<std::uint16_t>(grid.slotsPerSegment, 1, 50);
    io.template number<std::uint32_t>(grid.rate.numerator, 1);
    io.template number<std::uint32_t>(grid.rate.denominator, 1);
}

template <class Io>
void fields(Io& io, FieldsOf<Rendition> auto& rendition) {
    io.id(rendition.id);
    io.enumeration(rendition.kind, MediaKind::Audio);
    io.template number<std::int64_t>(rendition.bitrate, 0, kMaxBitrate);
    io.template number<std::int64_t>(rendition.maxBitrate, 0, kMaxBitrate);
    io.template number<std::int64_t>(rendition.vbvBits, 0, kMaxBitrate);
    io.template number<std::uint32_t>(rendition.width, 0, kMaxSide);
    io.template number<std::uint32_t>(rendition.height, 0, kMaxSide);
    io.template number<std::uint32_t>(rendition.channels, 0, kMaxChannels);
}

template <class Io>
void fields(Io& io, FieldsOf<std::vector<Rendition>> auto& renditions) {
    auto count = static_cast<std::uint8_t>(renditions.size());
    io.template number<std::uint8_t>(count, 2, kMaxRungs + 1);
    if constexpr (Io::kReading) renditions.resize(io.failed() ? 0 : count);
    for (auto& rendition : renditions) fields(io, rendition);
}

// All of a plan but its grid, which cannot be filled in field by field.
template <class Io>
void fields(Io& io, FieldsOf<BroadcastPlan> auto& plan) {
    io.id(plan.stream);
    io.id(plan.broadcast);
    fields(io, plan.renditions);
    io.template number<std::int64_t>(plan.firstSegment, 0, kLastSecond);
    auto window = static_cast<std::uint32_t>(plan.window.count());
    io.template number<std::uint32_t>(window, 1, kLongestWindow);
    if constexpr (Io::kReading) plan.window = Seconds(window);
    io.flag(plan.captions);
    io.template number<std::uint32_t>(plan.discontinuitySequence);
}

std::optional<Grid> makeGrid(const GridFields& wanted) {
    if (outputRate(wanted.rate) != wanted.rate) return std::nullopt;
    for (LatencyProfile profile : {LatencyProfile::Low, LatencyProfile::Ultra}) {
        const Grid grid(Seconds(wanted.segmentSeconds), profile, wanted.rate);
        if (grid.slotsPerSegment() == wanted.slotsPerSegment) return grid;
    }
    return std::nullopt;
}

bool isVideo(const Rendition& rendition) {
    return rendition.kind == MediaKind::Video && rendition.width > 0 && rendition.width % 2 == 0 &&
           rendition.height > 0 && rendition.height % 2 == 0;
}

bool isLadder(const std::vector<Rendition>& renditions) {
    std::set<RenditionId> ids;
    for (const Rendition& rendition : renditions) ids.insert(rendition.id);
    return ids.size() == renditions.size() && renditions.size() >= 2 && renditions.back().kind == MediaKind::Audio &&
           renditions.back().channels > 0 && std::all_of(renditions.begin(), renditions.end() - 1, isVideo);
}

}  // namespace

Bytes encode(const BroadcastPlan& plan) {
    const GridFields grid{static_cast<std::uint8_t>(plan.grid.segmentDuration().count()),
                          static_cast<std::uint16_t>(plan.grid.slotsPerSegment()), plan.grid.rate()};
    FieldWriter writer;
    writer.number(kPlanVersion);
    fields(writer, grid);
    fields(writer, plan);
    return writer.out().take();
}

Result<BroadcastPlan> decodePlan(ByteView bytes) {
    if (bytes.empty() || bytes.size() > kMaxPlanBytes)
        return fail(ErrorCode::Protocol, "a broadcast plan has 1 to 4096 bytes");
    if (bytes[0] != kPlanVersion)
        return fail(ErrorCode::Unsupported, "this broadcast plan has version " + std::to_string(bytes[0]) +
                                                ", this program reads version " + std::to_string(kPlanVersion));
    FieldReader reader(bytes.subspan(1));
    GridFields gridFields;
    BroadcastPlan plan;
    fields(reader, gridFields);
    fields(reader, plan);
    if (!reader.finished())
        return fail(ErrorCode::Protocol,
                    "the bytes of a broadcast plan are malformed before byte " + std::to_string(reader.position() + 1));
    const std::optional<Grid> grid = makeGrid(gridFields);
    if (!grid) return fail(ErrorCode::Protocol, "a broadcast plan has a grid that does not exist");
    if (!isLadder(plan.renditions))
        return fail(ErrorCode::Protocol, "a broadcast plan has renditions that are not video and then one audio");
    plan.grid = *grid;
    if (plan.firstSegment > kLastSecond / plan.grid.segmentDuration().count())
        return fail(ErrorCode::Protocol, "a broadcast plan starts too far in the future");
    return plan;
}

}  // namespace live::media
