// Makes real broadcasts (broadcast.h) and keeps each stream's entry in the viewers' directory.
#pragma once

#include <memory>
#include <unordered_map>

#include "server/store/directory.h"
#include "server/stream/broadcast.h"
#include "server/stream/kept_ends.h"

namespace live::stream {

// On the media thread.
class BroadcastStudio final : public Studio {
public:
    BroadcastStudio(BroadcastContext context, store::Directory& directory, BroadcastSettings defaults);

    void expect(const StreamId& stream) override { publication(stream).starting(); }
    void abandon(const StreamId& stream) override { publication(stream).abandon(); }
    void forget(const StreamId& stream) override;
    void describe(const StreamId& stream, StreamStats& stats) const override;
    Result<std::unique_ptr<OnAir>> start(const StreamId& stream, const BroadcastSettings& settings,
                                         const ProbedInput& input, OnAirListener& listener) override;
    // Broadcast::resume(). Of one stream in the order of the broadcasts.
    Result<std::unique_ptr<OnAir>> resume(Remains remains, OnAirListener& listener);

    // Lets ended broadcasts go when their time has come.
    void tick() override;
    // Ends of broadcasts that the journal did not take: their last chance.
    void putEndsAgain() { m_ends.putAllAgain(); }

private:
    Publication& publication(const StreamId& stream);

    KeptEnds m_ends;
    BroadcastContext m_context;  // its journal is m_ends
    store::Directory& m_directory;
    BroadcastSettings m_defaults;  // `ladder` is set
    std::unordered_map<StreamId, std::unique_ptr<Publication>> m_publications;
};

}  // namespace live::stream
