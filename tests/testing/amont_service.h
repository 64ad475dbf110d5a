// A real `amont serve` of this build, in a folder of its own or a given one, on free ports of 127.0.0.1.
// Ended by its own pid when the object goes. One thread per object.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

class AmontService {
 public:
  // Starts it with DIRECTORY/amont.toml, whose [serve] should name port 0. `name`: of its port file; `env`:
  // is added to ours.
  explicit AmontService(const TempDir& directory, const std::string& name = "serve",
                        const std::map<std::string, std::string>& env = {});

  // Waits until it listens; false where it ended without (see Errors).
  bool WaitUntilListening();
  // Waits until it says that it is ready.
  bool WaitUntilReady();
  uint16_t http_port() const { return http_port_; }
  std::string grpc_address() const { return grpc_; }

  // A page of it, or what stands in for one: "(404)".
  std::string Get(const std::string& path) const;
  // Asks /metrics until a line of it begins with `series` and ends with ` value`; false after a minute.
  bool WaitForSample(const std::string& series, const std::string& value) const;
  // The value of the first line that begins with `series`, or "".
  std::string Sample(const std::string& series) const;

  Process& process() { return process_; }

 private:
  const std::string port_file_;
  Process process_;
  std::string grpc_;
  uint16_t http_port_ = 0;
};

// The lines of amont.toml that give it free ports.
inline constexpr const char* kAnyPorts = "[serve]\ngrpc = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n";

}  // namespace amont::testing
