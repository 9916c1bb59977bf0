// Runs the event loop until a future has finished.
#pragma once

#include <QCoreApplication>
#include <QFuture>
#include <type_traits>

namespace live::test {

template <class T>
T waited(QFuture<T> future) {
    while (!future.isFinished()) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    if constexpr (!std::is_void_v<T>) return future.result();
}

}  // namespace live::test
