// SqlLineage: the LineageStore over whatever sessions its store gives it.
#pragma once

#include <functional>
#include <utility>

#include "core/sql/connection.h"
#include "server/store/lineage_store.h"

namespace amont {

class SqlLineage final : public LineageStore {
 public:
  // Runs what it is given in a transaction that is on the disk once it returns.
  using Write = std::function<Result<void>(const std::function<Result<void>(StoreSession&)>&)>;
  using Read = std::function<Result<void>(const std::function<Result<void>(Connection&)>&)>;
  SqlLineage(Write write, Read read) : write_(std::move(write)), read_(std::move(read)) {}

  Result<int64_t> WriteLineage(const std::function<Result<void>(LineageTransaction&)>& write) override;
  Result<int64_t> ReadSequence() override;
  Result<int64_t> ReadLineage(const LineageSink& sink) override;
  Result<StatementPage> ListStatements(const StatementQuery& query) override;

 private:
  template <class T>
  Result<T> ReadOr(const std::function<Result<T>(Connection&)>& read);

  Write write_;
  Read read_;
};

}  // namespace amont
