// RunOnBigStack: runs work that recurses deeply, which is all that touches SQL's parser or walks its trees,
// on a thread with a 64 MiB stack, and waits for it.
//
// The process has one fixed pool of kBigStacks such threads, started at first use and joined at exit: the
// parser leaks one thread key a thread, so there is never one a request. Callers beyond the pool wait their
// turn; work may not call RunOnBigStack itself. Memory of a stack is taken as it is touched. Any thread may
// call. Where the system gives no thread the program ends: it could parse nothing.
#pragma once

#include <cstddef>
#include <functional>

namespace amont {

inline constexpr size_t kBigStackBytes = 64U << 20U;
inline constexpr int kBigStacks = 2;  // parsing is rare and takes milliseconds; more would only cost memory

void RunOnBigStack(const std::function<void()>& work);

}  // namespace amont
