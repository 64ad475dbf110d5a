// Exposition: the pieces of Prometheus's text format 0.0.4. Pure functions that append to a text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/time.h"

namespace amont {

enum class MetricType { kGauge, kCounter };

// The # HELP and # TYPE lines; `help` is ours, one line without backslashes.
void AppendHead(std::string& out, std::string_view name, MetricType type, std::string_view help);

// A text from outside as a label's value, valid UTF-8, before escaping. Whatever had to be mended gets a mark
// made of its bytes, so that two texts never become one.
std::string LabelValue(std::string_view raw);
// NAME="VALUE", escaped, nothing else; `raw` as for LabelValue.
void AppendLabel(std::string& out, std::string_view name, std::string_view raw);

// label_<name>="value" for each, with a comma before it; names made valid and unique, empty values left out.
void AppendForeignLabels(std::string& out, const std::map<std::string, std::string>& labels);

void AppendNumber(std::string& out, double value);
void AppendNumber(std::string& out, int64_t value);
void AppendNumber(std::string& out, Timestamp at);  // seconds since 1970, exactly

}  // namespace amont
