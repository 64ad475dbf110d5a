#include "checks/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace amont {
namespace {

std::string Percent(double ratio) { return fmt::format("{:.10g}%", ratio * 100); }

std::string BoundText(const Value& value, bool as_ratio) {
  if (as_ratio) {
    if (const auto ratio = AsNumber(value)) return Percent(*ratio);
  }
  return HumanText(value);
}

std::string Text(const Bounds& bounds, bool as_ratio) {
  if (bounds.empty()) return "anything";
  if (IsNull(bounds.max)) return "at least " + BoundText(bounds.min, as_ratio);
  if (IsNull(bounds.min)) return "at most " + BoundText(bounds.max, as_ratio);
  if (bounds.min == bounds.max) return "exactly " + BoundText(bounds.min, as_ratio);
  return fmt::format("between {} and {}", BoundText(bounds.min, as_ratio), BoundText(bounds.max, as_ratio));
}

// The promise, with the tighter wish behind it: "at least 1,000 (warn: at least 5,000)".
std::string WithWarn(std::string fail, const std::string& warn) {
  if (fail.empty()) return warn;
  return warn.empty() ? fail : fmt::format("{} (warn: {})", fail, warn);
}

std::string Text(const Between& between) {
  const auto text = [&](const Bounds& bounds) {
    return bounds.empty() ? std::string() : Text(bounds, between.as_ratio);
  };
  std::string all = WithWarn(text(between.fail), text(between.warn));
  for (const auto& [group, bounds] : between.groups) {
    if (!all.empty()) all += "; ";
    all += fmt::format("{} {}", group, Text(bounds, between.as_ratio));
  }
  return all.empty() ? "anything" : all;
}

std::string Text(const MaxAge& age) {
  const auto text = [](const std::optional<Duration>& most) {
    return most ? fmt::format("at most {} old", HumanDuration(*most)) : std::string();
  };
  return WithWarn(text(age.fail), text(age.warn));
}

std::string Text(const ArrivedBy& arrived) {
  std::string text = fmt::format("by {}", arrived.deadline.text());
  if (arrived.grace > Duration{0}) text += fmt::format(" plus {}", HumanDuration(arrived.grace));
  text += arrived.since ? fmt::format(", rows of the last {} before it", HumanDuration(*arrived.since))
                        : std::string(", rows of that day");
  return text;
}

std::string Text(const ChangeBounds& bounds) {
  const auto bound = [&](double value) {
    const std::string_view sign = value > 0 ? "+" : "";
    return bounds.relative ? fmt::format("{}{}", sign, Percent(value))
                           : fmt::format("{}{}", sign, HumanText(Value(value)));
  };
  if (bounds.empty()) return {};
  if (!bounds.max) return "at least " + bound(*bounds.min);
  if (!bounds.min) return "at most " + bound(*bounds.max);
  return fmt::format("between {} and {}", bound(*bounds.min), bound(*bounds.max));
}

std::string Text(const ChangeWithin& change) {
  return fmt::format("change against {} before: {}", HumanDuration(change.versus),
                     WithWarn(Text(change.fail), Text(change.warn)));
}

std::string Text(const ExpectedColumn& column) {
  std::string text = column.name;
  if (column.type) text += " " + column.type->text;
  if (column.nullable) text += *column.nullable ? " nullable" : " not null";
  return text;
}

std::string Text(const ColumnsMatch& match) {
  std::vector<std::string> parts;
  for (const ExpectedColumn& column : match.columns) parts.push_back(Text(column));
  std::string text;
  if (!parts.empty()) {
    const std::string_view verb = match.mode == ColumnsMatch::Mode::kContains ? "columns contain"
                                  : match.mode == ColumnsMatch::Mode::kExact  ? "columns are exactly"
                                                                              : "columns are, in order,";
    text = fmt::format("{} {}", verb, fmt::join(parts, ", "));
  }
  if (!match.forbid.empty()) {
    text += fmt::format("{}no column like {}", text.empty() ? "" : "; ", fmt::join(match.forbid, ", "));
  }
  return text;
}

std::string Text(const NoDrift& drift) {
  if (!drift.drift_for) return "columns as last accepted";
  return fmt::format("columns as last accepted, or unchanged for {}", HumanDuration(*drift.drift_for));
}

std::string Text(const Exists& exists) {
  return exists.columns.empty() ? "exists" : fmt::format("exists with {}", fmt::join(exists.columns, ", "));
}

std::string Text(const NearBaseline& near) {
  std::string text = "as its history teaches";
  if (near.direction != BaselineDirection::kBoth) {
    text += near.direction == BaselineDirection::kDrop ? "; only drops matter" : "; only rises matter";
  }
  return text;
}

std::string Text(const NotEmptied&) { return "not emptied"; }

}  // namespace

std::string ToText(const Expectation& expectation) {
  return std::visit([](const auto& one) { return Text(one); }, expectation);
}

}  // namespace amont
