// Brings answers from other threads back to the Qt main thread, as futures.
#pragma once

#include <QFuture>
#include <QObject>
#include <QPromise>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/error.h"

namespace live::control {

// Made, used and destroyed on the Qt main thread. A future from call() finishes there, exactly once, never inside
// call(): with what the callback was given, or with Cancelled when the loop is destroyed first. Continuations may
// therefore use whatever outlives the loop. A callback may be called on any thread, also after the loop is gone: then
// nothing happens.
class QtLoop : public QObject {
public:
    QtLoop() : m_mailbox(std::make_shared<Mailbox>()) { m_mailbox->loop = this; }
    ~QtLoop() override;

    // Calls `start` with a callback for its Result<T>:
    //   loop.call<Stream>([&](auto done) { store.addKey(id, key, std::move(done)); })
    template <class T, class Start>
    QFuture<Result<T>> call(Start&& start) {
        auto promise = std::make_shared<QPromise<Result<T>>>();
        promise->start();
        QFuture<Result<T>> future = promise->future();
        const std::uint64_t ticket = ++m_lastTicket;
        m_waiting.emplace(ticket, Waiting{promise, [](void* waiting) {
                                              finish<T>(waiting, fail(ErrorCode::Cancelled, "the server is stopping"));
                                          }});
        std::forward<Start>(start)(
            std::move_only_function<void(Result<T>)>([mailbox = m_mailbox, ticket](Result<T> result) {
                mailbox->post([ticket, result = std::move(result)](QtLoop& loop) { loop.deliver<T>(ticket, result); });
            }));
        return future;
    }

    std::size_t waiting() const { return m_waiting.size(); }

private:
    struct Waiting {
        std::shared_ptr<void> promise;
        void (*cancel)(void* promise);
    };

    using Delivery = std::move_only_function<void(QtLoop&)>;

    // What callbacks hold on to. The lock keeps the loop alive for as long as it takes to post one event; what is
    // delivered goes through our own queue, the event only says that there is something in it.
    struct Mailbox {
        std::mutex mutex;
        QtLoop* loop = nullptr;
        std::vector<Delivery> arrived;

        void post(Delivery delivery);
    };

    void customEvent(QEvent* event) override;

    template <class T>
    static void finish(void* promise, Result<T> result) {
        auto* typed = static_cast<QPromise<Result<T>>*>(promise);
        typed->addResult(std::move(result));
        typed->finish();
    }

    template <class T>
    void deliver(std::uint64_t ticket, const Result<T>& result) {
        auto node = m_waiting.extract(ticket);
        if (!node.empty()) finish<T>(node.mapped().promise.get(), result);
    }

    std::shared_ptr<Mailbox> m_mailbox;
    std::unordered_map<std::uint64_t, Waiting> m_waiting;
    std::uint64_t m_lastTicket = 0;
};

template <class T>
QFuture<T> readyFuture(T value) {
    return QtFuture::makeReadyFuture(std::move(value));
}

}  // namespace live::control
