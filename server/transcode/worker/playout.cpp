#include "server/transcode/worker/playout.h"

#include <algorithm>

namespace live::transcode::worker {

namespace {

constexpr Nanoseconds kFirstPicture = Milliseconds(300);
// A worker that replaces another gets the input of before replayed: what is made before it is there is silent. No
// longer than this: the watchdog gives a worker 3 s to its first output, starting it and the first encoding included.
constexpr Nanoseconds kReplay = Seconds(1);
constexpr Nanoseconds kPoll = Milliseconds(5);
constexpr Nanoseconds kDecoderPatience = Milliseconds(300);
constexpr std::int64_t kQueuedSlots = 4;

std::size_t videoRungs(const media::BroadcastPlan& plan) {
    return static_cast<std::size_t>(
        std::ranges::count(plan.renditions, media::MediaKind::Video, &media::Rendition::kind));
}

std::int64_t framesPerSlot(const media::Grid& grid) {
    return mulDivCeil(grid.segmentDuration().count() * grid.video().timescale, 1,
                      std::int64_t{grid.slotsPerSegment()} * grid.video().frameTicks);
}

}  // namespace

Result<Playout::Encoders> Playout::makeEncoders(const Job& job) {
    const media::BroadcastPlan& plan = job.plan;
    const std::size_t rungs = videoRungs(plan);
    if (rungs == 0 || plan.renditions.size() != rungs + 1 || plan.renditions[rungs].kind != media::MediaKind::Audio) {
        return fail(ErrorCode::InvalidArgument, "a plan has video renditions and then exactly one of audio");
    }
    std::vector<ffmpeg::H264Encoder> video;
    using Start = ffmpeg::H264Encoder::Start;
    const Start start = job.firstSlot.part == 0 ? Start::SegmentStart : Start::InsideSegment;
    for (std::size_t i = 0; i < rungs; ++i) video.push_back(LIVE_TRY(ffmpeg::H264Encoder::create(plan, i, start)));
    const AudioRung::Setup setup{
        .rendition = static_cast<std::uint8_t>(rungs),
        .firstFrame = plan.grid.firstFrame(plan.grid.audio(), job.firstSlot),
        .warmUpFrames = job.checkpoint ? AudioRung::kManyWarmUpFrames : AudioRung::kFewWarmUpFrames};
    AudioRung audio(setup, LIVE_TRY(ffmpeg::AacEncoder::create(plan.renditions[rungs].bitrate)));
    return Encoders{std::move(video), std::move(audio)};
}

Playout::Playout(const Job& job, Encoders encoders, Links links)
    : m_plan(job.plan),
      m_video(job.plan.grid.video()),
      m_links(std::move(links)),
      m_isReplacement(job.checkpoint.has_value()),
      m_created(m_links.boot.boot()),
      m_firstFrame(job.plan.grid.firstFrame(m_video, job.firstSlot)),
      m_nextFrame(m_firstFrame),
      m_cascade(job.plan),
      m_shedding(encoders.video.size()),
      m_captions(encoders.video.size()),
      m_audio(std::move(encoders.audio)) {
    m_links.output.start(m_plan, job.firstSlot,
                         [&input = m_links.input](Checkpoint& checkpoint) { input.save(checkpoint); });
    const auto maxQueued = static_cast<std::size_t>(kQueuedSlots * framesPerSlot(m_plan.grid));
    for (ffmpeg::H264Encoder& encoder : encoders.video) {
        const auto rendition = static_cast<std::uint8_t>(m_rungs.size());
        m_links.output.send(OutputTrack{rendition, encoder.configuration()});
        m_rungs.push_back(std::make_unique<Rung>(
            Rung::Setup{rendition, maxQueued, 1 / m_plan.grid.rate().value()}, std::move(encoder), m_links.boot,
            [this](OutputPacket packet) { m_links.output.packet(std::move(packet)); }, m_links.onFailure));
    }
    m_links.output.send(OutputTrack{static_cast<std::uint8_t>(m_rungs.size()), m_audio.configuration()});
}

bool Playout::isEnding() const {
    const std::lock_guard lock(m_mutex);
    return m_end && m_links.clock.now() >= m_end->segmentStart;
}

bool Playout::hasVideoLeft() const {
    const std::lock_guard lock(m_mutex);
    return !m_end || m_nextFrame < m_end->videoFrame;
}

bool Playout::hasAudioLeft() const {
    const std::lock_guard lock(m_mutex);
    return !m_end || m_audio.nextPacket() < m_end->audioFrame;
}

bool Playout::isFinished() const { return !hasVideoLeft() && !hasAudioLeft(); }

bool Playout::isAudioNext() const {
    return hasAudioLeft() && (!hasVideoLeft() || m_audio.due() < m_video.start(m_nextFrame));
}

OutputTime Playout::due() const { return isAudioNext() ? m_audio.due() : m_video.start(m_nextFrame); }

bool Playout::mayStart() {
    if (m_hasStarted || !m_links.clock.isSet()) return m_hasStarted;
    const Nanoseconds waited = m_links.boot.boot() - m_created;
    const bool isReplayed = !m_isReplacement || waited >= kReplay || m_links.input.isUpToDate(m_links.clock.now());
    m_hasStarted = isReplayed && (m_links.buffer.hasPicture() || waited >= kFirstPicture);
    return m_hasStarted;
}

Nanoseconds Playout::untilDue() {
    if (!mayStart()) return kPoll;
    if (isFinished() || isEnding()) return Nanoseconds(0);
    return std::max(m_links.clock.until(due()), Nanoseconds(0));
}

void Playout::step() {
    if (isFinished()) return;
    m_catchUp.judge(-m_links.clock.until(due()), m_links.boot.boot());
    const bool waits = m_catchUp.isOn() || isEnding();
    if (!isAudioNext()) {
        if (waits) m_links.buffer.waitForPicture(m_nextFrame, kDecoderPatience);
        return videoStep();
    }
    if (Result<void> done = m_audio.step(m_links.buffer, m_links.output, m_links.boot); !done) {
        m_links.onFailure(std::move(done).error());
    }
    const std::lock_guard lock(m_mutex);
    m_audioFigures = m_audio.figures();
}

void Playout::videoStep() {
    if (m_slot < 0 || m_nextFrame >= m_slotEnd)
        beginSlot(m_plan.grid.slotIndex(m_plan.grid.slotOfFrame(m_video, m_nextFrame)));
    const PictureStore::Shown shown = m_links.buffer.takePicture(m_nextFrame);
    if (!shown.isRepeat || m_nextFrame == m_firstFrame) m_cascade.show(shown.frame);
    for (std::size_t rung = 0; rung < m_rungs.size(); ++rung) hand(rung, shown);
    ++m_nextFrame;
    m_links.input.roomChanged();
}

void Playout::beginSlot(std::int64_t slot) {
    m_slot = slot;
    m_slotBegin = m_plan.grid.firstFrame(m_video, slot);
    m_slotEnd = m_plan.grid.firstFrame(m_video, slot + 1);
    if (m_catchUp.isOn() || isEnding()) return;
    std::vector<std::int64_t> encoded;
    for (std::size_t rung = 0; rung < m_rungs.size(); ++rung) encoded.push_back(m_links.output.reached(rung));
    const OutputTime now = m_links.clock.now();
    const std::int64_t frame = std::max(m_nextFrame, m_video.frameAtOrBefore(now));
    const bool areLevel = frame - std::ranges::min(encoded) <= m_slotEnd - m_slotBegin;
    if (!m_catchUp.isWorkedOff(areLevel, m_links.boot.boot())) return;
    const std::vector<SheddingPolicy::Change> changes =
        m_shedding.decide({.now = now,
                           .frame = frame,
                           .slotFrames = m_slotEnd - m_slotBegin,
                           .isSegmentStart = m_plan.grid.slot(slot).part == 0,
                           .encoded = encoded});
    for (const SheddingPolicy::Change& change : changes) apply(change);
}

void Playout::apply(const SheddingPolicy::Change& change) {
    Event event;
    event.rendition = static_cast<std::uint8_t>(change.rung);
    const std::string name = m_plan.renditions[change.rung].id.text();
    if (change.level == ShedLevel::Off) {
        m_rungs[change.rung]->clear();
        m_links.output.off(change.rung);
        event.kind = Event::Kind::ShedRendition;
        event.message = "encoding cannot keep up: " + name + " is left out";
    } else if (change.level == ShedLevel::HalfRate) {
        event.kind = Event::Kind::ShedFrames;
        event.message = "encoding cannot keep up: " + name + " keeps every other frame";
    } else {
        m_links.output.on(change.rung, m_nextFrame);
        event.kind = Event::Kind::Restored;
        event.message = name + " is complete again";
    }
    m_links.output.event(std::move(event), m_links.boot.boot());
}

void Playout::hand(std::size_t rung, const PictureStore::Shown& shown) {
    Rung& encoder = *m_rungs[rung];
    appendCaptions(m_captions[rung], shown.captions);
    const ShedLevel level = m_shedding.level(rung);
    const bool isLeftOut = level == ShedLevel::HalfRate && (m_nextFrame - m_slotBegin) % 2 != 0;
    if (level == ShedLevel::Off || isLeftOut) {
        if (level == ShedLevel::Off) m_captions[rung].clear();
        return encoder.countShed(1);
    }
    const bool isSegmentStart = m_nextFrame == m_slotBegin && m_plan.grid.slot(m_slot).part == 0;
    const bool isPair = level == ShedLevel::HalfRate && m_nextFrame + 1 < m_slotEnd;
    RungPicture picture{.picture = m_cascade.rung(rung),
                        .captions = std::exchange(m_captions[rung], {}),
                        .frame = m_nextFrame,
                        .frameCount = static_cast<std::uint16_t>(isPair ? 2 : 1),
                        .isKey = isSegmentStart || m_nextFrame == m_firstFrame};
    // The lowest rung is never shed: a queue of it that is full holds everything up. Catching up lets no rung fall more
    // than a slot behind, so that none is shed for it afterwards.
    const bool waits = m_catchUp.isOn() || isEnding();
    if (waits) {
        encoder.waitForRoom(static_cast<std::size_t>(m_slotEnd - m_slotBegin));
    } else if (rung + 1 == m_rungs.size()) {
        encoder.waitForRoom();
    }
    if (!encoder.push(std::move(picture))) apply(m_shedding.turnOff(rung, m_links.clock.now()));
}

void Playout::stop(std::int64_t lastSegment) {
    const media::Grid& grid = m_plan.grid;
    const media::SlotId after{lastSegment + 1, 0};
    const std::lock_guard lock(m_mutex);
    m_end = End{.segmentStart = grid.segmentStart(lastSegment),
                .videoFrame = grid.firstFrame(m_video, after),
                .audioFrame = grid.firstFrame(grid.audio(), after)};
}

void Playout::waitForEncoders() {
    for (const std::unique_ptr<Rung>& rung : m_rungs) rung->waitUntilIdle();
}

void Playout::fill(Heartbeat& heartbeat) const {
    for (const std::unique_ptr<Rung>& rung : m_rungs) heartbeat.renditions.push_back(rung->figures());
    const InputBuffer::Figures figures = m_links.buffer.figures();
    heartbeat.repeatedFrames = figures.repeated;
    heartbeat.droppedFrames += figures.dropped;
    heartbeat.silentSamples = figures.silentSamples;
    const std::lock_guard lock(m_mutex);
    heartbeat.renditions.push_back(m_audioFigures);
}

}  // namespace live::transcode::worker
