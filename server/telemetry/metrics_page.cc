#include "server/telemetry/metrics_page.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "server/clock/wall_clock.h"
#include "server/telemetry/deflate.h"
#include "server/telemetry/table_families.h"

namespace amont {
namespace {

using Clock = std::chrono::steady_clock;
using Piece = std::shared_ptr<const Deflated>;

constexpr auto kPause = std::chrono::seconds(1);       // between two renderings, at least
constexpr auto kPauseMost = std::chrono::seconds(15);  // and at most
constexpr int kPauseOverWork = 19;                     // so that rendering takes a twentieth of one CPU

// What leaders show of sources and tables, all of one rendering.
struct Shown {
  uint64_t term = 0;
  std::vector<Piece> pieces;
  GzipSum sum;
  size_t bytes = 0;  // deflated

  void Add(const Piece& piece) {
    if (piece == nullptr) return;
    pieces.push_back(piece);
    sum.Add(*piece);
    bytes += piece->bytes.size();
  }
};

// What is kept between renderings.
struct Rendering {
  uint64_t term = 0;
  Deflater deflater;
  FamilyLines lines;                                      // scratch
  std::array<std::vector<Piece>, kTableFamilies> blocks;  // by block; null: no lines
  std::array<Piece, kTableFamilies> heads;
  std::map<std::string, bool> sources_up;
  Piece sources;
  Piece lineage;

  // Whether the text at `piece` had to change.
  bool Put(Piece& piece, std::string_view text) {
    if (text.empty()) return std::exchange(piece, nullptr) != nullptr;
    if (piece != nullptr && piece->length == text.size() && piece->crc == CrcOf(text)) return false;
    piece = std::make_shared<const Deflated>(deflater.Deflate(text));
    return true;
  }

  bool PutBlock(size_t block, const std::vector<StateMap::TableChecks>& tables, Timestamp now) {
    RenderTables(tables, now, lines);
    bool changed = false;
    for (size_t family = 0; family < kTableFamilies; ++family) {
      if (blocks[family].size() <= block) blocks[family].resize(block + 1);
      changed |= Put(blocks[family][block], lines[family]);
    }
    return changed;
  }

  bool PutSources(const std::map<std::string, bool>& up) {
    if (sources != nullptr && up == sources_up) return false;
    sources_up = up;
    std::string text;
    AppendHead(text, "amont_source_up", MetricType::kGauge,
               "Whether the source answered when it was last probed.");
    for (const auto& [source, answers] : up) {
      text += "amont_source_up{";
      AppendLabel(text, "source", source);
      text += answers ? "} 1\n" : "} 0\n";
    }
    return Put(sources, text);
  }

  void PutHeads() {
    for (size_t family = 0; family < kTableFamilies; ++family) {
      const FamilyHead& head = HeadOf(static_cast<TableFamily>(family));
      std::string text;
      AppendHead(text, head.name, head.type, head.help);
      Put(heads[family], text);
    }
  }

  std::shared_ptr<const Shown> Join() const {
    auto shown = std::make_shared<Shown>();
    shown->term = term;
    shown->Add(sources);
    shown->Add(lineage);
    for (size_t family = 0; family < kTableFamilies; ++family) {
      shown->Add(heads[family]);
      for (const Piece& block : blocks[family]) shown->Add(block);
    }
    return shown;
  }
};

// One scrape's page; it outlives whatever is rendered next.
struct Scraped {
  std::string head;  // gzip's header and the instruments, deflated; or as they are
  std::shared_ptr<const Shown> shown;
  std::string tail;
};

std::shared_ptr<const std::string> Part(const std::shared_ptr<const Scraped>& page, const std::string& text) {
  return {page, &text};
}

}  // namespace

struct MetricsPage::Parts {
  StateMap& states;
  const Instruments& instruments;
  std::atomic<uint64_t> term{0};  // odd: leading
  Guarded<Rendering> rendering;
  Published<Shown> shown{nullptr};
  Guarded<std::string> lineage;
  Guarded<bool> awake{false};
  std::jthread thread;

  Parts(StateMap& states_in, const Instruments& instruments_in)
      : states(states_in), instruments(instruments_in) {}

  static bool Leads(uint64_t term) { return term % 2 == 1; }

  void Wake() {
    awake.With([](bool& value) { value = true; });
    awake.Notify();
  }

  void Render();
  void Loop(const std::stop_token& stop);
  std::shared_ptr<const Shown> ShownNow() const;
};

void MetricsPage::Parts::Render() {
  rendering.With([&](Rendering& work) {
    const uint64_t now = term.load();
    bool changed = false;
    if (work.term != now) {  // other blocks may be dirty now, or none may be shown any more
      for (std::vector<Piece>& blocks : work.blocks) blocks = {};
      work.sources = nullptr;
      work.lineage = nullptr;
      work.term = now;
      shown.Set(nullptr);
      states.SoilAll();
      changed = true;
    }
    if (!Leads(now) || !states.loaded()) return;
    if (work.heads[0] == nullptr) work.PutHeads();
    changed |= shown.Get() == nullptr;
    changed |= work.PutSources(states.SourcesUp());
    changed |= lineage.With([&](const std::string& text) { return work.Put(work.lineage, text); });
    for (const size_t block : states.TakeDirtyBlocks()) {
      changed |= work.PutBlock(block, states.Block(block), WallClock());
    }
    if (changed) shown.Set(work.Join());
  });
}

void MetricsPage::Parts::Loop(const std::stop_token& stop) {
  const std::stop_callback wakes(stop, [&] { Wake(); });
  while (!stop.stop_requested()) {
    const Clock::time_point before = Clock::now();
    Render();
    const Clock::time_point after = Clock::now();
    const auto pause = std::clamp<Clock::duration>(kPauseOverWork * (after - before), kPause, kPauseMost);
    awake.WaitUntil(after + pause, [](bool value) { return value; });
    awake.With([](bool& value) { value = false; });
  }
}

std::shared_ptr<const Shown> MetricsPage::Parts::ShownNow() const {
  std::shared_ptr<const Shown> now = shown.Get();
  return now != nullptr && now->term == term.load() ? now : nullptr;
}

MetricsPage::MetricsPage(StateMap& states, const Instruments& instruments)
    : parts_(std::make_unique<Parts>(states, instruments)) {
  parts_->thread = std::jthread([parts = parts_.get()](const std::stop_token& stop) { parts->Loop(stop); });
}

MetricsPage::~MetricsPage() = default;

void MetricsPage::SetLeading(bool leading) {
  uint64_t term = parts_->term.load();
  while (Parts::Leads(term) != leading && !parts_->term.compare_exchange_weak(term, term + 1)) {
  }
  parts_->Wake();
}

void MetricsPage::SetLineage(std::string text) {
  parts_->lineage.With([&](std::string& lineage) { lineage = std::move(text); });
  parts_->Wake();
}

void MetricsPage::Render() { parts_->Render(); }

MetricsText MetricsPage::Scrape(bool gzip) const {
  const auto page = std::make_shared<Scraped>();
  page->shown = parts_->ShownNow();
  page->head = parts_->instruments.ProcessText();
  if (page->shown != nullptr) page->head += parts_->instruments.SourceText();
  MetricsText text;
  if (gzip) {
    const Deflated head = Deflater().Deflate(page->head);
    GzipSum sum;
    sum.Add(head);
    page->head = GzipHead() + head.bytes;
    if (page->shown != nullptr) sum.Add(page->shown->sum);
    page->tail = GzipTail(sum);
    text.bytes = page->head.size() + (page->shown != nullptr ? page->shown->bytes : 0) + page->tail.size();
  } else {
    text.bytes = page->head.size() + (page->shown != nullptr ? page->shown->sum.length : 0);
  }
  text.piece = [page = std::shared_ptr<const Scraped>(page),
                gzip](size_t index) -> std::shared_ptr<const std::string> {
    if (index == 0) return Part(page, page->head);
    const size_t joined = page->shown == nullptr ? 0 : page->shown->pieces.size();
    if (index <= joined) {
      const Piece& piece = page->shown->pieces[index - 1];
      if (gzip) return Part(page, piece->bytes);
      return std::make_shared<const std::string>(Inflate(*piece));
    }
    return gzip && index == joined + 1 ? Part(page, page->tail) : nullptr;
  };
  return text;
}

}  // namespace amont
