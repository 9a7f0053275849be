// Which instruction set the hot kernels use, chosen when the program runs.
#pragma once

#include <atomic>

// A kernel is written once as an always-inline body and compiled a second time for AVX2. FMA is left out on
// purpose: without it both give the same bits. No flag of the user's build is needed or changed.
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define ROI_HAS_AVX2_KERNELS 1
#define ROI_TARGET_AVX2 __attribute__((target("avx2")))
#define ROI_ALWAYS_INLINE __attribute__((always_inline)) inline
#else
#define ROI_HAS_AVX2_KERNELS 0
#define ROI_TARGET_AVX2
#define ROI_ALWAYS_INLINE inline
#endif

namespace roi::detail {

enum class InstructionSet { best, baseline, avx2 };

inline std::atomic<InstructionSet>& forced_instruction_set() {
    static std::atomic<InstructionSet> forced{InstructionSet::best};
    return forced;
}

/// For tests: what the kernels use from now on; `best` is what the processor has.
inline void force_instruction_set(InstructionSet set) {
    forced_instruction_set().store(set, std::memory_order_relaxed);
}

/// Should the AVX2 form of a kernel be called?
[[nodiscard]] inline bool use_avx2() {
#if ROI_HAS_AVX2_KERNELS
    static const bool available = __builtin_cpu_supports("avx2") != 0;
    return available && forced_instruction_set().load(std::memory_order_relaxed) != InstructionSet::baseline;
#else
    return false;
#endif
}

}  // namespace roi::detail
