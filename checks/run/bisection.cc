#include "checks/run/bisection.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "checks/plan/planner.h"

namespace amont {

bool IsBisectable(const Error& error, const Statement& failed) {
  switch (error.code) {
    case ErrorCode::kData:
      return true;
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission:
      return failed.foreign_sql;
    default:
      return false;
  }
}

int BisectionBound(size_t slots) {
  int levels = 0;
  while ((size_t{1} << levels) < slots) ++levels;
  return 2 * levels + 2;
}

void Bisection::Begin(size_t root) { ++rounds_[root].out; }

void Bisection::End(size_t root) { --rounds_[root].out; }

void Bisection::Hold(size_t root, Statement failed, Error error) {
  rounds_[root].held.push_back({std::move(failed), std::move(error), {}});
}

std::vector<Bisection::Failure> Bisection::CloseRound(size_t root, const Dialect& dialect) {
  Round& round = rounds_[root];
  if (round.out > 0) return {};
  std::vector<Failure> failures = std::exchange(round.held, {});
  // Aliases are numbered in the order of slots: "m9" stands before "m10".
  const auto place = [](const Failure& failure) {
    const std::string& alias = failure.statement.slots.front().alias;
    return std::tuple(alias.size(), std::string_view(alias));
  };
  std::sort(failures.begin(), failures.end(),
            [&](const Failure& left, const Failure& right) { return place(left) < place(right); });
  for (Failure& failure : failures) {
    if (!round.left) round.left = BisectionBound(failure.statement.slots.size());  // the root itself
    if (*round.left < 2) continue;
    failure.halves = Halves(failure.statement, dialect);
    if (!failure.halves.empty()) *round.left -= 2;
  }
  return failures;
}

std::vector<Bisection::Failure> Bisection::TakeHeld() {
  std::vector<Failure> all;
  for (auto& [root, round] : rounds_) {
    for (Failure& failure : std::exchange(round.held, {})) all.push_back(std::move(failure));
  }
  return all;
}

}  // namespace amont
