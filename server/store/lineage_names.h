// The store's dictionary of lineage: nodes, columns of them and origins, each a number. Numbers are given
// inside the transaction that holds the lineage lock; none is given twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.h"
#include "core/sql/connection.h"
#include "lineage/node.h"

namespace amont {

// The words of the dictionary. A port and an origin never share one.
std::string WordOfPort(const NodeName& node, std::string_view column);
std::string WordOfOrigin(std::string_view origin);
// nullopt: it is none.
std::optional<Port> PortOfWord(std::string_view word);
std::optional<std::string> OriginOfWord(std::string_view word);

// Gives numbers to words, those that are new included.
class WordNumbers {
 public:
  void Want(std::string word) { wanted_.insert(std::move(word)); }
  // Finds or makes the numbers of all that are wanted.
  Result<void> Settle(StoreSession& session);
  // Of a word that was settled.
  int64_t Of(const std::string& word) const { return numbers_.at(word); }

 private:
  std::set<std::string> wanted_;
  std::unordered_map<std::string, int64_t> numbers_;
};

// The dictionary as read; reads on where a number is newer than what it knows.
class WordReader {
 public:
  explicit WordReader(Connection& connection) : connection_(connection) {}

  // Null: a number that stands for nothing of that kind.
  Result<const Port*> PortOf(int64_t number);
  Result<const std::string*> OriginOf(int64_t number);

 private:
  Result<void> ReadUpTo(int64_t number);

  Connection& connection_;
  int64_t newest_ = 0;
  std::unordered_map<int64_t, Port> ports_;
  std::unordered_map<int64_t, std::string> origins_;
};

}  // namespace amont
