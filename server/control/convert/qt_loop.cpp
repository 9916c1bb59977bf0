#include "server/control/convert/qt_loop.h"

#include <QCoreApplication>
#include <QEvent>

namespace live::control {

QtLoop::~QtLoop() {
    {
        const std::lock_guard lock(m_mailbox->mutex);
        m_mailbox->loop = nullptr;
        m_mailbox->arrived.clear();
    }
    // A continuation may call() again: what it starts is cancelled too.
    while (!m_waiting.empty()) {
        const auto node = m_waiting.extract(m_waiting.begin());
        node.mapped().cancel(node.mapped().promise.get());
    }
}

void QtLoop::Mailbox::post(Delivery delivery) {
    const std::lock_guard lock(mutex);
    if (!loop) return;
    arrived.push_back(std::move(delivery));
    if (arrived.size() == 1) QCoreApplication::postEvent(loop, new QEvent(QEvent::User));
}

void QtLoop::customEvent(QEvent*) {
    std::vector<Delivery> arrived;
    {
        const std::lock_guard lock(m_mailbox->mutex);
        arrived.swap(m_mailbox->arrived);
    }
    for (Delivery& delivery : arrived) delivery(*this);
}

}  // namespace live::control
