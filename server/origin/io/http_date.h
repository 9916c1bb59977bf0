// The Date field, formatted once a second.
#pragma once

#include <string>

#include "common/base/time.h"

namespace live::origin::io {

// One owner thread.
class HttpDate {
public:
    // "Date: Tue, 30 Jun 2026 10:00:24 GMT\r\n" (RFC 9110 §5.6.7). Valid until the next call.
    const std::string& field(UnixTime now);

private:
    std::int64_t m_second = -1;
    std::string m_field;
};

}  // namespace live::origin::io
