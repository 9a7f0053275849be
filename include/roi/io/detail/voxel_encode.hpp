// Values to stored voxels: which type holds them, with which scaling, and what is lost.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/voxel_decode.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// How values will be stored, and in words what that loses; empty when nothing.
struct StoragePlan {
    VoxelFormat format{};
    std::string loss;
};

/// What the choice of a type depends on.
template <class T>
struct ValueRange {
    T low{};  ///< of the finite values; both 0 when there are none
    T high{};
    bool any = false;
    bool has_nan = false;
    bool has_infinity = false;
    bool all_whole = true;   ///< every value is finite and an integer, and none is -0
    bool all_single = true;  ///< every value survives float
};

template <Voxel T>
[[nodiscard]] ValueRange<T> range_of(std::span<const T> values) {
    ValueRange<T> range;
    for (const T value : values) {
        if constexpr (std::is_floating_point_v<T>) {
            range.all_single =
                range.all_single && (std::isnan(value) || T{static_cast<float>(value)} == value);
            if (!std::isfinite(value)) {
                range.all_whole = false;
                (std::isnan(value) ? range.has_nan : range.has_infinity) = true;
                continue;
            }
            range.all_whole =
                range.all_whole && value == std::trunc(value) && !(value == 0 && std::signbit(value));
        }
        range.low = range.any ? std::min(range.low, value) : value;
        range.high = range.any ? std::max(range.high, value) : value;
        range.any = true;
    }
    return range;
}

/// Does a stored type hold every value of a range exactly?
template <class T>
[[nodiscard]] bool holds_exactly(Datatype type, const ValueRange<T>& range) {
    bool exact = false;
    visit_type(type, [&]<class S>(S) {
        if constexpr (std::is_same_v<T, bool>) {
            exact = true;
        } else if constexpr (std::is_floating_point_v<S> && std::is_floating_point_v<T>) {
            exact = sizeof(S) >= sizeof(T) || range.all_single;
        } else if constexpr (std::is_floating_point_v<S>) {
            // Integers up to two to the power of the mantissa's width have no gaps.
            constexpr auto most = std::int64_t{1} << std::numeric_limits<S>::digits;
            exact = std::cmp_greater_equal(range.low, -most) && std::cmp_less_equal(range.high, most);
        } else {
            exact = range.all_whole && holds<S>(range.low) && holds<S>(range.high);
        }
    });
    return exact;
}

/// The smallest type without loss: bool as uint8, integers in the narrowest of uint8, int16, int32 and their
/// own type, real numbers in their own.
template <class T>
[[nodiscard]] Datatype smallest_exact(const ValueRange<T>& range) {
    if constexpr (IntegerVoxel<T>) {
        for (const Datatype type : {Datatype::uint8, Datatype::int16, Datatype::int32}) {
            if (size_of(type) > sizeof(T)) break;
            if (holds_exactly(type, range)) return type;
        }
    }
    return datatype_of<T>();
}

/// Slope and intercept that spread real values over a whole integer type.
///
/// nibabel's rule: slope = (max - min) / (number of codes - 1), the smallest value gets the smallest code;
/// for unsigned types the end nearer to 0 gets code 0. NaN is stored as the code nearest to 0, so 0 joins the
/// range. Both are rounded to float, as NIfTI-1 stores them.
template <RealVoxel T>
[[nodiscard]] VoxelFormat spread(Datatype type, const ValueRange<T>& range) {
    VoxelFormat format{.type = type};
    double low = static_cast<double>(range.low);
    double high = static_cast<double>(range.high);
    if (range.has_nan) {
        low = std::min(low, 0.0);
        high = std::max(high, 0.0);
    }
    visit_type(type, [&]<class S>(S) {
        const auto first = static_cast<double>(std::numeric_limits<S>::min());
        auto last = static_cast<float>(std::numeric_limits<S>::max());
        if (!holds<S>(last)) last = std::nextafter(last, 0.0f);
        if (high == low) {
            format.intercept = low;
            return;
        }
        format.slope = high / (double{last} - first) - low / (double{last} - first);
        format.intercept = low - first * format.slope;
        if (first == 0.0 && std::abs(high) < std::abs(low)) {
            format.intercept = high;
            format.slope = -format.slope;
        }
    });
    format.slope = double{static_cast<float>(format.slope)};
    format.intercept = double{static_cast<float>(format.intercept)};
    if (format.slope == 0.0) format.slope = double{std::numeric_limits<float>::denorm_min()};
    if (!std::isfinite(format.slope) || !std::isfinite(format.intercept)) {
        throw InvalidArgument(text("save: values from ", low, " to ", high, " cannot be scaled to ",
                                   name_of(type), "; save them as float32 or float64"));
    }
    return format;
}

/// In words, what `format` does to values of a range.
template <RealVoxel T>
[[nodiscard]] std::string described_loss(const VoxelFormat& format, const ValueRange<T>& range) {
    const auto name = name_of(format.type);
    if (format.type == Datatype::float32) return "values are rounded from float64 to float32";
    std::string loss = text("values are rounded to ", name);
    if (format.scaled()) {
        loss = text("values are stored as ", name, " with slope ", format.slope, " and intercept ",
                    format.intercept, " and change by up to ", std::abs(format.slope) / 2);
    }
    if (range.has_nan) loss += "; NaN becomes the code nearest to 0";
    if (range.has_infinity) loss += "; infinities become the largest or smallest value";
    return loss;
}

/// Decides how values are stored.
///
/// \param wanted    type to store, or unknown for the smallest exact one
/// \param may_widen when `wanted` cannot hold integers, take an exact type and say so, instead of an error
/// \throws InvalidArgument when integers or labels do not fit `wanted`; they are never scaled
template <Voxel T>
[[nodiscard]] StoragePlan plan_storage(std::span<const T> values, Datatype wanted, bool may_widen) {
    if (wanted == datatype_of<T>()) return {{.type = wanted}, {}};
    if (wanted == Datatype::unknown && !IntegerVoxel<T>) return {{.type = datatype_of<T>()}, {}};
    const auto range = range_of(values);
    if (wanted == Datatype::unknown) return {{.type = smallest_exact(range)}, {}};
    if (holds_exactly(wanted, range)) return {{.type = wanted}, {}};
    if constexpr (std::is_floating_point_v<T>) {
        StoragePlan plan;
        plan.format = wanted == Datatype::float32 ? VoxelFormat{.type = wanted} : spread(wanted, range);
        plan.loss = described_loss(plan.format, range);
        return plan;
    } else {
        const auto problem =
            text("values from ", range.low, " to ", range.high, " do not fit ", name_of(wanted));
        if (!may_widen) {
            throw InvalidArgument(
                text("save: ", problem, "; leave the datatype open to have a fitting one chosen"));
        }
        const Datatype type = smallest_exact(range);
        return {{.type = type}, text(problem, "; stored as ", name_of(type))};
    }
}

/// Turns values into stored voxels, in this machine's byte order; `out` has room for all of them.
template <Voxel T>
void encode(const VoxelFormat& format, std::span<const T> values, std::byte* out) {
    visit_type(format.type, [&]<class S>(S) {
        const auto store = [&](std::size_t i, S value) {
            std::memcpy(out + i * sizeof(S), &value, sizeof value);
        };
        if constexpr (std::is_floating_point_v<T> && std::is_integral_v<S>) {
            const auto first = static_cast<double>(std::numeric_limits<S>::min());
            auto last = static_cast<double>(std::numeric_limits<S>::max());
            if (!holds<S>(last)) last = std::nextafter(last, 0.0);  // 64-bit limits round up
            const auto code = [&](double value) {
                return std::clamp(std::nearbyint((value - format.intercept) / format.slope), first, last);
            };
            const double nan_code = code(0.0);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const auto value = static_cast<double>(values[i]);
                store(i, static_cast<S>(std::isnan(value) ? nan_code : code(value)));
            }
        } else {
            for (std::size_t i = 0; i < values.size(); ++i) store(i, static_cast<S>(values[i]));
        }
    });
}

/// The scale of a file of integers that an image came from; nothing where there was none.
template <Voxel T>
[[nodiscard]] std::optional<VoxelFormat> scale_of_reference(const Storage& storage) {
    bool integers = false;
    if (size_of(storage.datatype) > 0) {
        visit_type(storage.datatype, [&]<class S>(S) { integers = std::is_integral_v<S>; });
    }
    const bool scaled = storage.slope != 1.0 || storage.intercept != 0.0;
    if (!RealVoxel<T> || !integers || !scaled) return std::nullopt;
    return VoxelFormat{.type = storage.datatype, .slope = storage.slope, .intercept = storage.intercept};
}

/// The first value that does not come back the same when it is stored so; the number of values when all do.
template <RealVoxel T>
[[nodiscard]] std::size_t first_changed(const VoxelFormat& format, std::span<const T> values) {
    constexpr std::size_t piece = 4096;
    std::vector<std::byte> stored(piece * size_of(format.type));
    std::vector<T> back(piece);
    for (std::size_t done = 0; done < values.size(); done += piece) {
        const auto now = values.subspan(done, std::min(piece, values.size() - done));
        encode(format, now, stored.data());
        (void)decode(format, stored.data(), static_cast<std::int64_t>(now.size()), back.data());
        const auto at = std::mismatch(now.begin(), now.end(), back.begin()).first;
        if (at != now.end()) return done + static_cast<std::size_t>(at - now.begin());
    }
    return values.size();
}

}  // namespace roi::detail
