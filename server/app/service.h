// Service: `amont serve`. Opens the store, puts the configuration in force, and then schedules, records,
// exports and answers until it is stopped.
//
// Owns every part and their threads. Start and Run are for one thread; AskReload for any.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "server/config/config.h"

namespace amont {

struct ServiceOptions {
  std::string config_path;
  Environment environment;
  std::string port_file;                        // where the bound addresses are written; empty: nowhere
  Duration patience = std::chrono::seconds(5);  // of a drain, for runs in flight
};

class Service {
 public:
  // kInvalid, kNotFound: the configuration, kBusy: another process serves from this SQLite store, or an
  // address is taken; else the store's. Everything listens once it returns.
  static Result<std::unique_ptr<Service>> Start(ServiceOptions options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Has the configuration, tokens and certificates read again soon, once for all who asked meanwhile. Each
  // that has a mistake stays as it was and is named in the log, and the others apply. Never blocks.
  void AskReload();
  // Blocks until the stop; then drains: health says NOT_SERVING, nothing more is started, what runs may end
  // within the patience.
  void Run(std::stop_token stop);

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace amont
