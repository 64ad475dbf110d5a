// BodyBudget: how many bytes the bodies of all requests that come in may hold together, so that many large
// ones at once do not take all memory. Thread-safe; a Share belongs to one request.
#pragma once

#include <atomic>
#include <cstddef>

namespace amont {

class BodyBudget {
 public:
  explicit BodyBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  class Share {
   public:
    explicit Share(BodyBudget& budget) : budget_(budget) {}
    ~Share() { Set(0); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // The request now holds so many bytes; false, and nothing changed: there is no room for them.
    bool Set(size_t bytes) {
      if (bytes > bytes_) {
        const size_t more = bytes - bytes_;
        if (budget_.held_.fetch_add(more) + more > budget_.bytes_max_) {
          budget_.held_ -= more;
          return false;
        }
      } else {
        budget_.held_ -= bytes_ - bytes;
      }
      bytes_ = bytes;
      return true;
    }

   private:
    BodyBudget& budget_;
    size_t bytes_ = 0;
  };

 private:
  const size_t bytes_max_;
  std::atomic<size_t> held_ = 0;
};

}  // namespace amont
