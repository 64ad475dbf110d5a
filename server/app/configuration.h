// Configuration: what is in force, and how it changes while the service runs.
//
// Each declaration file stands alone (server/config/settle.h). What was accepted is remembered in the store,
// amont.toml too, so that a restart beside a broken file changes nothing. Thread-safe; one Load or Reload at
// a time.
#pragma once

#include <memory>
#include <string>

#include "core/guarded.h"
#include "server/app/generation.h"
#include "server/store/store.h"

namespace amont {

class Configuration {
 public:
  Configuration(std::string path, Environment environment, Canceller& canceller);

  // Puts in force what can be read, beside what `store` remembers of earlier texts. kInvalid, kNotFound …:
  // amont.toml cannot be used, its first mistake is the message, and nothing was ever accepted of it; then
  // nothing is in force.
  Result<void> Load(Store& store);
  // Reads again. On an error what was in force of amont.toml stays, and the declaration files apply by it.
  Result<void> Reload(Store& store);

  // null before Load.
  std::shared_ptr<const Generation> Get() const { return current_.Get(); }
  // The same, to those who need no more of it.
  const Published<Config>& config() const { return config_; }

 private:
  // `text`: instead of what stands in amont.toml.
  Result<Settled> Read(const FileTexts& accepted, const std::string* text) const;
  void PutInForce(Settled settled, Store& store);

  const std::string path_;
  const Environment environment_;
  Canceller& canceller_;
  Guarded<FileTexts> accepted_;
  Published<Generation> current_;
  Published<Config> config_;
};

}  // namespace amont
