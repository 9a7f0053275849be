// The values of regions over a whole run, each volume in the type in which it was shown.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace roi::detail {

/// Values of the same places in every volume, for statistics that look at all volumes.
///
/// Of a run of 16-bit whole numbers that is a quarter of what double would take, and in double they are the same values.
/// Every volume has memory of its own: threads fill different ones at once, and runs of different types follow each other.
class KeptValues {
public:
    /// Forgets what was kept, and expects so many volumes of so many places.
    void restart(std::int64_t frames, std::size_t places) {
        frames_.assign(static_cast<std::size_t>(frames), {});
        places_ = places;
    }

    /// Memory for all values of a volume, made when first asked for; to be filled by whoever asks.
    template <NumberVoxel T>
    [[nodiscard]] T* of_frame(std::int64_t frame) {
        auto& of_this = frames_[static_cast<std::size_t>(frame)];
        if (of_this.read != &read_as<T>) {
            const auto bytes = static_cast<std::int64_t>(places_ * sizeof(T));
            of_this = {Buffer<std::byte>(bytes, Uninitialized{}), &read_as<T>};
        }
        return reinterpret_cast<T*>(of_this.bytes.data());
    }

    /// The values of consecutive places of a volume; 0 where it was never shown.
    void read(std::int64_t frame, std::size_t first, std::span<double> out) const {
        const auto& of_this = frames_[static_cast<std::size_t>(frame)];
        if (of_this.read) {
            of_this.read(of_this.bytes.data(), first, out);
        } else {
            std::fill(out.begin(), out.end(), 0.0);
        }
    }

    /// Adds the volumes of others of the same places.
    void append(const KeptValues& other) {
        frames_.insert(frames_.end(), other.frames_.begin(), other.frames_.end());
    }

private:
    template <NumberVoxel T>
    static void read_as(const std::byte* values, std::size_t first, std::span<double> out) {
        const T* const from = reinterpret_cast<const T*>(values) + first;
        std::transform(from, from + out.size(), out.begin(),
                       [](T value) { return static_cast<double>(value); });
    }

    struct Frame {
        Buffer<std::byte> bytes;
        void (*read)(const std::byte* values, std::size_t first, std::span<double> out) = nullptr;
    };

    std::vector<Frame> frames_;
    std::size_t places_ = 0;
};

}  // namespace roi::detail
