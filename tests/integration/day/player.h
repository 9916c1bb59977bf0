// A player that asks the origin's decision for every part of a broadcast, as a low-latency player does, and now and
// then for what players also ask for. No sockets: what it gets is what a viewer would be sent.
#pragma once

#include <QString>

#include "server/origin/decide.h"
#include "server/origin/front.h"

namespace live::test {

class Player {
public:
    explicit Player(const media::BroadcastPlan& plan) : m_plan(plan) {}

    // Before slot `next` is published: everything that it brings has to be waited for.
    void askAhead(const store::StreamEntry& entry, BootTime now, media::SlotId next) {
        for (const media::Rendition& rendition : m_plan.renditions) {
            expectHold(entry, now, playlistOf(rendition), directives(next), origin::Hold::For::Playlist);
            expectHold(entry, now, partOf(rendition, next), {}, origin::Hold::For::Part);
        }
    }
    // When it has been published: the same requests are answered, with it.
    void takeHeld(const store::StreamEntry& entry, BootTime now, media::SlotId slot) {
        const std::string uri = "URI=\"" + nameOf(slot) + '"';
        for (std::size_t i = 0; i < m_plan.renditions.size(); ++i) {
            const media::Rendition& rendition = m_plan.renditions[i];
            const std::string text = expect(200, entry, now, playlistOf(rendition), directives(slot));
            if (text.find(uri) == std::string::npos) note("a playlist lacks " + uri);
            const std::string bytes = expect(200, entry, now, partOf(rendition, slot), {});
            checkTime(bytes, m_plan.track(i), slot);
        }
    }
    void askForADelta(const store::StreamEntry& entry, BootTime now, media::SlotId slot) {
        for (const media::Rendition& rendition : m_plan.renditions) {
            const std::string full = expect(200, entry, now, playlistOf(rendition), directives(slot));
            const std::string delta =
                expect(200, entry, now, playlistOf(rendition), directives(slot) + "&_HLS_skip=YES");
            if (delta.find("#EXT-X-SKIP:") == std::string::npos || delta.size() >= full.size())
                note("a delta update is not one");
        }
    }
    void askTooFarAhead(const store::StreamEntry& entry, BootTime now, media::SlotId slot) {
        for (const media::Rendition& rendition : m_plan.renditions)
            expect(400, entry, now, playlistOf(rendition), directives({slot.segment + 3, 0}));
    }
    // Segments that are still in the window, or have left it a moment ago, and one that has been gone for long.
    void seekBack(const store::StreamEntry& entry, BootTime now) {
        for (std::size_t i = 0; i < m_plan.renditions.size(); ++i) {
            const store::RenditionSnapshot& kept = entry.current->renditions[i];
            const std::int64_t listed = kept.segments.front()->number;
            const std::int64_t removed = kept.removed.empty() ? listed : kept.removed.front()->number;
            for (const std::int64_t number : {listed, removed}) {
                const std::string bytes = expect(200, entry, now, segmentOf(m_plan.renditions[i], number), {});
                checkTime(bytes, m_plan.track(i), {number, 0});
            }
            expect(404, entry, now, segmentOf(m_plan.renditions[i], removed - 1), {});
        }
    }

    std::int64_t requests = 0;
    QString problem;  // the first thing that was wrong

private:
    static std::string nameOf(media::SlotId slot) {
        return std::to_string(slot.segment) + '.' + std::to_string(slot.part) + ".m4s";
    }
    static std::string directives(media::SlotId slot) {
        return "_HLS_msn=" + std::to_string(slot.segment) + "&_HLS_part=" + std::to_string(slot.part);
    }
    std::string folderOf(const media::Rendition& rendition) const {
        return "/live/" + m_plan.stream.text() + '/' + m_plan.broadcast.text() + '/' + rendition.id.text() + '/';
    }
    std::string playlistOf(const media::Rendition& rendition) const { return folderOf(rendition) + "index.m3u8"; }
    std::string partOf(const media::Rendition& rendition, media::SlotId slot) const {
        return folderOf(rendition) + nameOf(slot);
    }
    std::string segmentOf(const media::Rendition& rendition, std::int64_t number) const {
        return folderOf(rendition) + std::to_string(number) + ".m4s";
    }

    void note(const std::string& what) {
        if (problem.isEmpty()) problem = QString::fromStdString(what);
    }

    origin::Decision ask(const store::StreamEntry& entry, BootTime now, const std::string& path,
                         const std::string& query, origin::Phase phase) {
        ++requests;
        const auto request = origin::interpret({.path = path, .query = query}, {});
        if (const auto* answer = std::get_if<origin::ResponsePtr>(&request)) return *answer;
        return origin::decide(std::get<origin::MediaRequest>(request), &entry, now, phase);
    }
    void expectHold(const store::StreamEntry& entry, BootTime now, const std::string& path, const std::string& query,
                    origin::Hold::For what) {
        const origin::Decision decision = ask(entry, now, path, query, origin::Phase::New);
        const auto* hold = std::get_if<origin::Hold>(&decision);
        if (!hold || hold->what != what) note(path + '?' + query + " is not held");
    }
    // The body.
    std::string expect(int status, const store::StreamEntry& entry, BootTime now, const std::string& path,
                       const std::string& query) {
        const origin::Decision decision = ask(entry, now, path, query, origin::Phase::Held);
        const auto* response = std::get_if<origin::ResponsePtr>(&decision);
        if (!response || (*response)->status != status) {
            note(path + '?' + query + (response ? ": " + std::to_string((*response)->status) : " is held"));
            return {};
        }
        std::string body;
        for (const Buffer& buffer : (*response)->body) body += asText(buffer.view());
        return body;
    }

    // The first fragment starts where the grid has its first frame (ISO/IEC 14496-12 §8.8.12, version 1), to the tick.
    void checkTime(const std::string& bytes, const media::TrackGrid& track, media::SlotId slot) {
        const std::size_t box = bytes.find("tfdt");
        if (box == std::string::npos || box + 16 > bytes.size()) return note(nameOf(slot) + " has no tfdt");
        ByteReader reader(asBytes(std::string_view(bytes).substr(box + 8, 8)));
        const auto expected = m_plan.grid.firstFrame(track, slot) * track.frameTicks;
        if (reader.u64() != static_cast<std::uint64_t>(expected)) note(nameOf(slot) + " is not where the grid has it");
    }

    const media::BroadcastPlan m_plan;
};

}  // namespace live::test
