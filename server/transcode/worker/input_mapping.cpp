#include "server/transcode/worker/input_mapping.h"

#include <algorithm>
#include <vector>

namespace live::transcode::worker {

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
constexpr Nanoseconds kWindow = Seconds(1);
constexpr std::size_t kRememberedWindows = 60;
constexpr int kMostCalmWindows = 160;
constexpr Nanoseconds kJammedSoonAgain = Seconds(120);
constexpr std::size_t kPromptWindows = 5;
constexpr std::size_t kReferenceWindows = 3;
constexpr std::size_t kLateWindows = 10;
// A single stall shows in two windows, unless it takes more than a second to catch up with. That counts: jams too short
// to jump for, that come again, cost nothing from then on. The target shrinks again after a minute without them.
constexpr std::size_t kLateCount = 3;
constexpr Nanoseconds kMaxReordering = Seconds(1);
constexpr Nanoseconds kFarAhead = Seconds(2);
constexpr Nanoseconds kHeldUp = Milliseconds(100);  // less is left to slewing
// The PI loop: errors are worked off over 30 s; critically damped.
constexpr std::int64_t kProportionalSeconds = 30;
constexpr std::int64_t kIntegralSecondsSquared = 4 * kProportionalSeconds * kProportionalSeconds;
constexpr Nanoseconds kIntegrated = Milliseconds(20);  // larger errors are delay changes or jams, not drift
constexpr Nanoseconds kSlack = Milliseconds(50);

std::string milliseconds(Nanoseconds time) { return std::to_string(time / Milliseconds(1)) + " ms"; }

}  // namespace

void InputMapping::restore(const Checkpoint& checkpoint) {
    if (!checkpoint.hasInput) return;
    m_restored = Anchor{Nanoseconds(checkpoint.inputAnchorNs), OutputTime(Nanoseconds(checkpoint.outputAnchorNs))};
    m_driftPpb = std::clamp<std::int64_t>(checkpoint.driftPpb, -kMaxDriftPpb, kMaxDriftPpb);
    m_ratePpb = m_driftPpb;
    m_delay = std::clamp<Nanoseconds>(Milliseconds(checkpoint.inputDelayMs), m_initialDelay,
                                      std::max(m_initialDelay, kMaxDelay));
    m_caughtUp = Milliseconds(checkpoint.inputCaughtUpMs);
}

void InputMapping::save(Checkpoint& checkpoint) const {
    const Line& line = m_lines[0].anchor ? m_lines[0] : m_lines[1];
    checkpoint.hasInput = line.anchor.has_value();
    if (line.anchor) {
        checkpoint.inputAnchorNs = line.anchor->input.count();
        checkpoint.outputAnchorNs = line.anchor->output.time_since_epoch().count();
    }
    checkpoint.driftPpb = driftPpb();
    checkpoint.inputDelayMs = static_cast<std::int32_t>(m_delay / Milliseconds(1));
    checkpoint.inputCaughtUpMs = static_cast<std::int32_t>(m_caughtUp / Milliseconds(1));
}

void InputMapping::reset() {
    m_lines = {};
    m_restored.reset();
    m_driftPpb = 0;
    m_ratePpb = 0;
    m_patience = kCalmWindows;
    m_cameBack.reset();
    forgetWindows();
}

void InputMapping::forgetWindows() {
    m_windowStart.reset();
    m_window = {};
    m_windows.clear();
    m_referenceLead.reset();
    m_isAnchoredByArrival = false;
    m_caughtUp = {};
    m_calm = {};
}

OutputTime InputMapping::apply(const Anchor& anchor, Nanoseconds input) const {
    const Nanoseconds elapsed = input - anchor.input;
    return anchor.output + elapsed + Nanoseconds(mulDivRound(elapsed.count(), m_ratePpb, kBillion));
}

Nanoseconds InputMapping::lead(const Anchor& anchor, const Stamp& stamp) const {
    return apply(anchor, stamp.dts) - stamp.arrival;
}

// After a jam everything is early by as much as had to be caught up in it.
bool InputMapping::isTooEarly(const Anchor& anchor, const Stamp& stamp) const {
    return lead(anchor, stamp) - m_delay - m_caughtUp > kJump;
}

InputMapping::Mapped InputMapping::map(const Stamp& given) {
    Stamp stamp = given;
    Mapped mapped;
    if (stamp.pts < stamp.dts || stamp.pts - stamp.dts > kMaxReordering) {
        mapped.repair = "pts is " + milliseconds(stamp.pts - stamp.dts) + " after dts; dts is used instead";
        stamp.pts = stamp.dts;
    }
    const bool isVideo = stamp.kind == media::MediaKind::Video;
    Line& line = m_lines[isVideo ? 0 : 1];
    const Line& other = m_lines[isVideo ? 1 : 0];
    if (!line.anchor) {
        place(line, other, stamp);
    } else {
        const Nanoseconds step = stamp.dts - line.lastDts;
        if (step < -kJump || (step > kJump && isTooEarly(*line.anchor, stamp))) {
            mapped.repair = "time stamps jumped by " + milliseconds(step) + "; " + place(line, other, stamp);
        }
    }
    line.lastDts = stamp.dts;
    mapped.presentation = apply(*line.anchor, stamp.pts);
    mapped.decoding = apply(*line.anchor, stamp.dts);
    observe(*line.anchor, stamp);
    if (stamp.arrival - *m_windowStart >= kWindow) {
        m_windowStart = stamp.arrival;
        closeWindow(mapped);
    }
    return mapped;
}

// Puts a line without a usable anchor onto the other one's, or on its own arrival. Says which.
std::string InputMapping::place(Line& line, const Line& other, const Stamp& stamp) {
    for (const std::optional<Anchor>& candidate : {other.anchor, m_restored}) {
        if (candidate && !isTooEarly(*candidate, stamp) && lead(*candidate, stamp) - m_delay >= -kJump) {
            line.anchor = candidate;
            return "the other track's mapping fits";
        }
    }
    line.anchor = Anchor{stamp.pts, stamp.arrival + m_delay};
    m_restored.reset();
    forgetWindows();
    m_isAnchoredByArrival = true;
    return "mapped anew";
}

void InputMapping::observe(const Anchor& anchor, const Stamp& stamp) {
    if (!m_windowStart) m_windowStart = stamp.arrival;
    const std::size_t track = stamp.kind == media::MediaKind::Video ? 0 : 1;
    const Nanoseconds early = lead(anchor, stamp);
    const Nanoseconds needed = track == 0 ? m_needed.video : m_needed.audio;
    const Nanoseconds margin = apply(anchor, stamp.pts) - stamp.arrival - needed;
    m_window.latestLead = std::min(m_window.latestLead, early);
    m_window.leastMargin = std::min(m_window.leastMargin, margin);
    m_window.lead[track] = std::max(m_window.lead[track].value_or(early), early);
    m_window.margin[track] = std::max(m_window.margin[track].value_or(margin), margin);
}

void InputMapping::closeWindow(Mapped& mapped) {
    m_windows.push_back(std::exchange(m_window, {}));
    if (m_windows.size() > kRememberedWindows) m_windows.pop_front();
    trim(mapped);
    if (catchUpIfLate(mapped)) return;
    steer();
    comeBack(mapped);
    giveUpIfEarly(mapped);
}

Nanoseconds InputMapping::promptest(std::size_t count) const {
    Nanoseconds least = Nanoseconds::max();
    for (std::size_t track : {0, 1}) {
        std::optional<Nanoseconds> best;
        for (std::size_t i = m_windows.size() - std::min(m_windows.size(), count); i < m_windows.size(); ++i)
            best = std::max(best, m_windows[i].lead[track]);
        if (best) least = std::min(least, *best);
    }
    return least;
}

Nanoseconds InputMapping::measuredDelay() const { return m_windows.empty() ? m_delay : promptest(1); }

void InputMapping::steer() {
    const Nanoseconds prompt = promptest(kPromptWindows);
    if (!m_referenceLead) {
        if (m_windows.size() < kReferenceWindows) return;
        // What is far above the delay is what another worker, or this one, had jumped by before it was settled.
        m_referenceLead = prompt - m_delay > kHeldUp ? m_delay : prompt;
        m_isAnchoredByArrival = false;
        return;
    }
    const Nanoseconds delayBefore = m_delay;
    adaptDelay(*m_referenceLead - prompt);
    *m_referenceLead += m_delay - delayBefore;
    Nanoseconds error = *m_referenceLead - prompt;
    if (std::chrono::abs(error) < kIntegrated) {
        m_driftPpb = std::clamp(m_driftPpb + error.count() / kIntegralSecondsSquared, -kMaxDriftPpb, kMaxDriftPpb);
    } else if (error < Nanoseconds(0)) {
        // What the latest packets of the last minute needed is not given away.
        const Nanoseconds spare = std::ranges::min(m_windows, {}, &Window::leastMargin).leastMargin - kSlack;
        error = std::clamp(-spare, error, Nanoseconds(0));
    }
    const std::int64_t fastest = error > kIntegrated ? kMaxGrowthPpb : kMaxDriftPpb;
    const std::int64_t rate = std::clamp(m_driftPpb + error.count() / kProportionalSeconds, -kMaxDriftPpb, fastest);
    for (Line& line : m_lines) {
        if (line.anchor) line.anchor = Anchor{line.lastDts, apply(*line.anchor, line.lastDts)};
    }
    m_ratePpb = rate;
}

// `pending` is how much later the mapping is about to get anyway.
void InputMapping::adaptDelay(Nanoseconds pending) {
    const Nanoseconds coming = std::max(pending, Nanoseconds(0));
    std::vector<Nanoseconds> margins;
    for (std::size_t i = m_windows.size() - std::min(m_windows.size(), kLateWindows); i < m_windows.size(); ++i) {
        margins.push_back(m_windows[i].leastMargin + coming);
    }
    std::ranges::sort(margins);
    if (margins.size() >= kLateCount && margins[kLateCount - 1] < Nanoseconds(0)) {
        m_delay = std::min(m_delay - margins[kLateCount - 1], std::max(kMaxDelay, m_initialDelay));
        return;
    }
    if (m_delay <= m_initialDelay || m_windows.size() < kRememberedWindows) return;
    const Nanoseconds slack = std::ranges::min(m_windows, {}, &Window::leastMargin).leastMargin - kSlack;
    if (slack <= Nanoseconds(0) || pending < -kIntegrated) return;
    m_delay = std::max(m_delay - slack, m_initialDelay);
    for (Window& window : m_windows) window.leastMargin -= slack;
}

// Both lines together: sound and picture stay where they are to one another.
void InputMapping::shift(Nanoseconds by, Mapped& mapped) {
    for (Line& line : m_lines) {
        if (line.anchor) line.anchor = Anchor{line.lastDts, apply(*line.anchor, line.lastDts) + by};
    }
    for (Window& window : m_windows) {
        window.latestLead += by;
        window.leastMargin += by;
        for (std::size_t track : {0, 1}) {
            if (window.lead[track]) *window.lead[track] += by;
            if (window.margin[track]) *window.margin[track] += by;
        }
    }
    m_ratePpb = m_driftPpb;
    mapped.shift += by;
}

// The first packet of a backlog has waited somewhere; the delay counts from when those after it need not wait.
void InputMapping::trim(Mapped& mapped) {
    if (!m_isAnchoredByArrival) return;
    const Nanoseconds surplus = promptest(1) - m_delay;
    if (surplus > kHeldUp) shift(-surplus, mapped);
}

bool InputMapping::catchUpIfLate(Mapped& mapped) {
    if (m_windows.size() < 2) return false;
    const Window& last = m_windows[m_windows.size() - 1];
    const Window& before = m_windows[m_windows.size() - 2];
    const auto isLost = [&](std::size_t track) {
        return last.margin[track] && before.margin[track] &&
               std::max(*last.margin[track], *before.margin[track]) < Nanoseconds(0);
    };
    if (!isLost(0) && !isLost(1)) return false;
    // Slewing gets there by itself soon enough.
    const Nanoseconds missing = m_referenceLead.value_or(m_delay) - promptest(2);
    if (missing <= kIntegrated) return false;
    const std::string which = isLost(0) && isLost(1) ? "the input" : isLost(0) ? "the video" : "the audio";
    mapped.repair = which + " came " + milliseconds(missing) + " too late for 2 s; ";
    if (last.lead[0] && last.lead[1] && std::chrono::abs(*last.lead[0] - *last.lead[1]) > kJump) {
        mapped.repair += "mapped anew";
        m_lines = {};
        forgetWindows();
        return true;
    }
    mapped.repair += "it is shown that much later from now on";
    shift(missing, mapped);
    m_windows.clear();
    m_isAnchoredByArrival = false;
    m_caughtUp += missing;
    const bool isSoonAgain = m_cameBack && *m_windowStart - *m_cameBack < kJammedSoonAgain;
    m_patience = isSoonAgain ? std::min(2 * m_patience, kMostCalmWindows) : std::max(m_patience / 2, kCalmWindows);
    return true;
}

// Only time tells whether a jam is over: the next one costs 2 s of everything again.
void InputMapping::comeBack(Mapped& mapped) {
    if (!m_referenceLead) return;
    const Window& last = m_windows.back();
    Nanoseconds surplus = std::min(m_caughtUp, last.leastMargin - kSlack);
    for (const std::optional<Nanoseconds>& lead : last.lead)
        if (lead) surplus = std::min(surplus, *lead - *m_referenceLead);
    if (surplus <= kHeldUp) {
        m_calm = {};
        return;
    }
    m_calm.surplus = std::min(m_calm.surplus, surplus);
    if (++m_calm.windows < m_patience) return;
    surplus = std::exchange(m_calm, {}).surplus;
    mapped.repair = "the input came " + milliseconds(surplus) + " earlier than needed for " +
                    std::to_string(m_patience) + " s; it is shown that much earlier from now on";
    shift(-surplus, mapped);
    m_caughtUp -= surplus;
    m_cameBack = m_windowStart;
}

void InputMapping::giveUpIfEarly(Mapped& mapped) {
    if (m_windows.size() < 2) return;
    const Nanoseconds latest =
        std::min(m_windows[m_windows.size() - 1].latestLead, m_windows[m_windows.size() - 2].latestLead);
    if (latest <= m_delay + m_caughtUp + kFarAhead) return;
    mapped.repair = "the input is " + milliseconds(latest - m_delay) + " ahead of real time; mapped anew";
    m_lines = {};
    forgetWindows();
}

}  // namespace live::transcode::worker
