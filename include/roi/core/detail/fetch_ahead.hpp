// Memory that is asked for before it is needed.
#pragma once

namespace roi::detail {

/// Has what lies at an address fetched into the cache; the address need not be one of the program's.
inline void fetch_ahead([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
    __builtin_prefetch(address);
#endif
}

}  // namespace roi::detail
