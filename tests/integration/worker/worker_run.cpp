#include "tests/integration/worker/worker_run.h"

#include <algorithm>

#include "common/av/decoder.h"

namespace live::test {

using namespace transcode;

media::BroadcastPlan smallPlan(media::FrameRate rate, std::uint32_t width, std::uint32_t height) {
    media::BroadcastPlan plan;
    plan.stream = *StreamId::parse("show");
    plan.broadcast = *BroadcastId::parse("0mtavq8q4ghk1f4l6v2b9c3d5e");
    plan.grid = media::Grid(Seconds(2), LatencyProfile::Low, rate);
    const auto video = [](std::uint32_t w, std::uint32_t h, BitsPerSecond bitrate) {
        const std::string id = "v" + std::to_string(std::min(w, h));
        return media::Rendition{.id = *RenditionId::parse(id),
                                .kind = media::MediaKind::Video,
                                .bitrate = bitrate,
                                .maxBitrate = bitrate * 5 / 4,
                                .vbvBits = bitrate,
                                .width = w,
                                .height = h,
                                .channels = 0};
    };
    media::Rendition audio;
    audio.id = *RenditionId::parse("a0");
    audio.kind = media::MediaKind::Audio;
    audio.bitrate = 128'000;
    audio.channels = 2;
    plan.renditions = {video(width, height, 1'200'000), video(width / 4 * 2, height / 4 * 2, 400'000), audio};
    return plan;
}

void WorkerRun::make() {
    av::silenceLibraries();  // as in the worker's process
    m_worker.reset();
    m_worker = std::make_unique<worker::Worker>(m_clock, worker::Worker::Drive::Manual, [this](Record record) {
        const std::lock_guard lock(m_mutex);
        m_records.push_back(std::move(record));
    });
}

Job WorkerRun::startJob() const {
    Job job;
    job.plan = m_plan;
    job.firstSlot = {m_plan.grid.slotAt(now()).segment - 1, 0};
    job.plan.firstSegment = job.firstSlot.segment;
    return job;
}

void WorkerRun::start(const Job& job) {
    send(job);
    sendClock();
}

void WorkerRun::replace(const Job& job) {
    make();
    m_records.clear();
    start(job);
}

void WorkerRun::sendClock() {
    m_sinceClock = {};
    send(ClockRecord{{m_clock.boot(), now(), 0}});
}

void WorkerRun::sendTracks(const MediaFile& file) {
    for (const media::Track& track : file.tracks) send(InputTrack{track});
}

void WorkerRun::pass(Nanoseconds time) {
    constexpr Nanoseconds kStep = Milliseconds(10);
    m_worker->settle();
    while (time > Nanoseconds(0)) {
        const Nanoseconds step = std::min(time, kStep);
        m_clock.advance(step);
        time -= step;
        m_sinceClock += step;
        if (m_sinceClock >= Milliseconds(100)) sendClock();
        m_worker->settle();
    }
}

void WorkerRun::play(const MediaFile& file) {
    playShifted(file, [](const media::Packet&) { return 0; });
}

void WorkerRun::playInOrder(const MediaFile& file, Nanoseconds interval) {
    for (media::Packet packet : file.packets) {
        packet.arrival = now();
        send(InputPacket{std::move(packet)});
        pass(interval);
    }
}

void WorkerRun::playShifted(const MediaFile& file, const std::function<std::int64_t(const media::Packet&)>& shift) {
    if (file.packets.empty()) return;
    sendTracks(file);
    const std::int64_t first = file.packets.front().dts;
    Nanoseconds played{};
    for (media::Packet packet : file.packets) {
        const Nanoseconds at = Milliseconds(packet.dts - first);
        if (at > played) {
            pass(at - played);
            played = at;
        }
        const std::int64_t by = shift(packet);
        packet.pts += by;
        packet.dts += by;
        packet.arrival = now();
        send(InputPacket{std::move(packet)});
    }
}

void WorkerRun::stopAndFinish() {
    send(Stop{m_plan.grid.slotAt(now()).segment});
    m_worker->settle();
}

std::vector<Record> WorkerRun::records() const {
    const std::lock_guard lock(m_mutex);
    return m_records;
}

namespace {
template <class T>
std::vector<T> allOf(const std::vector<Record>& records) {
    std::vector<T> found;
    for (const Record& record : records) {
        if (const T* one = std::get_if<T>(&record)) found.push_back(*one);
    }
    return found;
}
}  // namespace

std::vector<OutputPacket> WorkerRun::packets(std::size_t rendition) const {
    std::vector<OutputPacket> all = allOf<OutputPacket>(records());
    std::erase_if(all, [&](const OutputPacket& packet) { return packet.rendition != rendition || packet.isFiller; });
    return all;
}

std::vector<OutputPacket> WorkerRun::filler(std::size_t rendition) const {
    std::vector<OutputPacket> all = allOf<OutputPacket>(records());
    std::erase_if(all, [&](const OutputPacket& packet) { return packet.rendition != rendition || !packet.isFiller; });
    return all;
}

std::vector<Event> WorkerRun::events(Event::Kind kind) const {
    std::vector<Event> all = allOf<Event>(records());
    std::erase_if(all, [&](const Event& event) { return event.kind != kind; });
    return all;
}

std::vector<Checkpoint> WorkerRun::checkpoints() const { return allOf<Checkpoint>(records()); }

Heartbeat WorkerRun::lastHeartbeat() const {
    const std::vector<Heartbeat> all = allOf<Heartbeat>(records());
    return all.empty() ? Heartbeat{} : all.back();
}

Buffer WorkerRun::configuration(std::size_t rendition) const {
    for (const OutputTrack& track : allOf<OutputTrack>(records())) {
        if (track.rendition == rendition) return track.configuration;
    }
    return {};
}

QString WorkerRun::gridErrors(std::size_t rendition, media::SlotId firstSlot) const {
    const media::TrackGrid track = m_plan.track(rendition);
    std::int64_t expected = m_plan.grid.firstFrame(track, firstSlot);
    const std::int64_t first = expected;
    const std::vector<OutputPacket> all = packets(rendition);
    if (all.empty()) return QStringLiteral("no packets");
    for (const OutputPacket& packet : all) {
        if (packet.frame != expected)
            return QStringLiteral("frame %1 where %2 belongs").arg(packet.frame).arg(expected);
        const media::SlotId slot = m_plan.grid.slotOfFrame(track, packet.frame);
        const bool isSegmentStart = packet.frame == m_plan.grid.firstFrame(track, media::SlotId{slot.segment, 0});
        const bool isAudio = m_plan.renditions[rendition].kind == media::MediaKind::Audio;
        if (packet.isKey != (isAudio || isSegmentStart || packet.frame == first)) {
            return QStringLiteral("frame %1, slot %2: key %3").arg(packet.frame).arg(slot.part).arg(packet.isKey);
        }
        expected = packet.frame + packet.frameCount;
    }
    return {};
}

std::vector<WorkerRun::Shown> WorkerRun::decode(std::size_t rendition) const {
    const bool isAudio = m_plan.renditions[rendition].kind == media::MediaKind::Audio;
    Result<av::Decoder> decoder =
        av::Decoder::create(isAudio ? AV_CODEC_ID_AAC : AV_CODEC_ID_H264, configuration(rendition).view());
    std::vector<Shown> shown;
    if (!decoder) return shown;
    const auto keep = [&shown](av::FramePtr frame) {
        const std::int64_t number = frame->pts;
        shown.push_back({number, av::share(std::move(frame))});
    };
    for (const OutputPacket& packet : packets(rendition)) {
        static_cast<void>(decoder->decode({packet.data.view(), packet.frame, packet.frame}, keep));
    }
    decoder->drain(keep);
    return shown;
}

Colour meanColour(const AVFrame& picture, int x, int y, int width, int height) {
    const auto mean = [&](int plane, int divisor) {
        double sum = 0;
        for (int row = y / divisor; row < (y + height) / divisor; ++row) {
            const std::uint8_t* line = picture.data[plane] + std::ptrdiff_t{row} * picture.linesize[plane];
            for (int column = x / divisor; column < (x + width) / divisor; ++column) sum += line[column];
        }
        return sum / ((width / divisor) * (height / divisor));
    };
    return {mean(0, 1), mean(1, 2), mean(2, 2)};
}

}  // namespace live::test
