#include "server/ingest/reading_digest.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/digest.h"

namespace amont {

namespace {

// Sums do not depend on the order in which parts come; two of them, so that none is lost to the other's
// chance.
class UnorderedDigest {
 public:
  void Add(const std::string& part) {
    const auto digest = static_cast<uint64_t>(DigestOf(part));
    sum_ += digest;
    mixed_ += (digest ^ (digest >> 31)) * 0x9E3779B97F4A7C15ULL;
    ++count_;
  }
  std::string Text() const { return fmt::format("{:x}.{:x}.{:x}", sum_, mixed_, count_); }

 private:
  uint64_t sum_ = 0;
  uint64_t mixed_ = 0;
  uint64_t count_ = 0;
};

// Parts that cannot run into each other.
class Parts {
 public:
  Parts& Add(std::string_view part) {
    text_ += fmt::format("{}:{};", part.size(), part);
    return *this;
  }
  Parts& Add(const std::vector<std::string>& parts) {
    Add(std::to_string(parts.size()));
    for (const std::string& part : parts) Add(part);
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string TextOf(const Edge& edge) {
  return Parts()
      .Add("edge")
      .Add(edge.upstream.Text())
      .Add(edge.downstream.Text())
      .Add(Word(edge.kind))
      .Add(edge.job ? edge.job->Text() : std::string())
      .Add(std::to_string(edge.confidence))
      .Take();
}

std::string TextOf(const NodeFacts& facts) {
  Parts parts;
  parts.Add("node").Add(facts.name.Text()).Add(facts.form).Add(facts.owner).Add(facts.description);
  parts.Add(facts.url).Add(facts.tags).Add(facts.tests);
  for (const NodeColumn& column : facts.columns) parts.Add(column.name).Add(column.type);
  return parts.Take();
}

}  // namespace

std::string DigestOfReading(const Extract& extract) {
  UnorderedDigest digest;
  for (const Edge& edge : extract.edges) digest.Add(TextOf(edge));
  for (const NodeFacts& facts : extract.nodes) digest.Add(TextOf(facts));
  for (const NodeName& node : extract.dropped) digest.Add(Parts().Add("dropped").Add(node.Text()).Take());
  for (const Rename& rename : extract.renamed) {
    digest.Add(Parts().Add("renamed").Add(rename.from.Text()).Add(rename.to.Text()).Take());
  }
  return digest.Text();
}

}  // namespace amont
