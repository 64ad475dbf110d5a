// The engines that the conformance suite runs on, and where their SQL differs.
//
// Each source has a table `kept` with one column a and one row, 1.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// A parameter, an expression of $1, and what it gives.
struct KindCase {
  Value in;
  std::string sql;
  Value out;
};

struct EngineCase {
  std::string name;
  Engine engine;
  std::function<std::string()> unavailable;                // why it cannot run here, or empty
  std::function<ConnectOptions(const TempDir& dir)> make;  // the source
  std::string rows;                                        // 5,000 rows of one BIGINT, 1 to 5000
  std::string endless;                                     // runs for minutes
  std::string evaluation_error;                            // fails on the value 'marker'
  std::vector<KindCase> kinds;
};

const std::vector<EngineCase>& EngineCases();
inline void PrintTo(const EngineCase& engine, std::ostream* out) { *out << engine.name; }

}  // namespace amont::testing
