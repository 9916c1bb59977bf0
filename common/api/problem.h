// Problem documents (RFC 9457): the one form in which the API says no.
#pragma once

#include <QJsonObject>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"

namespace live::api {

// One wrong value. `pointer` is an RFC 6901 pointer into the request body ("/ladder/0/height"), or the name of a
// query parameter with a leading '?' ("?limit").
struct FieldError {
    std::string pointer;
    std::string detail;
    friend bool operator==(const FieldError&, const FieldError&) = default;
};

// `code` is a stable word for programs; `detail` is a sentence for people that says what to do.
struct Problem {
    int status = 500;
    std::string code = "internal";
    std::string detail;
    std::vector<FieldError> errors = {};
};

template <class T>
using Outcome = std::expected<T, Problem>;

// {"type":"about:blank","title":…,"status":…,"code":…,"detail":…} and "errors" where there are any.
QJsonObject toJson(const Problem& problem);

// 422 with every wrong value at once.
Problem invalid(std::vector<FieldError> errors);

// What a failed call inside the server is to the client: NotFound 404, Conflict 409, TooLarge 413, wrong values 422,
// overloaded, away or not able to store (which may last) 503, anything else 500; the last four without the inner
// message.
Problem problemFor(const Error& error);

// "Not Found"; empty for a status that the API never sends.
std::string_view reasonPhrase(int status);

}  // namespace live::api
