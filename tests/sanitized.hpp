// Is a sanitizer watching this program? ROI_SANITIZED and ROI_THREAD_SANITIZED, for GCC and Clang: their allocations, and
// what they make of a forked process, leave no room for some tests; and all takes ten times as long, so that random tests
// have fewer rounds.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ROI_SANITIZED
#endif
#if __has_feature(thread_sanitizer)
#define ROI_THREAD_SANITIZED
#endif
#endif

#if defined(__SANITIZE_ADDRESS__) && !defined(ROI_SANITIZED)
#define ROI_SANITIZED
#endif
#if defined(__SANITIZE_THREAD__) && !defined(ROI_SANITIZED)
#define ROI_SANITIZED
#define ROI_THREAD_SANITIZED
#endif

namespace test {

/// How often something random is tried.
constexpr int rounds([[maybe_unused]] int plain, [[maybe_unused]] int sanitized) {
#if defined(ROI_SANITIZED)
    return sanitized;
#else
    return plain;
#endif
}

}  // namespace test
