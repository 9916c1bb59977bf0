// The catalog: what must survive a restart. Asynchronous; one catalog thread does all database work.
//
// Every call returns at once; `done` runs on the catalog thread, exactly once, in the order of the calls. The queue
// holds at most kMaxQueued calls; beyond that `done` gets Overloaded at once, on the caller's thread. Any thread may
// call. The destructor runs what waits; calls made from a `done` meanwhile get Cancelled.
//
// Errors of any call besides those named below: Unavailable when the database is busy, Io when the disk is full or the
// database damaged. A call that failed changed nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/model/stream.h"

namespace live::catalog {

template <class T>
using Done = std::move_only_function<void(Result<T>)>;

// What one broadcast leaves in the catalog, so that a restarted server goes on with it. `plan` is opaque here.
struct BroadcastRecord {
    StreamId stream;
    std::string broadcast;
    Bytes plan;                      // encoded BroadcastPlan
    std::string bootId;              // /proc/sys/kernel/random/boot_id when the clock below was stored
    std::int64_t clockOffsetNs = 0;  // output time - CLOCK_BOOTTIME
    std::int64_t highWaterNs = 0;    // output time no published slot is past
    bool isEnded = false;
    friend bool operator==(const BroadcastRecord&, const BroadcastRecord&) = default;
};

class Store {
public:
    static constexpr std::size_t kMaxQueued = 4096;
    static constexpr std::size_t kMaxKeys = 16;  // of one stream

    virtual ~Store() = default;

    // Conflict if the id is taken or was ever used.
    virtual void createStream(Stream stream, Done<Stream> done) = 0;
    virtual void allStreams(Done<std::vector<Stream>> done) = 0;  // ascending by id
    // Replaces name, enabled and settings; keys, hold and creation time stay. NotFound.
    virtual void updateStream(Stream stream, Done<Stream> done) = 0;
    // Sets heldUntil, and nothing else. NotFound.
    virtual void holdStream(StreamId id, UnixTime until, Done<Stream> done) = 0;
    virtual void removeStream(StreamId id, Done<void> done) = 0;  // NotFound
    // Conflict if the stream has a key with this id or kMaxKeys keys, or any stream a key with this hash. Neither
    // changes updatedAt.
    virtual void addKey(StreamId id, StreamKey key, Done<Stream> done) = 0;
    virtual void removeKey(StreamId id, std::string keyId, Done<Stream> done) = 0;  // NotFound

    // Administrator and API tokens by their SHA-256 in hex. The value is the token's name.
    virtual void addToken(std::string sha256, std::string name, Done<void> done) = 0;
    virtual void tokens(Done<std::map<std::string, std::string>> done) = 0;

    // One record a stream, replaced whole and durable (fsync) when `done` runs. It goes with its stream: NotFound
    // without.
    virtual void putBroadcast(BroadcastRecord record, Done<void> done) = 0;
    virtual void broadcasts(Done<std::vector<BroadcastRecord>> done) = 0;
    virtual void removeBroadcast(StreamId id, Done<void> done) = 0;  // also when there is none

    // Calls that have come and have not been started. Any thread.
    virtual std::size_t queuedCalls() const = 0;
};

}  // namespace live::catalog
