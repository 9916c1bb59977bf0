#include "server/control/tokens.h"

#include <algorithm>
#include <system_error>

#include "server/control/secrets.h"
#include "server/control/token_file.h"

namespace live::control {

namespace {

using TokenNames = std::map<std::string, std::string>;

constexpr const char* kAdministrator = "administrator";
constexpr const char* kMade = "the file was missing and has a new administrator token; those before stay valid";
constexpr const char* kUnknown =
    "the token in the file was not known and is an administrator now; those before stay valid";

bool isBearer(std::string_view scheme) {
    return std::ranges::equal(scheme, std::string_view("bearer"), {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
}

// A file that is no good stops only a server that nobody could talk to.
Result<Tokens> withoutFile(TokenNames names, const Error& error, const log::Logger& logger) {
    if (names.empty()) return std::unexpected(error);
    logger.warning("token.file_unused",
                   {{"error", error.describe()},
                    {"message", "what this file has is not used; the tokens known before stay valid"}});
    return Tokens(std::move(names));
}

}  // namespace

std::optional<std::string_view> bearerToken(const front::Request& request) {
    const std::string_view value = request.header("authorization").value_or("");
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos || !isBearer(value.substr(0, space))) return std::nullopt;
    const std::size_t token = value.find_first_not_of(' ', space);
    if (token == std::string_view::npos) return std::nullopt;
    return value.substr(token);
}

bool Tokens::accept(const front::Request& request) const {
    const auto token = bearerToken(request);
    return token && m_names.contains(digestOf(*token));
}

QFuture<Result<Tokens>> loadTokens(QtLoop& loop, catalog::Store& store, const std::filesystem::path& stateDirectory,
                                   const log::Logger& logger) {
    auto known = loop.call<TokenNames>([&](auto done) { store.tokens(std::move(done)); });
    return known
        .then([&loop, &store, &logger, file = stateDirectory / "admin.token"](const Result<TokenNames>& names) {
            if (!names) return readyFuture<Result<Tokens>>(std::unexpected(names.error()));
            std::error_code ignored;
            const bool wasThere = std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
            const Result<std::string> token = readOrMakeTokenFile(file);
            if (!token) return readyFuture(withoutFile(*names, token.error(), logger));
            const std::string digest = digestOf(*token);
            if (names->contains(digest)) return readyFuture<Result<Tokens>>(Tokens(*names));
            auto added = loop.call<void>([&](auto done) { store.addToken(digest, kAdministrator, std::move(done)); });
            return added.then([digest, file, wasThere, names = *names, &logger](const Result<void>& result) mutable {
                if (!result) return withoutFile(std::move(names), result.error(), logger);
                if (!names.empty())
                    logger.warning("token.added", {{"file", file.native()}, {"message", wasThere ? kUnknown : kMade}});
                names.emplace(digest, kAdministrator);
                return Result<Tokens>(Tokens(std::move(names)));
            });
        })
        .unwrap();
}

}  // namespace live::control
