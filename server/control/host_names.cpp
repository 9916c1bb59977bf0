#include "server/control/host_names.h"

#include <QHostAddress>
#include <QUrl>
#include <algorithm>

namespace live::control {

std::string hostOf(std::string_view urlOrAuthority) {
    const QString text = QString::fromUtf8(urlOrAuthority.data(), static_cast<qsizetype>(urlOrAuthority.size()));
    return QUrl(text.contains("://") ? text : "http://" + text, QUrl::StrictMode).host().toStdString();
}

bool isOwnHost(std::string_view hostField, const std::vector<std::string>& names) {
    const std::string host = hostOf(hostField);
    if (host.empty()) return false;
    return host == "localhost" || std::ranges::find(names, host) != names.end() ||
           !QHostAddress(QString::fromStdString(host)).isNull();
}

}  // namespace live::control
