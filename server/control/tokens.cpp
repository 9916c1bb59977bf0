#include "server/control/tokens.h"

#include <algorithm>

#include "server/control/secrets.h"
#include "server/control/token_file.h"

namespace live::control {

namespace {

using TokenNames = std::map<std::string, std::string>;

constexpr const char* kAdministrator = "administrator";

bool isBearer(std::string_view scheme) {
    return std::ranges::equal(scheme, std::string_view("bearer"), {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
}

}  // namespace

bool Tokens::accept(const front::Request& request) const {
    const std::string_view value = request.header("authorization").value_or("");
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos || !isBearer(value.substr(0, space))) return false;
    const std::size_t token = value.find_first_not_of(' ', space);
    return token != std::string_view::npos && m_names.contains(digestOf(value.substr(token)));
}

QFuture<Result<Tokens>> loadTokens(QtLoop& loop, catalog::Store& store, const std::filesystem::path& stateDirectory) {
    auto known = loop.call<TokenNames>([&](auto done) { store.tokens(std::move(done)); });
    return known
        .then([&loop, &store, file = stateDirectory / "admin.token"](const Result<TokenNames>& names) {
            if (!names) return readyFuture<Result<Tokens>>(std::unexpected(names.error()));
            if (!names->empty()) return readyFuture<Result<Tokens>>(Tokens(*names));
            const Result<std::string> token = readOrMakeTokenFile(file);
            if (!token) return readyFuture<Result<Tokens>>(std::unexpected(token.error()));
            const std::string digest = digestOf(*token);
            auto added = loop.call<void>([&](auto done) { store.addToken(digest, kAdministrator, std::move(done)); });
            return added.then([digest](const Result<void>& result) -> Result<Tokens> {
                if (!result) return std::unexpected(result.error());
                return Tokens({{digest, kAdministrator}});
            });
        })
        .unwrap();
}

}  // namespace live::control
