// LineageImporter: where lineage of files is written: a store of ours, or a service.
//
// One thread. Ends at a stop with kCancelled.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/command.h"
#include "server/cli/place.h"
#include "server/rpc/lineage_backend.h"

namespace amont {

class LineageImporter {
 public:
  virtual ~LineageImporter() = default;
  // kInvalid: the files are not what they are said to be.
  virtual Result<ImportedManifest> Import(const ManifestImport& import) = 0;
  // The answer to each event, in order: the edges that are known of its run or job now. kInvalid,
  // kPermission: that event is refused; any other Error: it could not be written, and those behind it were
  // not tried.
  virtual std::vector<Result<size_t>> Ingest(const std::vector<std::string_view>& events) = 0;
};

// Of a store: made where there is none. Complains and gives the exit code where there is none to be had.
std::unique_ptr<LineageImporter> OpenImporter(const CommandContext& context, const PlaceFlags& flags,
                                              const std::string& source, int& code);

}  // namespace amont
