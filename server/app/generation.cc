#include "server/app/generation.h"

#include <tuple>
#include <utility>

namespace amont {

namespace {

bool ReachedAlike(const SourceConfig& a, const SourceConfig& b) {
  const auto parts = [](const SourceConfig& source) {
    const ConnectOptions& connect = source.connect;
    return std::tuple(connect.url, connect.password, connect.files, connect.directory, connect.zone.name(),
                      connect.statement_timeout, connect.lock_timeout, source.connections);
  };
  return parts(a) == parts(b);
}

}  // namespace

std::map<std::string, SourceAccess*> Generation::Access(const std::vector<std::string>& names) const {
  std::map<std::string, SourceAccess*> access;
  for (const std::string& name : names) {
    const auto source = sources.find(name);
    if (source != sources.end()) access.emplace(name, source->second.get());
  }
  return access;
}

std::shared_ptr<const Generation> NextGeneration(Settled settled, const Generation* before,
                                                 Canceller& canceller) {
  auto next = std::make_shared<Generation>();
  next->number = before == nullptr ? 1 : before->number + 1;
  next->config = std::move(settled.config);
  next->invalid = std::move(settled.invalid);
  next->named = next->config.declarations;
  next->named.patterns.clear();
  for (const auto& [name, source] : next->config.sources) {
    const bool kept = before != nullptr && before->config.sources.contains(name) &&
                      ReachedAlike(before->config.sources.at(name), source);
    next->sources[name] =
        kept ? before->sources.at(name) : std::make_shared<SourceAccess>(AccessTo(name, source, canceller));
  }
  return next;
}

}  // namespace amont
