#include "lineage/sql/script.h"

#include <set>
#include <unordered_map>

#include "lineage/sql/parser.h"
#include "lineage/sql/script_reader.h"

namespace amont {

std::vector<SqlStatement> AnalyseSql(std::string_view text, SqlCatalog& catalog, const SqlOptions& options) {
  std::vector<SqlStatement> all;
  ScriptReader reader(catalog, options.search_path);
  PlaceReader places(text);
  for (const ScriptPart& part : SplitScript(text)) {
    for (SqlStatement& statement : reader.Read(part, places.At(part.offset))) {
      all.push_back(std::move(statement));
    }
  }
  return all;
}

namespace {

// Views that were read before what they read: each waits for the relations it did not find.
class WaitingViews {
 public:
  explicit WaitingViews(const SqlCatalog& catalog) : catalog_(catalog) {}

  void Wait(const SqlStatement& statement, size_t part) {
    if (statement.status != SqlStatus::kPartial || !statement.target) return;
    for (const SqlName& name : statement.reads) {
      const SqlRelation* known = catalog_.Find(name);
      if (known != nullptr && known->complete) continue;
      waiting_[name.Text()].insert(part);
    }
  }

  std::set<size_t> TakeFor(const SqlName& name) {
    const auto found = waiting_.find(name.Text());
    if (found == waiting_.end()) return {};
    std::set<size_t> parts = std::move(found->second);
    waiting_.erase(found);
    return parts;
  }

 private:
  const SqlCatalog& catalog_;
  std::unordered_map<std::string, std::set<size_t>> waiting_;
};

}  // namespace

std::vector<SqlStatement> ReadSqlCatalog(std::string_view ddl, SqlCatalog& catalog,
                                         const SqlOptions& options) {
  ScriptReader reader(catalog, options.search_path);
  PlaceReader places(ddl);
  WaitingViews waiting(catalog);
  const std::vector<ScriptPart> parts = SplitScript(ddl);
  std::vector<TextPlace> at;
  for (const ScriptPart& part : parts) at.push_back(places.At(part.offset));
  std::unordered_map<size_t, std::vector<SqlStatement>> unresolved;
  // A view is read once more when what it waited for is there; that may be what others wait for.
  std::vector<size_t> due;
  std::vector<int> reads(parts.size(), 0);
  constexpr int kReadsMax = 1'000;  // of one that waits for many, or is defined twice and never the same
  for (size_t next = 0; next < parts.size() || !due.empty();) {
    const bool again = !due.empty();
    const size_t part = again ? due.back() : next++;
    if (again) due.pop_back();
    if (++reads[part] > kReadsMax) continue;
    unresolved.erase(part);
    for (SqlStatement& statement : reader.Read(parts[part], at[part])) {
      if (statement.target) {
        const SqlRelation* known = catalog.Find(*statement.target);
        if (known != nullptr && known->complete) {
          for (const size_t other : waiting.TakeFor(*statement.target)) due.push_back(other);
        }
      }
      waiting.Wait(statement, part);
      if (statement.status != SqlStatus::kResolved) unresolved[part].push_back(std::move(statement));
    }
  }
  std::vector<SqlStatement> all;
  for (size_t part = 0; part < parts.size(); ++part) {
    if (const auto found = unresolved.find(part); found != unresolved.end()) {
      for (SqlStatement& statement : found->second) all.push_back(std::move(statement));
    }
  }
  return all;
}

}  // namespace amont
