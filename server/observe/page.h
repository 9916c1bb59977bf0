// What one scrape returns: metrics as Prometheus text, format 0.0.4.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/observe/histogram.h"

namespace live::observe {

// Only names that have few values: what viewers, publishers or players choose is never a label.
struct Label {
    std::string_view name;  // one of kLabelNames
    std::string value;      // bytes that are not printable ASCII become '_'
};
using Labels = std::vector<Label>;

inline constexpr std::string_view kLabelNames[] = {"stream", "rendition", "protocol", "cdn",  "code",   "kind",
                                                   "reason", "role",      "state",    "node", "version"};

// More series than this are left out and counted in liveserver_metrics_dropped_series.
inline constexpr std::size_t kMaxSeries = 20'000;

// One thread. A name is "liveserver_…", base units ("_seconds", "_bytes"), counters end with "_total"; a broken rule is
// a bug of ours and ends the process at the first scrape, so in the first test. The same name again adds a series to
// its family; the same labels again replace the series.
class Page {
public:
    Page();
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    void counter(std::string_view name, std::string_view help, double value, const Labels& labels = {});
    void gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});
    void histogram(std::string_view name, std::string_view help, const HistogramSnapshot& values,
                   const Labels& labels = {});

    // Families in the order they first came.
    std::string text() const;

private:
    struct Families;  // the library's types stay out of this header

    std::unique_ptr<Families> m_families;
};

}  // namespace live::observe
