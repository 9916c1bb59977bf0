// Input time stamps → output time. Pure: packets in order of arrival go in, nothing else has influence.
//
// The first packet is presented at its arrival + delay; everything after it keeps its distance on the input's time
// line. Audio and video share one mapping unless their time stamps are more than a second apart, in which case each is
// tied to its own arrival.
//
// The mapping moves by slewing only:
//   drift  the earliness of the promptest packets (network jitter only ever delays) is held constant by a PI loop,
//          within ±500 ppm: an input clock that runs fast or slow neither fills nor empties the buffers.
//   delay  grows, at most by 5,000 ppm (8.6 cents of pitch, nobody hears it), when packets come too late for their time
//          in at least 3 of 10 seconds; shrinks, at most by 500 ppm, when there was slack for a minute; 2,000 ms at
//          most. What the latest packets of the last minute needed is not slewed away.
// It jumps (the output does not) when
//   - the time stamps jump by more than 1 s, or the input is more than 2 s early for 2 s, not counting what the mapping
//     itself had jumped by because packets came too late;
//   - even the promptest packets of a track come too late for 2 s, so that all of it is lost: both tracks move by what
//     the later one needs, unless that would take them more than 1 s apart: then each is tied to its arrival anew;
//   - after such a jump everything came more than 100 ms earlier than needed for 10 s: back by that much. When it is
//     late again within two minutes that was too soon, and takes twice as long the next time, 160 s at most;
//   - within 3 s of the anchoring the input turns out to be more than 100 ms early: its first packets were held up.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "server/media/packet.h"
#include "server/transcode/link/records.h"

namespace live::transcode::worker {

class InputMapping {
public:
    static constexpr Nanoseconds kMaxDelay = Milliseconds(2000);
    static constexpr Nanoseconds kJump = Seconds(1);
    static constexpr std::int64_t kMaxDriftPpb = 500'000;
    static constexpr std::int64_t kMaxGrowthPpb = 5'000'000;

    // How long before its presentation a packet must have arrived for its picture or sound to make it.
    struct Needed {
        Nanoseconds video = Milliseconds(60);
        Nanoseconds audio = Milliseconds(105);
    };

    InputMapping(Nanoseconds delay, Needed needed) : m_initialDelay(delay), m_delay(delay), m_needed(needed) {}

    // Goes on where another worker stood, as long as the input's time stamps fit.
    void restore(const Checkpoint& checkpoint);

    struct Stamp {
        media::MediaKind kind = media::MediaKind::Video;
        Nanoseconds pts{};
        Nanoseconds dts{};
        OutputTime arrival{};
    };
    struct Mapped {
        OutputTime presentation{};
        OutputTime decoding{};
        // By how much what was mapped before, and is not shown yet, has to move: the mapping has jumped.
        Nanoseconds shift{};
        std::string repair = {};  // what was wrong with the time stamps, with numbers; empty when nothing was
    };
    Mapped map(const Stamp& stamp);

    // The publisher has gone: the next packet starts a new time line, on what may be another link. The delay stays.
    void reset();

    // Fills the input fields of a checkpoint.
    void save(Checkpoint& checkpoint) const;
    std::int32_t driftPpb() const { return static_cast<std::int32_t>(m_driftPpb); }
    Nanoseconds delay() const { return m_delay; }
    // From arrival to presentation as it was in the last full second, for the promptest packets of the later track.
    Nanoseconds measuredDelay() const;

private:
    static constexpr int kCalmWindows = 10;
    struct Anchor {
        Nanoseconds input{};
        OutputTime output{};
    };
    struct Line {
        std::optional<Anchor> anchor;
        Nanoseconds lastDts{};
    };
    struct Window {  // one second of arrivals
        Nanoseconds latestLead = Nanoseconds::max();
        Nanoseconds leastMargin = Nanoseconds::max();
        // Of the promptest packet of each track, by MediaKind.
        std::array<std::optional<Nanoseconds>, 2> lead;
        std::array<std::optional<Nanoseconds>, 2> margin;
    };
    struct Calm {
        int windows = 0;  // one after the other, in which everything came earlier than needed
        Nanoseconds surplus = Nanoseconds::max();
    };

    OutputTime apply(const Anchor& anchor, Nanoseconds input) const;
    // How long before its decoding time the stamp arrived.
    Nanoseconds lead(const Anchor& anchor, const Stamp& stamp) const;
    bool isTooEarly(const Anchor& anchor, const Stamp& stamp) const;
    std::string place(Line& line, const Line& other, const Stamp& stamp);
    void observe(const Anchor& anchor, const Stamp& stamp);
    void closeWindow(Mapped& mapped);
    void adaptDelay(Nanoseconds pending);
    void steer();
    // The lead of the promptest packets in the last `count` windows, of the track where it is the least.
    Nanoseconds promptest(std::size_t count) const;
    void trim(Mapped& mapped);
    void giveUpIfEarly(Mapped& mapped);
    bool catchUpIfLate(Mapped& mapped);  // true when it has jumped
    void comeBack(Mapped& mapped);
    void shift(Nanoseconds by, Mapped& mapped);
    void forgetWindows();

    Nanoseconds m_initialDelay;
    Nanoseconds m_delay;  // the target; the mapping follows slowly
    Needed m_needed;
    std::array<Line, 2> m_lines;  // by MediaKind
    std::optional<Anchor> m_restored;
    std::int64_t m_ratePpb = 0;
    std::int64_t m_driftPpb = 0;

    std::optional<OutputTime> m_windowStart;
    Window m_window;
    std::deque<Window> m_windows;                // newest last, at most a minute
    std::optional<Nanoseconds> m_referenceLead;  // of the promptest packets, soon after the anchoring
    bool m_isAnchoredByArrival = false;          // and not settled yet

    Nanoseconds m_caughtUp{};  // jumped by for lateness and not jumped back
    Calm m_calm;
    int m_patience = kCalmWindows;  // how many windows of calm it takes to jump back
    std::optional<OutputTime> m_cameBack;
};

}  // namespace live::transcode::worker
