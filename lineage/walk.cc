#include "lineage/walk.h"

namespace amont {

EdgeFilter EdgeFilter::Trusting(std::span<const Provenance> trust) {
  EdgeFilter filter;
  filter.provenances.reset();
  for (const Provenance always : {Provenance::kDeclared, Provenance::kDbt, Provenance::kCatalog}) {
    filter.provenances.set(static_cast<size_t>(always));
  }
  for (const Provenance provenance : trust) filter.provenances.set(static_cast<size_t>(provenance));
  return filter;
}

}  // namespace amont
