// StateMap: what is now known of every check, in memory. Metrics and "how does it stand now" over RPC read
// only this, never the store.
//
// Thread-safe. A check's entry is an immutable snapshot that readers share; a change makes a new one. Tables
// have places that never move while they are known, in blocks of kTablesPerBlock: the unit in which the
// metrics page is rendered.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "checks/declare/declarations.h"
#include "checks/run/source_run.h"
#include "core/guarded.h"
#include "server/store/check_state.h"

namespace amont {

struct KnownCheck {
  CheckPtr check;                      // never null
  std::shared_ptr<const Owner> owner;  // of its table; null: nobody's, or only named
  std::optional<CheckState> state;     // nullopt: it never ran
  std::optional<Timestamp> next_run;   // due time of its oldest slot not completed

  // As it stands: `error` where the last run could not measure it, otherwise its last status; nullopt: no
  // verdict yet.
  std::optional<Status> now() const;
};
using KnownCheckPtr = std::shared_ptr<const KnownCheck>;

// Which checks a listing shows: those that meet all that is set.
struct CheckFilter {
  std::string source;
  std::optional<TableName> table;
  std::string owner;
  std::string tag;
  std::string kind;
  std::set<Status> statuses;
};

class StateMap {
 public:
  static constexpr size_t kTablesPerBlock = 50;

  StateMap();
  ~StateMap();
  StateMap(const StateMap&) = delete;
  StateMap& operator=(const StateMap&) = delete;

  // The checks of a configuration and those of its wildcards as far as they are known; all others leave.
  // What is known of a check stays with its id. Others may look in between and see part of the change, but
  // never part of a table. Calls wait for each other.
  void Replace(std::span<const CheckPtr> checks, const std::map<std::string, Owner>& owners);

  // What the store remembers; a state older than the one known is left alone. States of ids that are not
  // known wait for them. Afterwards loaded() is true; a replica that does not lead loads again and again.
  void Load(std::span<const CheckState> states);
  bool loaded() const;
  // As Load, of some checks: the states of others that wait go on waiting.
  void Update(std::span<const CheckState> states);

  // The verdicts of tables. A wildcard's tables become known by them, unless `adds` is false: the run began
  // before the last Replace. Verdicts of other checks that are not known are ignored.
  void Apply(std::span<const Conclusion> tables, bool adds = true);

  void SetNextRun(std::span<const std::string> checks, std::optional<Timestamp> at);
  // Whether the source answered when it was last probed; nullopt: it is no longer configured.
  void SetSourceUp(const std::string& source, std::optional<bool> up);

  KnownCheckPtr Find(std::string_view check) const;  // null where it is not known
  // At most `limit` checks in the order of their ids, after the id `after`. Never holds up others for long.
  std::vector<KnownCheckPtr> List(const CheckFilter& filter, std::string_view after, size_t limit) const;
  size_t size() const;  // checks

  // ---- For the metrics page

  using TableChecks = std::vector<KnownCheckPtr>;  // of one table, by id; never empty
  // The blocks that changed since the last call; each is told once.
  std::vector<size_t> TakeDirtyBlocks();
  // Every block is told once more, also those that are empty now.
  void SoilAll();
  std::vector<TableChecks> Block(size_t block) const;
  std::map<std::string, bool> SourcesUp() const;

 private:
  struct State;

  void RemoveOthers(const std::set<std::string_view>& stays);

  std::unique_ptr<Guarded<State>> state_;
  Guarded<int> replacing_;  // one at a time
};

}  // namespace amont
