#include "server/scheduler/slot.h"

#include <fmt/format.h>

#include <charconv>

namespace amont {

std::string SlotId::Key() const {
  std::string key = group + "@" + FormatTimestamp(at);
  if (turn > 0) key += fmt::format("#{}", turn);
  return key;
}

std::optional<SlotId> ParseSlotKey(std::string_view key) {
  const size_t sign = key.rfind('@');
  if (sign == std::string_view::npos || sign == 0) return std::nullopt;
  SlotId id{.group = std::string(key.substr(0, sign)), .at = {}, .turn = 0};
  std::string_view time = key.substr(sign + 1);
  const size_t hash = time.find('#');
  if (hash != std::string_view::npos) {
    const std::string_view turn = time.substr(hash + 1);
    const auto [end, failed] = std::from_chars(turn.data(), turn.data() + turn.size(), id.turn);
    if (failed != std::errc() || end != turn.data() + turn.size() || id.turn < 1) return std::nullopt;
    time = time.substr(0, hash);
  }
  const Result<Timestamp> at = ParseTimestamp(time);
  if (!at) return std::nullopt;
  id.at = *at;
  return id;
}

}  // namespace amont
