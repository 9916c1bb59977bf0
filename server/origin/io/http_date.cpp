#include "server/origin/io/http_date.h"

#include <cstdio>
#include <ctime>

namespace live::origin::io {

const std::string& HttpDate::field(UnixTime now) {
    // Names of the C locale, which strftime() would not be bound to.
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::int64_t second = std::chrono::floor<Seconds>(now.time_since_epoch()).count();
    if (second == m_second) return m_field;
    m_second = second;
    const std::time_t time = second;
    std::tm utc{};
    gmtime_r(&time, &utc);
    char text[64];
    std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", kDays[utc.tm_wday], utc.tm_mday,
                  kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    m_field = text;
    return m_field;
}

}  // namespace live::origin::io
