#include "server/scheduler/scheduler.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"

namespace amont {
namespace {

// A clock that is slewed goes back by less, and nothing comes of it.
constexpr Duration kSetBackMin = limits::kIntervalMin;
// What is removed is remembered for as long as its slots could return, by a reload or by a clock set back.
constexpr Duration kRemember = std::chrono::hours(48);

}  // namespace

bool Scheduler::Earlier::operator()(const std::pair<Timestamp, Group*>& a,
                                    const std::pair<Timestamp, Group*>& b) const {
  return a.first != b.first ? a.first < b.first : a.second->id < b.second->id;
}

Scheduler::Scheduler() = default;
Scheduler::~Scheduler() = default;

void Scheduler::Record(const SlotId& slot, Past::How how) {
  past_[slot.group] = {slot, how, Timestamp::max()};
}
void Scheduler::Completed(const SlotId& slot) { Record(slot, Past::How::kCompleted); }
void Scheduler::Interrupted(const SlotId& slot) { Record(slot, Past::How::kInterrupted); }

void Scheduler::TakeOut(Group& group) {
  timeline_.erase({group.next, &group});
  if (group.due) sources_[group.source].waiting.erase({group.waiting_since, &group});
}

void Scheduler::PutIn(Group& group) {
  if (group.removed) return;
  if (group.next != Timestamp::max()) timeline_.emplace(group.next, &group);
  if (!group.due || group.running) return;
  sources_[group.source].waiting.emplace(group.waiting_since, &group);
  ready_.insert(group.source);
}

void Scheduler::NoticeSetBack(Timestamp now) {
  if (latest_ == Timestamp::min() || now >= latest_ - kSetBackMin) {
    latest_ = std::max(latest_, now);
    return;
  }
  const Timestamp before = std::exchange(latest_, now);
  for (auto& [id, group] : groups_) {
    if (group->removed) continue;
    TakeOut(*group);
    group->SetBack(before, now);
    PutIn(*group);
  }
}

// Whether it would have to wait for a slot of the group though it never ran.
bool Scheduler::IsNewcomer(const Member& member, const std::string& group) const {
  if (!member.fresh || member.wildcard || member.schedule.is_cron()) return false;
  const auto there = groups_.find(group);
  return there == groups_.end() ? past_.contains(group) : !there->second->due;
}

// The group of a member, begun where it is new.
Group& Scheduler::Claim(const Member& member, Timestamp now) {
  GroupPlace place = PlaceOf(member);
  if (IsNewcomer(member, place.group)) place.group += '+';
  std::unique_ptr<Group>& slot = groups_[place.group];
  std::optional<Past> past;
  const bool fresh = slot == nullptr;
  if (fresh) {
    slot = std::make_unique<Group>();
    slot->id = std::move(place.group);
    slot->source = member.table.source;
    slot->schedule = member.schedule;
    slot->phase = place.phase;
    slot->wildcard = member.wildcard;
    const auto known = past_.find(slot->id);
    if (known != past_.end()) past = known->second;
    past_.erase(slot->id);
  } else if (slot->removed && slot->last) {
    past = Past{{slot->id, *slot->last, slot->turn}, Past::How::kRemoved};
  }
  Group& group = *slot;
  sources_.try_emplace(group.source);
  if (fresh || group.removed) {
    group.removed = false;
    if (auto missed = group.Begin(past, now)) missed_.push_back(std::move(*missed));
    PutIn(group);
  }
  if (group.replaced != replaced_) {
    group.replaced = replaced_;
    group.members.clear();
  }
  return group;
}

// Takes the group out; it is gone once no run of it is in flight. What it did last is remembered.
void Scheduler::Remove(Group& group, Timestamp now) {
  if (!group.removed) {
    TakeOut(group);
    group.removed = true;
    group.due.reset();
    group.members.clear();
    group.rests.clear();
  }
  if (group.running) return;
  if (group.last || group.turn > 0) {
    const SlotId last{group.id, group.last.value_or(Timestamp::min()), group.turn};
    past_[group.id] = {last, Past::How::kRemoved, std::max(group.next, now) + kRemember};
  }
  const std::string id = group.id;
  groups_.erase(id);
}

void Scheduler::Replace(std::span<const Member> members, const RunCaps& caps, Timestamp now) {
  NoticeSetBack(now);
  ++replaced_;
  std::unordered_map<std::string, Joined> before = std::exchange(members_, {});
  members_.reserve(members.size());
  for (const Member& member : members) {
    const auto [place, added] = members_.try_emplace(member.id);
    if (!added) continue;
    Group& group = Claim(member, now);
    group.members.push_back(&place->first);
    Joined& joined = place->second;
    joined.group = &group;
    const auto known = before.find(member.id);
    if (known != before.end() && known->second.group == &group) {
      joined.after = std::move(known->second.after);
    } else if (group.running) {
      joined.after = SlotId{group.id, group.running->at, group.running->turn};
    }
  }
  std::vector<Group*> gone;
  for (const auto& entry : groups_) {
    Group* const group = entry.second.get();
    if (group->replaced != replaced_) {
      gone.push_back(group);
    } else if (!group->wildcard) {
      std::erase_if(group->rests, [&](const auto& rest) {
        const auto member = members_.find(rest.first);
        return member == members_.end() || member->second.group != group;
      });
    }
  }
  for (Group* group : gone) Remove(*group, now);
  for (const auto& [name, cap] : caps) sources_[name];
  for (auto& [name, source] : sources_) {
    const auto cap = caps.find(name);
    source.cap = std::max(1, cap == caps.end() ? limits::kConnections : cap->second);
    ready_.insert(name);
  }
  ForgetPast(now);
}

// What the store knew of groups that are not there is, from the first Replace on, as if they had been
// removed.
void Scheduler::ForgetPast(Timestamp now) {
  for (auto& [id, past] : past_) {
    if (past.how == Past::How::kRemoved) continue;
    past.how = Past::How::kRemoved;
    past.until = std::max(past.last.at, now) + kRemember;
  }
  std::erase_if(past_,
                [&](const auto& past) { return past.second.until < now && past.second.last.turn == 0; });
}

Scheduler::Advanced Scheduler::Advance(Timestamp now) {
  NoticeSetBack(now);
  Advanced advanced;
  advanced.missed = std::exchange(missed_, {});
  while (!timeline_.empty() && timeline_.begin()->first <= now) {
    Group& group = *timeline_.begin()->second;
    TakeOut(group);
    Group::Passing passing = group.Pass(now);
    if (passing.missed) advanced.missed.push_back(std::move(*passing.missed));
    if (passing.rested) advanced.rested.push_back(std::move(*passing.rested));
    PutIn(group);
  }
  for (const std::string& name : ready_) StartWaiting(sources_[name], advanced);
  ready_.clear();
  if (!timeline_.empty()) advanced.next_wake = timeline_.begin()->first;
  return advanced;
}

void Scheduler::StartWaiting(Source& source, Advanced& advanced) {
  while (source.running < source.cap && !source.waiting.empty()) {
    Group& group = *source.waiting.begin()->second;
    source.waiting.erase(source.waiting.begin());
    DueSlot slot = group.Start();
    if (!group.running) {
      advanced.rested.push_back({group.source, group.id, slot.id.at, 1});
      continue;
    }
    ++source.running;
    ++in_flight_;
    advanced.start.push_back(std::move(slot));
  }
}

void Scheduler::Finished(const SlotId& slot, const SlotOutcome& outcome) {
  const auto found = groups_.find(slot.group);
  if (found == groups_.end()) return;
  Group& group = *found->second;
  if (!group.running || group.running->at != slot.at || group.running->turn != slot.turn) return;
  std::vector<std::string> timed_out = outcome.timed_out;
  if (!group.wildcard) {  // no rest for what a reload took away meanwhile
    std::erase_if(timed_out, [&](const std::string& check) {
      const auto member = members_.find(check);
      return member == members_.end() || member->second.group != &group;
    });
  }
  group.End(timed_out, outcome.failed);
  Source& source = sources_[group.source];
  --source.running;
  --in_flight_;
  ready_.insert(group.source);
  if (group.removed) {
    Remove(group, latest_);
  } else if (group.due) {
    source.waiting.emplace(group.waiting_since, &group);
  }
}

std::optional<Timestamp> Scheduler::NextRun(const Member& member) const {
  auto joined = members_.find(member.id);
  if (joined == members_.end()) {
    joined = members_.find(WildcardMember(member.table.source, member.schedule).id);
    if (joined == members_.end()) return std::nullopt;
  }
  const Group& group = *joined->second.group;
  const std::optional<SlotId>& after = joined->second.after;
  const bool joined_later =
      after && group.running && group.running->at == after->at && group.running->turn == after->turn;
  const Timestamp next = group.NextFor(member.id, !joined_later);
  return next == Timestamp::max() ? std::nullopt : std::optional(next);
}

}  // namespace amont
