// Registry: who has which name. Finds tables and checks declared twice, and renames that claim a name still
// in use; each mistake names both places. Every look-up is by hash. Single-threaded.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checks/check.h"
#include "core/diagnostic.h"

namespace amont {

class Registry {
 public:
  explicit Registry(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // False, with a diagnostic, where the name or id is taken.
  bool AddTable(const std::string& full_name, const Span& place);
  bool AddCheck(const CheckPtr& check);
  void AddFormerTable(const std::string& full_name, const Span& place);

  // After everything was added: no `was` may name what is still there, nor what another one was.
  void CheckRenames();

 private:
  void CheckFormer(const std::string& former, const Span& place, const Span* present, std::string_view what,
                   std::unordered_map<std::string, Span>& formers);

  Diagnostics& diagnostics_;
  std::unordered_map<std::string, Span> tables_;
  std::unordered_map<std::string_view, CheckPtr> checks_;  // by the id inside the check
  std::vector<CheckPtr> renamed_;
  std::vector<std::pair<std::string, Span>> former_tables_;
};

// Appends each diagnostic of `found` that was not said before at the same place: [defaults] and wildcards are
// read once a table, and a mistake in them would show once for each.
void AppendOnce(const Diagnostics& found, Diagnostics& diagnostics);

}  // namespace amont
