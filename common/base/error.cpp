#include "common/base/error.h"

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace live {

std::string_view toString(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument: return "invalid_argument";
        case ErrorCode::NotFound: return "not_found";
        case ErrorCode::Conflict: return "conflict";
        case ErrorCode::Unauthorized: return "unauthorized";
        case ErrorCode::Forbidden: return "forbidden";
        case ErrorCode::Unsupported: return "unsupported";
        case ErrorCode::TooLarge: return "too_large";
        case ErrorCode::Timeout: return "timeout";
        case ErrorCode::Overloaded: return "overloaded";
        case ErrorCode::Unavailable: return "unavailable";
        case ErrorCode::Io: return "io";
        case ErrorCode::Protocol: return "protocol";
        case ErrorCode::Cancelled: return "cancelled";
        case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

std::unexpected<Error> failErrno(std::string_view operation, int errorNumber, std::string context) {
    return fail(ErrorCode::Io, std::string(operation) + ": " + std::generic_category().message(errorNumber),
                std::move(context));
}

void assertionFailed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "assertion failed: %s at %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace live
