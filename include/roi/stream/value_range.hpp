// The least and the largest value of an image.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace roi {

/// Values from `low` to `high`, both included.
struct ValueRange {
    double low = 0.0;
    double high = 0.0;

    friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

namespace detail {

/// \throws InvalidArgument when there was no finite value
[[nodiscard]] inline roi::ValueRange require_range(const std::optional<roi::ValueRange>& found) {
    require(found.has_value(), "value_range: the image has no finite value");
    return *found;
}

}  // namespace detail

/// Sink of `scan`: the range of all values of a run. NaN and infinity are left out.
class RangeOfValues : public SinkState {
public:
    void begin(const ScanInfo&) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        range_ = {infinity, -infinity};
    }

    template <RealVoxel T>
    void frame(std::int64_t, std::span<const T> values) {
        for (const T value : values) {
            if (!std::isfinite(value)) continue;
            range_.low = std::min(range_.low, static_cast<double>(value));
            range_.high = std::max(range_.high, static_cast<double>(value));
        }
    }

    /// Nothing when there was no finite value.
    [[nodiscard]] std::optional<ValueRange> found() const {
        require_complete("value_range");
        return range_.low <= range_.high ? std::optional(range_) : std::nullopt;
    }

    /// \throws InvalidArgument when there was no finite value
    [[nodiscard]] ValueRange result() const { return detail::require_range(found()); }

private:
    ValueRange range_{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
};

/// The least and the largest value of a volume, as they are in double, or nothing where no value is finite.
///
/// \param image  any voxel type; NaN and infinity are left out
///
/// As `.clip` of `resample_to` it keeps the values of any image in their range. One pass.
template <AnyVolume V>
[[nodiscard]] std::optional<ValueRange> find_value_range(const V& image) {
    const auto view = view_of(image);
    if constexpr (RealVoxel<VoxelOf<V>>) {
        RangeOfValues range;
        range.begin({});
        range.frame(0, view.values());
        range.scan_ends();
        return range.found();
    } else {
        if (view.size() == 0) return std::nullopt;
        const auto [low, high] = std::minmax_element(view.values().begin(), view.values().end());
        return ValueRange{static_cast<double>(*low), static_cast<double>(*high)};
    }
}

/// The same for all volumes of a run, in memory or streamed; a source is scanned once.
template <FrameSource Source>
[[nodiscard]] std::optional<ValueRange> find_value_range(Source&& source, const ScanOptions& options = {}) {
    RangeOfValues range;
    scan(source, range, options);
    return range.found();
}

/// The least and the largest value of a volume, as they are in double.
///
/// \param image  any voxel type; NaN and infinity are left out
/// \throws InvalidArgument when there is no finite value; `find_value_range` returns nothing then
///
/// One pass. Equals NumPy's `nanmin` and `nanmax` where nothing is infinite.
template <AnyVolume V>
[[nodiscard]] ValueRange value_range(const V& image) {
    return detail::require_range(find_value_range(image));
}

/// The same for all volumes of a run, in memory or streamed; a source is scanned once.
template <FrameSource Source>
[[nodiscard]] ValueRange value_range(Source&& source, const ScanOptions& options = {}) {
    return detail::require_range(find_value_range(std::forward<Source>(source), options));
}

/// A name is no image, nor a grid.
/// \{
template <class Image>
requires(!AnyVolume<Image> && !FrameSource<Image>)  //
    [[nodiscard]] std::optional<ValueRange> find_value_range(const Image&) {
    static_assert(
        detail::never<Image>,
        "roi: find_value_range takes a volume, a run or a source: write find_value_range(open(path))");
    return {};
}
template <class Image>
requires(!AnyVolume<Image> && !FrameSource<Image>)  //
    [[nodiscard]] ValueRange value_range(const Image&) {
    static_assert(detail::never<Image>,
                  "roi: value_range takes a volume, a run or a source: write value_range(open(path))");
    return {};
}
/// \}

}  // namespace roi
