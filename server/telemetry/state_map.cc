#include "server/telemetry/state_map.h"

#include <algorithm>
#include <utility>

namespace amont {
namespace {

constexpr size_t kListedAtOnce = 1'000;  // entries looked at under one lock
constexpr size_t kChangedAtOnce = 500;  // entries that come or go under one lock, and the rest of their table

bool Meets(const KnownCheck& known, const CheckFilter& filter) {
  const Check& check = *known.check;
  const Table& table = *check.table;
  if (!filter.source.empty() && table.name.source != filter.source) return false;
  if (filter.table && table.name != *filter.table) return false;
  if (!filter.owner.empty() && table.owner != filter.owner) return false;
  if (!filter.kind.empty() && check.kind != filter.kind) return false;
  if (!filter.tag.empty() && std::ranges::find(check.tags, filter.tag) == check.tags.end()) return false;
  if (filter.statuses.empty()) return true;
  const std::optional<Status> now = known.now();
  return now && filter.statuses.contains(*now);
}

// How many of `checks` come at once: whole tables, so that nobody sees a part of one.
size_t WholeTables(std::span<const CheckPtr> checks) {
  size_t some = std::min(checks.size(), kChangedAtOnce);
  while (some < checks.size() && checks[some]->table == checks[some - 1]->table) ++some;
  return some;
}

std::shared_ptr<const Owner> OwnerOf(const Table& table,
                                     const std::map<std::string, std::shared_ptr<const Owner>>& owners) {
  const auto found = owners.find(table.owner);
  return found == owners.end() ? nullptr : found->second;
}

}  // namespace

std::optional<Status> KnownCheck::now() const {
  if (!state) return std::nullopt;
  return state->error.empty() ? state->status : Status::kError;
}

struct StateMap::State {
  struct Entry {
    KnownCheckPtr known;
    size_t place = 0;  // of its table
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Entries entries;                              // by id
  std::map<TableName, size_t> places;           // of tables
  std::vector<std::set<std::string_view>> ids;  // keys of `entries` at each place; empty: the place is free
  std::set<size_t> free_places;
  std::set<size_t> dirty;                                      // blocks
  std::map<std::string, CheckState, std::less<>> waiting;      // loaded states of checks not known
  std::map<std::string, std::shared_ptr<const Owner>> owners;  // of the last Replace
  std::map<std::string, bool> sources_up;
  bool loaded = false;

  void Soil(size_t place) { dirty.insert(place / kTablesPerBlock); }

  size_t PlaceOf(const TableName& table) {
    const auto found = places.find(table);
    if (found != places.end()) return found->second;
    size_t place = ids.size();
    if (free_places.empty()) {
      ids.emplace_back();
    } else {
      place = *free_places.begin();
      free_places.erase(free_places.begin());
    }
    places.emplace(table, place);
    return place;
  }

  void Leave(size_t place, const std::string& id, const TableName& table) {
    Soil(place);
    ids[place].erase(id);
    if (!ids[place].empty()) return;
    free_places.insert(place);
    places.erase(table);
  }

  Entries::iterator Remove(Entries::iterator entry) {
    Leave(entry->second.place, entry->first, entry->second.known->check->table->name);
    return entries.erase(entry);
  }

  // Makes `check` known, or known anew, and returns its entry.
  Entry& Know(const CheckPtr& check) {
    KnownCheck next{check, OwnerOf(*check->table, owners), std::nullopt, std::nullopt};
    const auto [entry, added] = entries.try_emplace(check->id);
    if (!added) {
      next.state = entry->second.known->state;
      next.next_run = entry->second.known->next_run;
    } else if (const auto state = waiting.find(check->id); state != waiting.end()) {
      next.state = std::move(state->second);
      waiting.erase(state);
    }
    entry->second.place = PlaceOf(check->table->name);
    ids[entry->second.place].insert(entry->first);
    Set(entry->second, std::move(next));
    return entry->second;
  }

  void Set(Entry& entry, KnownCheck next) {
    entry.known = std::make_shared<const KnownCheck>(std::move(next));
    Soil(entry.place);
  }

  void LoadOne(const CheckState& state) {
    const auto entry = entries.find(state.check);
    if (entry == entries.end()) {
      waiting.insert_or_assign(state.check, state);
      return;
    }
    const KnownCheck& known = *entry->second.known;
    if (known.state && (known.state->last_run > state.last_run || *known.state == state)) return;
    KnownCheck next = known;
    next.state = state;
    Set(entry->second, std::move(next));
  }

  void ApplyOne(const Verdict& verdict, bool adds) {
    auto entry = entries.find(verdict.check->id);
    if (entry == entries.end()) {
      if (!adds) return;
      Know(verdict.check);
      entry = entries.find(verdict.check->id);
    }
    KnownCheck next = *entry->second.known;
    if (!next.state) next.state.emplace();
    Advance(*next.state, verdict);
    Set(entry->second, std::move(next));
  }
};

StateMap::StateMap() : state_(std::make_unique<Guarded<State>>()) {}
StateMap::~StateMap() = default;

void StateMap::Replace(std::span<const CheckPtr> checks, const std::map<std::string, Owner>& owners) {
  std::map<std::string, std::shared_ptr<const Owner>> described;
  for (const auto& [name, owner] : owners) described[name] = std::make_shared<const Owner>(owner);
  std::set<std::string_view> stays;
  for (const CheckPtr& check : checks) stays.insert(check->id);
  replacing_.With([&](int&) {
    state_->With([&](State& state) { state.owners = std::move(described); });
    RemoveOthers(stays);
    while (!checks.empty()) {
      const size_t some = WholeTables(checks);
      state_->With([&](State& state) {
        for (const CheckPtr& check : checks.first(some)) state.Know(check);
      });
      checks = checks.subspan(some);
    }
  });
}

void StateMap::RemoveOthers(const std::set<std::string_view>& stays) {
  std::string next;
  for (bool more = true; more;) {
    more = state_->With([&](State& state) {
      auto entry = state.entries.lower_bound(next);
      size_t place = 0;  // of the table before
      for (size_t seen = 0; entry != state.entries.end(); ++seen) {
        if (seen >= kChangedAtOnce && entry->second.place != place) break;
        place = entry->second.place;
        entry = stays.contains(entry->first) ? std::next(entry) : state.Remove(entry);
      }
      if (entry != state.entries.end()) next = entry->first;
      return entry != state.entries.end();
    });
  }
}

void StateMap::Load(std::span<const CheckState> states) {
  state_->With([&](State& state) {
    state.waiting.clear();
    for (const CheckState& loaded : states) state.LoadOne(loaded);
    state.loaded = true;
  });
}

void StateMap::Update(std::span<const CheckState> states) {
  state_->With([&](State& state) {
    for (const CheckState& updated : states) state.LoadOne(updated);
  });
}

bool StateMap::loaded() const {
  return state_->With([](const State& state) { return state.loaded; });
}

void StateMap::Apply(std::span<const Conclusion> tables, bool adds) {
  state_->With([&](State& state) {
    for (const Conclusion& table : tables) {
      for (const Verdict& verdict : table.verdicts) state.ApplyOne(verdict, adds && table.matched);
    }
  });
}

void StateMap::SetNextRun(std::span<const std::string> checks, std::optional<Timestamp> at) {
  state_->With([&](State& state) {
    for (const std::string& id : checks) {
      const auto entry = state.entries.find(id);
      if (entry == state.entries.end() || entry->second.known->next_run == at) continue;
      KnownCheck next = *entry->second.known;
      next.next_run = at;
      state.Set(entry->second, std::move(next));
    }
  });
}

void StateMap::SetSourceUp(const std::string& source, std::optional<bool> up) {
  state_->With([&](State& state) {
    if (up) {
      state.sources_up[source] = *up;
    } else {
      state.sources_up.erase(source);
    }
  });
}

KnownCheckPtr StateMap::Find(std::string_view check) const {
  return state_->With([&](const State& state) -> KnownCheckPtr {
    const auto entry = state.entries.find(check);
    return entry == state.entries.end() ? nullptr : entry->second.known;
  });
}

std::vector<KnownCheckPtr> StateMap::List(const CheckFilter& filter, std::string_view after,
                                          size_t limit) const {
  std::vector<KnownCheckPtr> listed;
  std::string last(after);
  bool more = true;
  while (more && listed.size() < limit) {
    std::vector<KnownCheckPtr> some;
    state_->With([&](const State& state) {
      auto entry = state.entries.upper_bound(last);
      while (entry != state.entries.end() && some.size() < kListedAtOnce) {
        some.push_back((entry++)->second.known);
      }
      more = entry != state.entries.end();
    });
    for (KnownCheckPtr& known : some) {
      last = known->check->id;
      if (listed.size() < limit && Meets(*known, filter)) listed.push_back(std::move(known));
    }
  }
  return listed;
}

size_t StateMap::size() const {
  return state_->With([](const State& state) { return state.entries.size(); });
}

std::vector<size_t> StateMap::TakeDirtyBlocks() {
  return state_->With([](State& state) {
    const std::set<size_t> dirty = std::exchange(state.dirty, {});
    return std::vector<size_t>(dirty.begin(), dirty.end());
  });
}

void StateMap::SoilAll() {
  state_->With([](State& state) {
    for (size_t place = 0; place < state.ids.size(); place += kTablesPerBlock) state.Soil(place);
  });
}

std::vector<StateMap::TableChecks> StateMap::Block(size_t block) const {
  return state_->With([&](const State& state) {
    std::vector<TableChecks> tables;
    const size_t end = std::min((block + 1) * kTablesPerBlock, state.ids.size());
    for (size_t place = block * kTablesPerBlock; place < end; ++place) {
      if (state.ids[place].empty()) continue;
      TableChecks& checks = tables.emplace_back();
      for (const std::string_view id : state.ids[place])
        checks.push_back(state.entries.find(id)->second.known);
    }
    return tables;
  });
}

std::map<std::string, bool> StateMap::SourcesUp() const {
  return state_->With([](const State& state) { return state.sources_up; });
}

}  // namespace amont
