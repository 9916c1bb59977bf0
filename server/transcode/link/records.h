// The records of the worker link: everything a server and a worker ever say to each other.
//
// Server → worker: Hello, Job, ClockRecord, InputTrack, InputPacket, InputLost, Published, Stop.
// Worker → server: Hello, OutputTrack, OutputPacket, Checkpoint, Heartbeat, Event.
// The worker knows nothing of HTTP, playlists or storage. codec.h has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/media/output_clock.h"
#include "server/media/packet.h"
#include "server/media/plan.h"

namespace live::transcode {

// Raised with every change to a record. A peer of another version is refused.
inline constexpr std::uint32_t kLinkVersion = 2;

struct Hello {
    std::uint32_t version = kLinkVersion;
    std::uint32_t pid = 0;
    std::string build;  // program and codec library versions
};

// Where a worker stood when it finished a slot: what another one needs to go on at the next slot without an audible
// or visible seam.
struct Checkpoint {
    media::SlotId slot;
    bool hasInput = false;            // the mapping below is valid
    std::int64_t inputAnchorNs = 0;   // an input time stamp, on the unwrapped input time line
    std::int64_t outputAnchorNs = 0;  // the output time it is shown at
    std::int32_t driftPpb = 0;        // input clock against output clock
    std::int32_t inputDelayMs = 0;
    std::int32_t inputCaughtUpMs = 0;  // how far beyond that it had jumped because the input came too late
    // Nobody sets or reads these two yet: they are there so that the format need not change for more than one input.
    std::int64_t audioPhaseSamples = 0;  // resampler: output samples produced past the end of the slot
    std::uint8_t activeInput = 0;        // 0 primary, 1 backup, 2 slate
};

// The first record after the hellos. The worker produces every slot from `firstSlot` on, for ever, until the link ends:
// slots that are already past at once (back-filled with its first picture and silence), later ones as their time comes.
struct Job {
    media::BroadcastPlan plan;
    media::SlotId firstSlot;
    Milliseconds inputDelay{200};
    bool wantsFiller = false;  // also encode one segment of slate and silence per rendition, marked isFiller
    std::optional<Checkpoint> checkpoint;  // absent at the start of a broadcast
};

// The server's output clock; every 100 ms.
struct ClockRecord {
    media::ClockMapping mapping;
};

struct InputTrack {
    media::Track track;
};

struct InputPacket {
    media::Packet packet;
};

// The publisher has gone: hold the last picture, and silence. Tracks and packets that come later are a new publisher:
// its time line is mapped anew.
struct InputLost {};

// The newest slot that viewers can see.
struct Published {
    media::SlotId slot;
};

// Finish the slots up to the end of `lastSegment`, send them, then exit.
struct Stop {
    std::int64_t lastSegment = 0;
};

// An encoder's decoder configuration (avcC, AudioSpecificConfig); before its first packet.
struct OutputTrack {
    std::uint8_t rendition = 0;  // index in BroadcastPlan::renditions
    Buffer configuration;
};

// One encoded frame. Frames of a rendition come in order and tile the grid without gaps: frame + frameCount is the next
// packet's frame. frameCount is 1 but under shedding, when a kept picture lasts until the next kept one.
// Video has no B-frames: pts = dts = frame · frameTicks.
struct OutputPacket {
    std::uint8_t rendition = 0;
    bool isKey = false;
    bool isFiller = false;   // part of the filler segment; `frame` counts from 0 then
    std::int64_t frame = 0;  // grid frame number of the rendition's track
    std::uint16_t frameCount = 1;
    BootTime encodedAt{};  // when it left the encoder
    Buffer data;           // H.264: 4-byte length-prefixed NAL units; AAC: raw_data_block
};

// Every 500 ms, and what the watchdog lives on.
struct Heartbeat {
    struct RenditionFigures {
        std::uint64_t frames = 0;  // encoded so far
        std::uint64_t bytes = 0;
        std::uint64_t shedFrames = 0;    // left out by shedding
        double encodeSpeed = 0;          // seconds of media encoded per second of encoder time, over the last 5 s
        std::uint32_t queuedFrames = 0;  // waiting for the encoder
    };
    std::vector<RenditionFigures> renditions;
    std::uint64_t decodedFrames = 0;
    std::uint64_t repeatedFrames = 0;  // output frames that showed the picture before once more
    std::uint64_t droppedFrames = 0;   // decoded, but too late or too many
    std::uint64_t decodeErrors = 0;
    std::uint64_t silentSamples = 0;  // filled in where audio was missing
    std::int32_t driftPpb = 0;
    std::int32_t inputDelayMs = 0;                  // from arrival to presentation, as measured in the last second
    std::uint32_t inputWidth = 0, inputHeight = 0;  // as decoded
    media::FrameRate inputRate{0, 1};
    bool inputInterlaced = false;
};

struct Event {
    enum class Kind : std::uint8_t {
        FirstFrame,     // the first picture of the input was decoded; `message` says what it is like
        InputChanged,   // size, rate, layout: normalised away; `message` says from what to what
        InputBad,       // repaired: bad DTS, jump, missing track; `message` has the numbers
        ShedFrames,     // rendition keeps every other frame
        ShedRendition,  // rendition is not produced for now
        Restored,       // rendition is produced again, from the next boundary
        Unsupported,    // the input can't be decoded at all (HDR, profile): the stream refuses the publisher with
                        // `message`
        Failed,         // the worker cannot go on and exits
    };
    Kind kind = Kind::InputBad;
    std::uint8_t rendition = 0;
    std::string message;
};

using Record = std::variant<Hello, Job, ClockRecord, InputTrack, InputPacket, InputLost, Published, Stop, OutputTrack,
                            OutputPacket, Checkpoint, Heartbeat, Event>;

}  // namespace live::transcode
