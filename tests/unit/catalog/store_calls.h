// Store calls that wait for their answer, and values to store.
#pragma once

#include <algorithm>
#include <future>
#include <memory>
#include <optional>

#include "server/catalog/store.h"

namespace live::catalog::test {

// The answer of one call: call(store, &Store::removeStream, id("show")).
template <class T, class Call>
Result<T> answerOf(Call call) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    call([promise](Result<T> result) { promise->set_value(std::move(result)); });
    return answer.get();
}

template <class T>
Result<T> call(Store& store, void (Store::*method)(Done<T>)) {
    return answerOf<T>([&](Done<T> done) { (store.*method)(std::move(done)); });
}

template <class T, class A>
Result<T> call(Store& store, void (Store::*method)(A, Done<T>), std::type_identity_t<A> a) {
    return answerOf<T>([&](Done<T> done) { (store.*method)(std::move(a), std::move(done)); });
}

template <class T, class A, class B>
Result<T> call(Store& store, void (Store::*method)(A, B, Done<T>), std::type_identity_t<A> a,
               std::type_identity_t<B> b) {
    return answerOf<T>([&](Done<T> done) { (store.*method)(std::move(a), std::move(b), std::move(done)); });
}

inline StreamId id(std::string_view text) { return *StreamId::parse(text); }

inline StreamKey key(const std::string& keyId, const std::string& secret = "secret", KeyRole role = KeyRole::Primary) {
    return {keyId, role, sha256Hex(asBytes(secret)), secret.substr(secret.size() - 4),
            UnixTime(Seconds(1'780'000'001))};
}

// The stream as it is stored.
inline std::optional<Stream> stored(Store& store, std::string_view streamId) {
    const auto all = call(store, &Store::allStreams);
    if (!all) return std::nullopt;
    const auto found = std::ranges::find(*all, id(streamId), &Stream::id);
    return found == all->end() ? std::nullopt : std::optional(*found);
}

inline Stream stream(std::string_view streamId, const std::string& name = "A show") {
    Stream stream;
    stream.id = id(streamId);
    stream.name = name;
    stream.createdAt = stream.updatedAt = UnixTime(Seconds(1'780'000'000));
    return stream;
}

}  // namespace live::catalog::test
