#include "server/control/host_names.h"

#include <QHostAddress>
#include <algorithm>

namespace live::control {

namespace {

bool isSameName(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool isAddress(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return !QHostAddress(QString::fromLatin1(host.data(), static_cast<qsizetype>(host.size()))).isNull();
}

}  // namespace

std::string_view hostOf(std::string_view urlOrAuthority) {
    std::string_view text = urlOrAuthority;
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
    text = text.substr(0, text.find('/'));
    if (text.starts_with('[')) return text.substr(0, text.find(']') + 1);
    return text.substr(0, text.find(':'));
}

bool isOwnHost(std::string_view hostField, const std::vector<std::string>& names) {
    const std::string_view host = hostOf(hostField);
    if (host.empty()) return false;
    return isSameName(host, "localhost") || isAddress(host) ||
           std::ranges::any_of(names, [host](const std::string& name) { return isSameName(name, host); });
}

}  // namespace live::control
