#include "server/package/hls/tags.h"

#include <charconv>

namespace live::package::hls {

namespace {

void appendDecimal(std::string& out, std::int64_t value, std::int64_t unit, std::size_t decimals) {
    appendInteger(out, value / unit);
    out += '.';
    const std::string fraction = std::to_string(value % unit);
    out.append(decimals - fraction.size(), '0');
    out += fraction;
}

void appendPartUri(std::string& out, media::SlotId slot) {
    appendInteger(out, slot.segment);
    out += '.';
    appendInteger(out, slot.part);
    out += ".m4s";
}

}  // namespace

void appendInteger(std::string& out, std::int64_t value) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void appendSeconds(std::string& out, Nanoseconds duration) { appendDecimal(out, duration.count(), 1'000'000'000, 9); }

void appendSeconds10us(std::string& out, std::int64_t tens) { appendDecimal(out, tens, 100'000, 5); }

void append(std::string& out, Version tag) {
    out += "#EXT-X-VERSION:";
    appendInteger(out, tag.version);
    out += '\n';
}

void append(std::string& out, TargetDuration tag) {
    out += "#EXT-X-TARGETDURATION:";
    appendInteger(out, tag.duration.count());
    out += '\n';
}

void append(std::string& out, ServerControl tag) {
    out += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=";
    appendInteger(out, 6 * tag.targetDuration.count());
    out += ".0,HOLD-BACK=";
    appendInteger(out, 3 * tag.targetDuration.count());
    out += ".0,PART-HOLD-BACK=";
    appendSeconds10us(out, 3 * tag.partTarget10us);
    out += '\n';
}

void append(std::string& out, PartInf tag) {
    out += "#EXT-X-PART-INF:PART-TARGET=";
    appendSeconds10us(out, tag.partTarget10us);
    out += '\n';
}

void append(std::string& out, MediaSequence tag) {
    out += "#EXT-X-MEDIA-SEQUENCE:";
    appendInteger(out, tag.number);
    out += '\n';
}

void append(std::string& out, DiscontinuitySequence tag) {
    out += "#EXT-X-DISCONTINUITY-SEQUENCE:";
    appendInteger(out, tag.number);
    out += '\n';
}

void append(std::string& out, Skip tag) {
    out += "#EXT-X-SKIP:SKIPPED-SEGMENTS=";
    appendInteger(out, static_cast<std::int64_t>(tag.segments));
    out += '\n';
}

void append(std::string& out, Discontinuity) { out += "#EXT-X-DISCONTINUITY\n"; }

void append(std::string& out, Map tag) {
    out += "#EXT-X-MAP:URI=\"";
    out += tag.uri;
    out += "\"\n";
}

void append(std::string& out, ProgramDateTime tag) {
    out += "#EXT-X-PROGRAM-DATE-TIME:";
    out += toRfc3339(tag.time);
    out += '\n';
}

void append(std::string& out, PartialSegment tag) {
    out += "#EXT-X-PART:DURATION=";
    appendSeconds(out, tag.duration);
    out += ",URI=\"";
    appendPartUri(out, tag.slot);
    out += tag.isIndependent ? "\",INDEPENDENT=YES\n" : "\"\n";
}

void append(std::string& out, SegmentEnd tag) {
    out += "#EXTINF:";
    appendSeconds(out, tag.duration);
    out += ",\n";
    appendInteger(out, tag.number);
    out += ".m4s\n";
}

void append(std::string& out, PreloadHint tag) {
    out += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
    appendPartUri(out, tag.slot);
    out += "\"\n";
}

void append(std::string& out, RenditionReport tag) {
    out += "#EXT-X-RENDITION-REPORT:URI=\"../";
    out += tag.rendition;
    out += "/index.m3u8\",LAST-MSN=";
    appendInteger(out, tag.last.segment);
    out += ",LAST-PART=";
    appendInteger(out, tag.last.part);
    out += '\n';
}

void append(std::string& out, EndList) { out += "#EXT-X-ENDLIST\n"; }

}  // namespace live::package::hls
