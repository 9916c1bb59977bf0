// A packager fed by a fake encoder in virtual time.
#pragma once

#include "server/package/packager.h"
#include "tests/support/fake_encoder.h"
#include "tests/support/plans.h"

namespace live::test {

class Broadcast {
public:
    explicit Broadcast(media::BroadcastPlan broadcastPlan = examplePlan())
        : plan(std::move(broadcastPlan)), packager(*package::Packager::create(plan)), at{plan.firstSegment, 0} {
        announce();
    }
    Broadcast(media::BroadcastPlan broadcastPlan, std::unique_ptr<package::Packager> restored)
        : plan(std::move(broadcastPlan)), packager(std::move(restored)), at(packager->next()) {}

    void announce(std::uint8_t variant = 0) {
        for (std::size_t i = 0; i < plan.renditions.size(); ++i)
            LIVE_ASSERT(packager->track(i, fakeConfiguration(plan.renditions[i].kind, variant)));
    }
    void announceFiller() {
        for (std::size_t i = 0; i < plan.renditions.size(); ++i)
            fillers.push_back(*packager->setFiller(i, fakeFiller(plan, i)));
    }

    // All frames of a rendition in `slot`; what the last one changed.
    Result<package::Publication> pushSlot(std::size_t rendition, media::SlotId slot) {
        Result<package::Publication> last = package::Publication{};
        for (const package::EncodedFrame& frame : fakeSlot(plan, rendition, slot))
            if (last = packager->push(rendition, frame, now); !last) return last;
        return last;
    }
    // The next slot of all renditions but `without`; audio is the last to come.
    package::Publication slot(std::optional<std::size_t> without = {}) {
        now += Nanoseconds(plan.grid.segmentDuration()) / plan.grid.slotsPerSegment();
        package::Publication last;
        for (std::size_t i = 0; i < plan.renditions.size(); ++i)
            if (i != without) last = pushSlot(i, at).value();
        at = plan.grid.next(at);
        return last;
    }
    void segments(int count) {
        for (int i = 0; i < count * plan.grid.slotsPerSegment(); ++i) slot();
    }

    const store::RenditionSnapshot& rendition(std::size_t index) const {
        return packager->snapshot()->renditions[index];
    }
    std::string playlist(std::size_t index) const {
        return std::string(asText(rendition(index).playlist.plain.view()));
    }
    std::string delta(std::size_t index) const {
        const auto& delta = rendition(index).delta;
        return delta ? std::string(asText(delta->plain.view())) : std::string();
    }
    std::string multivariant() const { return std::string(asText(packager->snapshot()->multivariant.plain.view())); }

    media::BroadcastPlan plan;
    std::unique_ptr<package::Packager> packager;
    media::SlotId at;
    BootTime now{Seconds(1000)};
    std::vector<store::MirrorFiller> fillers;
};

}  // namespace live::test
