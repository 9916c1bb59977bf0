// Who may use the API: bearer tokens (RFC 6750), known by their SHA-256.
#pragma once

#include <QFuture>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/log/log.h"
#include "server/catalog/store.h"
#include "server/control/convert/qt_loop.h"
#include "server/control/front/message.h"

namespace live::control {

// The token of `Authorization: Bearer <token>`; nothing where it is sent in another way or not at all.
std::optional<std::string_view> bearerToken(const front::Request& request);

// Qt main thread. Looking a token up compares digests, so that how long it takes says nothing about the token.
class Tokens {
public:
    Tokens() = default;
    explicit Tokens(std::map<std::string, std::string> names) : m_names(std::move(names)) {}

    // True if the request carries a bearer token that is known.
    bool accept(const front::Request& request) const;

private:
    std::map<std::string, std::string> m_names;  // by SHA-256 in hex
};

// The tokens in the catalog and the one in <stateDirectory>/admin.token. Without that file a new administrator token is
// made and written there (mode 0600) before it is stored; a token that is there and not known is stored, so that a
// start that was cut off can be repeated, an operator can bring a token along, and one who lost it gets in again. Once
// there are tokens a warning in `logger` tells of each of these, and a file that is no good is only that. `logger`
// outlives the future.
QFuture<Result<Tokens>> loadTokens(QtLoop& loop, catalog::Store& store, const std::filesystem::path& stateDirectory,
                                   const log::Logger& logger);

}  // namespace live::control
