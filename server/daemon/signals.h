// SIGTERM and SIGINT as a Qt signal, on the thread of the event loop.
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <memory>

#include "common/base/file_descriptor.h"

namespace live::daemon {

// Blocks the signals for this thread and all threads made after: create it before any other thread. SIGHUP is ignored,
// SIGPIPE and SIGXFSZ too: writes report EPIPE and EFBIG instead.
class Signals final : public QObject {
    Q_OBJECT
public:
    Signals();

signals:
    void terminationRequested();

private:
    FileDescriptor m_descriptor;
    std::unique_ptr<QSocketNotifier> m_notifier;  // watches it, so it goes first
};

}  // namespace live::daemon
