#include "server/control/policy_builder.h"

namespace live::control {

std::shared_ptr<const stream::Policy> makePolicy(const std::map<std::string, Stream, std::less<>>& streams) {
    auto policy = std::make_shared<stream::Policy>();
    policy->streams.reserve(streams.size());
    policy->keys.reserve(streams.size());
    for (const auto& [id, stream] : streams) {
        policy->streams.emplace(stream.id,
                                stream::StreamPolicy{stream.name, stream.enabled, stream.settings, stream.heldUntil});
        for (const StreamKey& key : stream.keys)
            policy->keys.emplace(key.sha256, stream::KeyPolicy{stream.id, key.id, key.role});
    }
    return policy;
}

}  // namespace live::control
