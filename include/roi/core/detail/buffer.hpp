// Owning, contiguous memory for voxels: what std::vector would be without vector<bool> and forced zeroing.
#pragma once

#include <roi/core/detail/memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace roi::detail {

/// Asks Linux for pages of 2 MB where they save more than they can cost.
///
/// 128 MB take 64 page faults then and not 32,768, which are half of the time of `label`. Smaller buffers
/// gain little, and for larger ones a virtual machine may have to ask its host for memory that it had given
/// back, which costs more than the faults; benchmarks/README.md has the numbers.
inline void prefer_large_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr std::size_t page = std::size_t{2} << 20;
    if (bytes < 4 * page || bytes > 64 * page) return;
    const std::size_t before_page = (page - reinterpret_cast<std::uintptr_t>(data) % page) % page;
    madvise(static_cast<char*>(data) + before_page, (bytes - before_page) / page * page, MADV_HUGEPAGE);
#endif
}

/// Has Linux map memory that is about to be written, so that writing it meets no page faults.
///
/// A page costs 2/3 then of what faulting it in costs, if what is mapped together still is in cache when it is written:
/// a volume of a run, say, and not the whole run. Memory that is mapped already costs next to nothing.
inline void map_before_writing([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
    constexpr std::size_t page = 4096;
    const std::size_t before_page = (page - reinterpret_cast<std::uintptr_t>(data) % page) % page;
    if (bytes < before_page + page) return;
    madvise(static_cast<char*>(data) + before_page, (bytes - before_page) / page * page, MADV_POPULATE_WRITE);
#endif
}

/// Asks for memory that the caller is about to write in full.
struct Uninitialized {};

/// `size` values of a trivial type, aligned to a cache line; `std::bad_alloc` also where the system would promise memory that
/// it does not have, because it is going to be written.
template <class T>
requires std::is_trivially_copyable_v<T>
class Buffer {
public:
    Buffer() = default;

    Buffer(std::int64_t size, Uninitialized) : data_(size > 0 ? allocated(size) : nullptr), size_(size) {
        if (size > 0) prefer_large_pages(data_.get(), bytes(size));
    }

    Buffer(std::int64_t size, T value) : Buffer(size, Uninitialized{}) {
        std::uninitialized_fill_n(data_.get(), size_, value);
    }

    Buffer(const Buffer& other) : Buffer(other.size_, Uninitialized{}) {
        std::uninitialized_copy_n(other.data_.get(), other.size_, data_.get());
    }

    Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

    Buffer& operator=(Buffer other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }

    ~Buffer() = default;

    /// Looks at memory of somebody else, who must call `release` before the buffer goes.
    [[nodiscard]] static Buffer borrowed(T* data, std::int64_t size) {
        Buffer out;
        out.data_.reset(data);
        out.size_ = size;
        return out;
    }
    void release() noexcept {
        (void)data_.release();
        size_ = 0;
    }

    [[nodiscard]] T* data() { return data_.get(); }
    [[nodiscard]] const T* data() const { return data_.get(); }
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] std::span<T> span() { return {data_.get(), static_cast<std::size_t>(size_)}; }
    [[nodiscard]] std::span<const T> span() const { return {data_.get(), static_cast<std::size_t>(size_)}; }

private:
    static constexpr std::align_val_t alignment{64};

    struct Free {
        void operator()(T* data) const { ::operator delete(data, alignment); }
    };

    static T* allocated(std::int64_t size) {
        const std::size_t count = bytes(size);
        if (!is_memory_for(size, sizeof(T))) throw std::bad_alloc();
        return static_cast<T*>(::operator new(count, alignment));
    }

    static std::size_t bytes(std::int64_t size) {
        const auto count = static_cast<std::uint64_t>(size);
        if (count > std::uint64_t{PTRDIFF_MAX} / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<std::size_t>(count) * sizeof(T);
    }

    std::unique_ptr<T[], Free> data_;
    std::int64_t size_ = 0;
};

}  // namespace roi::detail
