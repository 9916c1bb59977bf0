#include "server/ingest/rtmp/publish_target.h"

#include <optional>

#include "server/ingest/rtmp/limits.h"

namespace live::ingest::rtmp {

namespace {

struct PathAndQuery {
    std::string_view path;
    std::string_view query;
};

PathAndQuery splitQuery(std::string_view text) {
    const std::size_t mark = text.find('?');
    if (mark == std::string_view::npos) return {text, {}};
    return {text.substr(0, mark), text.substr(mark + 1)};
}

std::string_view trimSlashes(std::string_view text) {
    while (text.starts_with('/')) text.remove_prefix(1);
    while (text.ends_with('/')) text.remove_suffix(1);
    return text;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percentDecoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
        if (low >= 0) {
            decoded.push_back(static_cast<char>(high << 4 | low));
            i += 2;
        } else {
            decoded.push_back(text[i]);
        }
    }
    return decoded;
}

std::string keyInQuery(std::string_view query) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (pair.starts_with("key=")) return percentDecoded(pair.substr(4));
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    }
    return {};
}

}  // namespace

ConnectTarget parseConnectTarget(std::string_view application, std::string_view tcUrl) {
    const PathAndQuery parts = splitQuery(application);
    const std::string_view path = trimSlashes(parts.path);
    const std::size_t slash = path.find('/');
    ConnectTarget target;
    target.application = path.substr(0, slash);
    if (slash != std::string_view::npos) target.path = trimSlashes(path.substr(slash));
    target.key = keyInQuery(parts.query);
    if (target.key.empty()) target.key = keyInQuery(splitQuery(tcUrl).query);
    return target;
}

bool isKnownApplication(std::string_view application) { return application == "live" || application == "app"; }

std::string publishKey(std::string_view publishName, const ConnectTarget& target) {
    const PathAndQuery parts = splitQuery(publishName);
    std::string key = keyInQuery(parts.query);
    if (key.empty()) key = target.key;
    if (key.empty()) key = trimSlashes(parts.path);
    if (key.empty()) key = target.path;
    return key.size() <= kMaxKeyBytes ? key : std::string();
}

}  // namespace live::ingest::rtmp
