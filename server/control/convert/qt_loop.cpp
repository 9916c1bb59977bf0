#include "server/control/convert/qt_loop.h"

namespace live::control {

QtLoop::~QtLoop() {
    {
        const std::lock_guard lock(m_mailbox->mutex);
        m_mailbox->loop = nullptr;
    }
    // A continuation may call() again: what it starts is cancelled too.
    while (!m_waiting.empty()) {
        const auto node = m_waiting.extract(m_waiting.begin());
        node.mapped().cancel(node.mapped().promise.get());
    }
}

}  // namespace live::control
