#include "server/store/sql_lineage.h"

#include "server/store/lineage_reader.h"
#include "server/store/lineage_writer.h"

namespace amont {

// A store of an earlier release, open to be read only, has no lineage.
template <class T>
Result<T> SqlLineage::ReadOr(const std::function<Result<T>(Connection&)>& read) {
  T value{};
  const Result<void> done = read_([&](Connection& connection) -> Result<void> {
    AMONT_TRY(value, read(connection));
    return {};
  });
  if (!done && done.error().code != ErrorCode::kNotFound) return done.error();
  return value;
}

Result<int64_t> SqlLineage::WriteLineage(const std::function<Result<void>(LineageTransaction&)>& write) {
  int64_t sequence = 0;
  const Result<void> done = write_([&](StoreSession& session) -> Result<void> {
    AMONT_TRY(sequence, HoldLineage(session));
    const auto transaction = MakeLineageTransaction(session);
    return write(*transaction);
  });
  if (!done) return done.error();
  return sequence;
}

Result<int64_t> SqlLineage::ReadSequence() { return ReadOr<int64_t>(&ReadSequenceOf); }

Result<int64_t> SqlLineage::ReadLineage(const LineageSink& sink) {
  return ReadOr<int64_t>([&](Connection& connection) { return ReadLineageOf(connection, sink); });
}

Result<StatementPage> SqlLineage::ListStatements(const StatementQuery& query) {
  return ReadOr<StatementPage>([&](Connection& connection) { return ListStatementsOf(connection, query); });
}

}  // namespace amont
