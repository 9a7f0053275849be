// Stored voxels to values: byte order, scaling, type.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/text.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace roi::detail {

/// How voxels lie in a file: value = slope * stored + intercept.
struct VoxelFormat {
    Datatype type = Datatype::unknown;
    bool swapped = false;  ///< the file's byte order is not this machine's
    double slope = 1.0;
    double intercept = 0.0;

    [[nodiscard]] bool scaled() const { return slope != 1.0 || intercept != 0.0; }
    /// Are the stored bytes already values of type `T`?
    template <class T>
    [[nodiscard]] bool is_native() const {
        return !std::is_same_v<T, bool> && type == datatype_of<T>() && !swapped && !scaled();
    }
};

/// The same bytes the other way round.
template <class S>
[[nodiscard]] inline S byte_swapped(S value) {
    if constexpr (sizeof(S) == 1) {
        return value;
    } else if constexpr (sizeof(S) == 2) {
        return std::bit_cast<S>(__builtin_bswap16(std::bit_cast<std::uint16_t>(value)));
    } else if constexpr (sizeof(S) == 4) {
        return std::bit_cast<S>(__builtin_bswap32(std::bit_cast<std::uint32_t>(value)));
    } else {
        return std::bit_cast<S>(__builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
    }
}

/// One stored number; `in` need not be aligned.
template <bool Swapped, class S>
[[nodiscard]] inline S stored_at(const std::byte* in, std::int64_t index) {
    using Bits = std::conditional_t<
        sizeof(S) == 1, std::uint8_t,
        std::conditional_t<sizeof(S) == 2, std::uint16_t,
                           std::conditional_t<sizeof(S) == 4, std::uint32_t, std::uint64_t>>>;
    Bits bits;
    std::memcpy(&bits, in + index * static_cast<std::int64_t>(sizeof(S)), sizeof bits);
    if constexpr (Swapped) bits = byte_swapped(bits);
    return std::bit_cast<S>(bits);
}

/// Does integer type `T` hold exactly this number?
template <class T, class S>
[[nodiscard]] inline bool holds(S value) {
    if constexpr (std::is_floating_point_v<S>) {
        constexpr auto low = static_cast<S>(std::numeric_limits<T>::min());
        // One more than the largest, a power of two, which every floating-point type holds exactly.
        constexpr auto end = static_cast<S>(std::uint64_t{1} << (std::numeric_limits<T>::digits - 1)) * S{2};
        return value >= low && value < end && value == std::trunc(value);
    } else {
        return std::in_range<T>(value);
    }
}

/// Converts numbers of one kind; returns whether all of them fit `T`. Those that do not become 0.
template <class T, class Read>
inline bool convert_values(std::int64_t count, T* out, Read read) {
    if constexpr (std::is_same_v<T, bool>) {
        for (std::int64_t i = 0; i < count; ++i) {
            const auto value = read(i);
            out[i] = value < 0 || value > 0;  // false for NaN
        }
        return true;
    } else if constexpr (std::is_floating_point_v<T>) {
        for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(read(i));
        return true;
    } else {
        bool good = true;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto value = read(i);
            const bool fits = holds<T>(value);
            out[i] = fits ? static_cast<T>(value) : T{0};
            good = good && fits;
        }
        return good;
    }
}

template <bool Swapped, class S, class T>
inline bool decode_as(const VoxelFormat& format, const std::byte* in, std::int64_t count, T* out) {
    if (!format.scaled()) {
        return convert_values(count, out, [in](std::int64_t i) { return stored_at<Swapped, S>(in, i); });
    }
    const double slope = format.slope;
    const double intercept = format.intercept;
    return convert_values(count, out, [=](std::int64_t i) {
        return slope * static_cast<double>(stored_at<Swapped, S>(in, i)) + intercept;
    });
}

/// Turns `count` stored voxels into values.
///
/// Scaling is done in double. To float and double the nearest value is taken; to bool everything but 0 and
/// NaN is true; to integers only exact values pass.
/// \returns whether every value fits `T`
template <Voxel T>
[[nodiscard]] bool decode(const VoxelFormat& format, const std::byte* in, std::int64_t count, T* out) {
    bool good = true;
    visit_type(format.type, [&]<class S>(S) {
        good = format.swapped ? decode_as<true, S>(format, in, count, out)
                              : decode_as<false, S>(format, in, count, out);
    });
    return good;
}

/// How many of `count` stored voxels are of a kind of real numbers: `is(value)` for float and double.
template <class Is>
[[nodiscard]] std::int64_t count_real(const VoxelFormat& format, const std::byte* in, std::int64_t count,
                                      Is is) {
    std::int64_t found = 0;
    visit_type(format.type, [&]<class S>(S) {
        if constexpr (std::is_floating_point_v<S>) {
            for (std::int64_t i = 0; i < count; ++i) {
                found += is(format.swapped ? stored_at<true, S>(in, i) : stored_at<false, S>(in, i));
            }
        }
    });
    return found;
}

/// How many of `count` stored voxels are NaN.
[[nodiscard]] inline std::int64_t count_nan(const VoxelFormat& format, const std::byte* in,
                                            std::int64_t count) {
    return count_real(format, in, count, [](auto value) { return std::isnan(value); });
}

/// How many are infinite.
[[nodiscard]] inline std::int64_t count_infinite(const VoxelFormat& format, const std::byte* in,
                                                 std::int64_t count) {
    return count_real(format, in, count, [](auto value) { return std::isinf(value); });
}

/// Whole numbers that a type of reals does not hold.
struct RoundedVoxels {
    std::int64_t count = 0;
    std::string first;  ///< the first of them as it is stored
};

/// Those of `count` stored voxels that `T` does not hold; of numbers that are scaled none, because what comes out is real.
template <RealVoxel T>
[[nodiscard]] RoundedVoxels rounded_voxels(const VoxelFormat& format, const std::byte* in,
                                           std::int64_t count) {
    RoundedVoxels found;
    if (format.scaled()) return found;
    visit_type(format.type, [&]<class S>(S) {
        if constexpr (std::is_integral_v<S> && sizeof(S) >= sizeof(T)) {
            const auto at = [&](std::int64_t i) {
                return format.swapped ? stored_at<true, S>(in, i) : stored_at<false, S>(in, i);
            };
            const auto is_rounded = [](S value) {
                const auto real = static_cast<T>(value);
                return !(holds<S>(real) && static_cast<S>(real) == value);
            };
            for (std::int64_t i = 0; i < count; ++i) found.count += is_rounded(at(i));
            for (std::int64_t i = 0; found.first.empty() && found.count > 0; ++i) {
                if (is_rounded(at(i))) found.first = text(at(i));
            }
        }
    });
    return found;
}

/// How many of `count` stored voxels are numbers that become infinite or 0 as `T`; scaled ones are not looked at.
template <RealVoxel T>
[[nodiscard]] std::int64_t count_beyond(const VoxelFormat& format, const std::byte* in, std::int64_t count) {
    std::int64_t found = 0;
    if (format.scaled()) return found;
    visit_type(format.type, [&]<class S>(S) {
        if constexpr (std::is_floating_point_v<S> && sizeof(S) > sizeof(T)) {
            for (std::int64_t i = 0; i < count; ++i) {
                const S value = format.swapped ? stored_at<true, S>(in, i) : stored_at<false, S>(in, i);
                const auto rounded = static_cast<T>(value);
                found += (std::isinf(rounded) && !std::isinf(value)) || (rounded == T{0} && value != S{0});
            }
        }
    });
    return found;
}

/// Is there among `count` stored voxels a number with more digits than `T` holds? Scaled ones are not looked at.
template <RealVoxel T>
[[nodiscard]] bool any_with_more_digits(const VoxelFormat& format, const std::byte* in, std::int64_t count) {
    bool found = false;
    if (format.scaled()) return found;
    visit_type(format.type, [&]<class S>(S) {
        if constexpr (std::is_floating_point_v<S> && sizeof(S) > sizeof(T)) {
            for (std::int64_t i = 0; i < count && !found; ++i) {
                const S value = format.swapped ? stored_at<true, S>(in, i) : stored_at<false, S>(in, i);
                found = static_cast<S>(static_cast<T>(value)) != value && !std::isnan(value);
            }
        }
    });
    return found;
}

/// The first value among `count` stored voxels that integer type `T` does not hold, in words and as a double.
struct Misfit {
    std::string shown;
    double value = 0.0;
    bool fits_int64 = false;
    bool fits_uint64 = false;
};

/// \param skip_nan  look for another one
template <IntegerVoxel T>
[[nodiscard]] std::optional<Misfit> first_misfit(const VoxelFormat& format, const std::byte* in,
                                                 std::int64_t count, bool skip_nan) {
    const auto size = static_cast<std::int64_t>(size_of(format.type));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::byte* const voxel = in + i * size;
        T ignored;
        if (decode(format, voxel, 1, &ignored)) continue;
        if (skip_nan && count_nan(format, voxel, 1) == 1) continue;
        Misfit out;
        std::int64_t with_sign = 0;
        std::uint64_t without = 0;
        (void)decode(format, voxel, 1, &out.value);
        out.fits_int64 = decode(format, voxel, 1, &with_sign);
        out.fits_uint64 = decode(format, voxel, 1, &without);
        out.shown = out.fits_int64 ? text(with_sign) : out.fits_uint64 ? text(without) : text(out.value);
        return out;
    }
    return std::nullopt;
}

}  // namespace roi::detail
