#include "server/transcode/worker/input_mapping.h"

#include <algorithm>
#include <vector>

namespace live::transcode::worker {

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
constexpr Nanoseconds kWindow = Seconds(1);
constexpr std::size_t kRememberedWindows = 60;
constexpr std::size_t kPromptWindows = 5;
constexpr std::size_t kReferenceWindows = 3;
constexpr std::size_t kLateWindows = 10;
constexpr std::size_t kLateCount = 3;  // a single stall shows in two windows
constexpr Nanoseconds kMaxReordering = Seconds(1);
constexpr Nanoseconds kFarAhead = Seconds(2);
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
}

void InputMapping::reset() {
    m_lines = {};
    m_restored.reset();
    m_driftPpb = 0;
    m_ratePpb = 0;
    forgetWindows();
}

void InputMapping::forgetWindows() {
    m_windowStart.reset();
    m_window = {};
    m_windows.clear();
    m_referenceLead.reset();
}

OutputTime InputMapping::apply(const Anchor& anchor, Nanoseconds input) const {
    const Nanoseconds elapsed = input - anchor.input;
    return anchor.output + elapsed + Nanoseconds(mulDivRound(elapsed.count(), m_ratePpb, kBillion));
}

Nanoseconds InputMapping::lead(const Anchor& anchor, const Stamp& stamp) const {
    return apply(anchor, stamp.dts) - stamp.arrival;
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
        if (step < -kJump || (step > kJump && lead(*line.anchor, stamp) - m_delay > kJump)) {
            mapped.repair = "time stamps jumped by " + milliseconds(step) + "; " + place(line, other, stamp);
        }
    }
    line.lastDts = stamp.dts;
    mapped.presentation = apply(*line.anchor, stamp.pts);
    mapped.decoding = apply(*line.anchor, stamp.dts);
    observe(*line.anchor, stamp);
    if (std::string reason = giveUpIfFarOff(); !reason.empty()) mapped.repair = std::move(reason);
    return mapped;
}

// Puts a line without a usable anchor onto the other one's, or on its own arrival. Says which.
std::string InputMapping::place(Line& line, const Line& other, const Stamp& stamp) {
    for (const std::optional<Anchor>& candidate : {other.anchor, m_restored}) {
        if (candidate && std::chrono::abs(lead(*candidate, stamp) - m_delay) <= kJump) {
            line.anchor = candidate;
            return "the other track's mapping fits";
        }
    }
    line.anchor = Anchor{stamp.pts, stamp.arrival + m_delay};
    m_restored.reset();
    forgetWindows();
    return "mapped anew";
}

void InputMapping::observe(const Anchor& anchor, const Stamp& stamp) {
    if (!m_windowStart) m_windowStart = stamp.arrival;
    const Nanoseconds early = lead(anchor, stamp);
    const Nanoseconds needed = stamp.kind == media::MediaKind::Video ? m_needed.video : m_needed.audio;
    const Nanoseconds margin = apply(anchor, stamp.pts) - stamp.arrival - needed;
    m_window.promptestLead = std::max(m_window.promptestLead, early);
    m_window.latestLead = std::min(m_window.latestLead, early);
    m_window.leastMargin = std::min(m_window.leastMargin, margin);
    if (stamp.arrival - *m_windowStart >= kWindow) {
        m_windowStart = stamp.arrival;
        closeWindow();
    }
}

void InputMapping::closeWindow() {
    m_windows.push_back(std::exchange(m_window, {}));
    if (m_windows.size() > kRememberedWindows) m_windows.pop_front();
    steer();
}

void InputMapping::steer() {
    Nanoseconds promptest = Nanoseconds::min();
    const std::size_t count = std::min(m_windows.size(), kPromptWindows);
    for (std::size_t i = m_windows.size() - count; i < m_windows.size(); ++i) {
        promptest = std::max(promptest, m_windows[i].promptestLead);
    }
    if (!m_referenceLead) {
        if (m_windows.size() >= kReferenceWindows) m_referenceLead = promptest;
        return;
    }
    const Nanoseconds delayBefore = m_delay;
    adaptDelay(*m_referenceLead - promptest);
    *m_referenceLead += m_delay - delayBefore;
    const Nanoseconds error = *m_referenceLead - promptest;
    if (std::chrono::abs(error) < kIntegrated) {
        m_driftPpb = std::clamp(m_driftPpb + error.count() / kIntegralSecondsSquared, -kMaxDriftPpb, kMaxDriftPpb);
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

std::string InputMapping::giveUpIfFarOff() {
    if (m_windows.size() < 2 || m_window.promptestLead != Nanoseconds::min()) return {};
    const Window& last = m_windows[m_windows.size() - 1];
    const Window& before = m_windows[m_windows.size() - 2];
    const Nanoseconds promptest = std::max(last.promptestLead, before.promptestLead);
    const Nanoseconds latest = std::min(last.latestLead, before.latestLead);
    const bool isLate = promptest < -kJump;
    const bool isEarly = latest > m_delay + kFarAhead;
    if (!isLate && !isEarly) return {};
    m_lines = {};
    forgetWindows();
    return isLate ? "the input is " + milliseconds(-promptest) + " late; mapped anew"
                  : "the input is " + milliseconds(latest - m_delay) + " ahead of real time; mapped anew";
}

}  // namespace live::transcode::worker
