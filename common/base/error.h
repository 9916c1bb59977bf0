// Errors as values. Nothing in this code base throws; foreign exceptions stop at the wrapper that calls the library.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace live {

// What the caller can do about it, not where it came from.
enum class ErrorCode : std::uint8_t {
    InvalidArgument,  // the value is wrong; the message names it and what would be accepted
    NotFound,
    Conflict,  // the state of the thing does not allow it
    Unauthorized,
    Forbidden,
    Unsupported,  // understood, but not something we do (a codec, a protocol feature)
    TooLarge,
    Timeout,
    Overloaded,   // a documented bound was hit; try again later
    Unavailable,  // a dependency is away; try again later
    Io,
    Protocol,  // a peer broke its protocol; its session ends
    Cancelled,
    Internal,
};

std::string_view toString(ErrorCode code);

// `message` is one sentence for a person and says what to do. `context` is where it happened: a file and line,
// a config key, a peer; empty when the message says all.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string context = {};

    std::string describe() const { return context.empty() ? message : context + ": " + message; }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string context = {}) {
    return std::unexpected<Error>(Error{code, std::move(message), std::move(context)});
}

// An Io error from errno: "open: No such file or directory".
std::unexpected<Error> failErrno(std::string_view operation, int errorNumber, std::string context = {});

// Ends the process with a line on standard error; for broken invariants of ours, active in every build.
[[noreturn]] void assertionFailed(const char* expression, const char* file, int line);

}  // namespace live

// The value of a Result, or return its error from this function. Not usable in a coroutine.
#define LIVE_TRY(expression)                                                          \
    __extension__({                                                                   \
        auto&& liveTryResult = (expression);                                          \
        if (!liveTryResult) return std::unexpected(std::move(liveTryResult).error()); \
        *std::move(liveTryResult);                                                    \
    })

#define LIVE_ASSERT(expression) \
    (static_cast<bool>(expression) ? static_cast<void>(0) : ::live::assertionFailed(#expression, __FILE__, __LINE__))
