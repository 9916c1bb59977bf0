#include "server/observe/page.h"

#include <prometheus/check_names.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "common/base/error.h"

namespace live::observe {

namespace {
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c < 0x20 || c > 0x7E) c = '_';
    return out;
}

bool isLabelName(std::string_view name) { return std::ranges::find(kLabelNames, name) != std::end(kLabelNames); }

std::vector<ClientMetric::Label> converted(const Labels& labels) {
    std::vector<ClientMetric::Label> out;
    for (const Label& label : labels) {
        LIVE_ASSERT(isLabelName(label.name));
        out.push_back({std::string(label.name), printable(label.value)});
    }
    std::sort(out.begin(), out.end());
    return out;
}

// Unlike any other series: names and values are separated by what printable() never leaves.
std::string identity(std::string_view name, const std::vector<ClientMetric::Label>& labels) {
    std::string out(name);
    for (const auto& label : labels) out += '\x01' + label.name + '\x02' + label.value;
    return out;
}
}  // namespace

struct Page::Families {
    // The value of the series to fill in, or nothing when there are too many.
    ClientMetric* series(std::string_view name, std::string_view help, MetricType type, const Labels& labels) {
        const auto [family, isNew] = m_index.try_emplace(std::string(name), families.size());
        if (isNew) {
            LIVE_ASSERT(name.starts_with("liveserver_") && prometheus::CheckMetricName(std::string(name)));
            LIVE_ASSERT(name.ends_with("_total") == (type == MetricType::Counter));
            families.push_back({std::string(name), std::string(help), type, {}});
        }
        MetricFamily& found = families[family->second];
        LIVE_ASSERT(found.type == type);
        std::vector<ClientMetric::Label> converts = converted(labels);
        const auto [place, isNewSeries] = m_series.try_emplace(identity(name, converts), found.metric.size());
        if (!isNewSeries) return &found.metric[place->second];
        if (m_series.size() > kMaxSeries) {
            m_series.erase(place);
            ++dropped;
            return nullptr;
        }
        found.metric.emplace_back().label = std::move(converts);
        return &found.metric.back();
    }

    std::vector<MetricFamily> families;
    std::size_t dropped = 0;

private:
    std::unordered_map<std::string, std::size_t> m_index;
    std::unordered_map<std::string, std::size_t> m_series;  // place in its family
};

Page::Page() : m_families(std::make_unique<Families>()) {}
Page::~Page() = default;

void Page::counter(std::string_view name, std::string_view help, double value, const Labels& labels) {
    if (ClientMetric* series = m_families->series(name, help, MetricType::Counter, labels))
        series->counter.value = value;
}

void Page::gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
    if (ClientMetric* series = m_families->series(name, help, MetricType::Gauge, labels)) series->gauge.value = value;
}

void Page::histogram(std::string_view name, std::string_view help, const HistogramSnapshot& values,
                     const Labels& labels) {
    ClientMetric* series = m_families->series(name, help, MetricType::Histogram, labels);
    if (!series) return;
    LIVE_ASSERT(values.counts.size() == values.bounds.size() + 1);
    auto& histogram = series->histogram;
    histogram = {};
    histogram.sample_sum = values.sum;
    for (std::size_t i = 0; i < values.counts.size(); ++i) {
        histogram.sample_count += values.counts[i];
        // The library adds the +Inf bucket itself when it is left out.
        if (i < values.bounds.size()) histogram.bucket.push_back({histogram.sample_count, values.bounds[i]});
    }
}

std::string Page::text() const {
    std::vector<MetricFamily> families;
    for (const MetricFamily& family : m_families->families)
        if (!family.metric.empty()) families.push_back(family);
    MetricFamily dropped{"liveserver_metrics_dropped_series",
                         "Series left out of this page because there are too many.",
                         MetricType::Gauge,
                         {}};
    dropped.metric.emplace_back().gauge.value = static_cast<double>(m_families->dropped);
    families.push_back(std::move(dropped));
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return out.str();
}

}  // namespace live::observe
