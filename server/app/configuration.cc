#include "server/app/configuration.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/log.h"
#include "server/clock/wall_clock.h"
#include "server/config/environment.h"

namespace amont {

namespace {

// amont.toml itself is among the files whose last accepted text applies.
void AddKept(Settled& settled, const std::string& path, const Error& wrong) {
  const auto place = std::find_if(settled.invalid.begin(), settled.invalid.end(),
                                  [&](const InvalidFile& file) { return file.path > path; });
  settled.invalid.insert(place, {path, wrong.message, true});
}

}  // namespace

Configuration::Configuration(std::string path, Environment environment, Canceller& canceller)
    : path_(std::move(path)),
      environment_(std::move(environment)),
      canceller_(canceller),
      current_(nullptr),
      config_(nullptr) {}

Result<Settled> Configuration::Read(const FileTexts& accepted, const std::string* text) const {
  Diagnostics diagnostics;
  Result<Config> config = text == nullptr ? LoadConfig(path_, environment_, diagnostics)
                                          : ParseConfig(path_, *text, environment_, diagnostics);
  if (!config) return config.error();
  return Settle(std::move(*config), diagnostics, accepted);
}

Result<void> Configuration::Load(Store& store) {
  FileTexts accepted;
  AMONT_TRY(const std::vector<AcceptedFile> files, store.ReadAcceptedFiles());
  for (const AcceptedFile& file : files) {
    accepted[file.path] = std::make_shared<const SourceText>(SourceText{file.path, file.text});
  }
  Result<Settled> settled = Read(accepted, nullptr);
  const auto kept = accepted.find(path_);
  if (!settled) {
    const Error wrong = settled.error();
    if (kept == accepted.end()) return wrong;
    settled = Read(accepted, &kept->second->text);
    if (!settled) return wrong;
    AddKept(*settled, path_, wrong);
  }
  PutInForce(std::move(*settled), store);
  return {};
}

Result<void> Configuration::Reload(Store& store) {
  const FileTexts accepted = accepted_.With([](const FileTexts& texts) { return texts; });
  Result<Settled> settled = Read(accepted, nullptr);
  if (settled) {
    PutInForce(std::move(*settled), store);
    return {};
  }
  const Error wrong = settled.error();
  const std::shared_ptr<const Generation> current = current_.Get();
  settled = Read(accepted, &current->config.text->text);
  if (!settled) return wrong;
  AddKept(*settled, path_, wrong);
  PutInForce(std::move(*settled), store);
  return wrong;
}

void Configuration::PutInForce(Settled settled, Store& store) {
  for (const InvalidFile& file : settled.invalid) {
    Log(LogLevel::kError,
        file.kept ? "a file has a mistake; its last accepted text is in force"
                  : "a file has a mistake; nothing of it is in force",
        {{"file", file.path}, {"error", file.reason}});
  }
  FileTexts texts = std::move(settled.texts);
  // One with a password written in it is not copied into a store.
  const std::shared_ptr<const SourceText>& own = settled.config.text;
  if (MaskPasswords(own)->text == own->text) texts[path_] = own;
  const auto now = WallClock();
  std::vector<AcceptedFile> files;
  for (const auto& [path, text] : texts) files.push_back({path, text->text, now});
  const Result<void> written = store.WriteAcceptedFiles(files);
  if (!written) {
    Log(LogLevel::kWarn, "what was accepted could not be remembered", {{"error", written.error().message}});
  }
  accepted_.With([&](FileTexts& accepted) { accepted = std::move(texts); });
  const std::shared_ptr<const Generation> next =
      NextGeneration(std::move(settled), current_.Get().get(), canceller_);
  config_.Set(std::shared_ptr<const Config>(next, &next->config));
  current_.Set(next);
}

}  // namespace amont
