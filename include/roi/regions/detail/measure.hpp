// Places, extremes and values of every region at once, by chunks of lines whose number depends on the data alone.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/quantile.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/regions/detail/label_index.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// Is a value other than NaN?
template <class V>
[[nodiscard]] bool is_number(V value) {
    if constexpr (std::is_floating_point_v<V>) return !std::isnan(value);
    return true;
}

/// What is added up of one region, or of a part of it.
struct RegionSums {
    std::int64_t size = 0;     ///< voxels
    std::int64_t numbers = 0;  ///< of them those that are not NaN
    std::array<std::int64_t, 3> low{}, high{}, place{};
    std::array<double, 3> moment{};  ///< of values times voxel positions
    double min = 0.0, max = 0.0;
    std::array<std::int64_t, 3> min_place{}, max_place{};

    /// Takes the extreme values of a part; of equal ones that of the voxel that is first with x slowest and z fastest.
    void take_min(double value, const std::array<std::int64_t, 3>& at, bool first) {
        if (!first && (value > min || (value == min && min_place <= at))) return;
        min = value;
        min_place = at;
    }
    void take_max(double value, const std::array<std::int64_t, 3>& at, bool first) {
        if (!first && (value < max || (value == max && max_place <= at))) return;
        max = value;
        max_place = at;
    }

    void add(const RegionSums& part) {
        if (part.size == 0) return;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            low[axis] = size > 0 ? std::min(low[axis], part.low[axis]) : part.low[axis];
            high[axis] = std::max(high[axis], part.high[axis]);
            place[axis] += part.place[axis];
            moment[axis] += part.moment[axis];
        }
        size += part.size;
        if (part.numbers == 0) return;
        take_min(part.min, part.min_place, numbers == 0);
        take_max(part.max, part.max_place, numbers == 0);
        numbers += part.numbers;
    }
};

/// One look at the values of all regions: labels and values on one grid, and the chunks that threads share.
///
/// \tparam L  type of the labels
/// \tparam V  type of the values
template <class L, class V>
class RegionPass {
public:
    RegionPass(const L* labels, const V* values, const Shape& shape, const LabelIndex<L>& index)
        : labels_(labels), values_(values), shape_(axes_of_voxels(shape)), index_(index) {
        const std::int64_t lines = shape_.y() * shape_.z();
        // Sums of all regions are kept for every chunk: few chunks where there are many regions.
        const auto regions = static_cast<std::int64_t>(std::max<std::size_t>(index.size(), 1));
        chunks_ = std::clamp<std::int64_t>((std::int64_t{1} << 18) / regions, 1, 32);
        chunks_ = std::min({chunks_, lines, 1 + shape.size() / 4096});
    }

    /// Sums of every region, part by part: chunk after chunk, in each the regions in the order of the index.
    void add_up() {
        parts_.assign(static_cast<std::size_t>(chunks_) * index_.size(), {});
        each_chunk([this](std::size_t chunk, std::int64_t first, std::int64_t last) {
            RegionSums* const parts = parts_.data() + chunk * index_.size();
            for_each_stretch(labels_, shape_, first, last,
                             [&](L label, std::int64_t x, std::int64_t end, std::int64_t line) {
                                 const std::size_t region = index_.find(label);
                                 if (region == index_.none) return;
                                 add_stretch(parts[region], x, end, line);
                             });
        });
    }

    /// The sums of a region as a whole.
    [[nodiscard]] RegionSums total(std::size_t region) const {
        RegionSums out;
        for (std::size_t at = region; at < parts_.size(); at += index_.size()) out.add(parts_[at]);
        return out;
    }

    /// The values of every region one after the other, x slowest and z fastest, as region signals take them; NaN too. After
    /// `add_up`.
    /// \param starts  receives where the values of each region begin, and the end of the last
    /// \param most    regions are taken so many at a time that they have no more x together, unless it is one alone
    [[nodiscard]] Buffer<V> gathered(std::vector<std::int64_t>& starts, std::int64_t most = 1 << 22) const {
        const std::size_t regions = index_.size();
        starts.assign(regions + 1, 0);
        std::vector<std::int64_t> low(regions), width(regions);
        for (std::size_t region = 0; region < regions; ++region) {
            const RegionSums whole = total(region);
            starts[region + 1] = starts[region] + whole.size;
            low[region] = whole.low[0];
            width[region] = whole.high[0] - whole.low[0];
        }
        Buffer<V> out(starts[regions], Uninitialized{});
        for (std::size_t first = 0, last = 0; first < regions; first = last) {
            // Where the next value of every x of these regions goes.
            std::vector<std::int64_t> before;
            std::int64_t places = 0;
            for (; last < regions && (last == first || places + width[last] <= most); ++last) {
                before.push_back(places - low[last]);
                places += width[last];
            }
            std::vector<std::int64_t> next(static_cast<std::size_t>(places));
            const auto each_stretch = [&](auto&& visit) {
                for_parts_of_x([&](std::int64_t begin, std::int64_t end) {
                    for_each_stretch_along_z(
                        begin, end, [&](L label, std::int64_t x, std::int64_t past, std::int64_t line) {
                            const std::size_t region = index_.find(label);
                            if (region < first || region >= last) return;
                            visit(next.data() + before[region - first], x, past, line);
                        });
                });
            };
            each_stretch([](std::int64_t* place, std::int64_t x, std::int64_t past, std::int64_t) {
                for (; x < past; ++x) ++place[x];
            });
            std::int64_t done = starts[first];
            for (std::int64_t& place : next) done += std::exchange(place, done);
            each_stretch([&](std::int64_t* place, std::int64_t x, std::int64_t past, std::int64_t line) {
                const V* const voxel = values_ + line * shape_.x();
                for (; x < past; ++x) out.data()[place[x]++] = voxel[x];
            });
        }
        return out;
    }

private:
    template <class Body>
    void each_chunk(Body&& body) const {
        const std::int64_t lines = shape_.y() * shape_.z();
        parallel_for(chunks_, 1, [&](std::int64_t chunk, std::int64_t) {
            body(static_cast<std::size_t>(chunk), chunk * lines / chunks_, (chunk + 1) * lines / chunks_);
        });
    }

    /// Calls `body(first, last)` for parts of the x axis, on several threads.
    template <class Body>
    void for_parts_of_x(Body&& body) const {
        // Parts of a cache line or more, of all lines.
        parallel_for(shape_.x(), std::max<std::int64_t>(32, (shape_.x() + 7) / 8), body);
    }

    /// As `for_each_stretch`, of the voxels with x from `begin` to before `end`, line after line with z fastest.
    template <class Visit>
    void for_each_stretch_along_z(std::int64_t begin, std::int64_t end, Visit&& visit) const {
        for (std::int64_t y = 0; y < shape_.y(); ++y) {
            for (std::int64_t z = 0; z < shape_.z(); ++z) {
                const std::int64_t line = y + z * shape_.y();
                const L* const voxel = labels_ + line * shape_.x();
                for (std::int64_t x = begin, past = 0; x < end; x = past) {
                    for (past = x + 1; past < end && voxel[past] == voxel[x];) ++past;
                    visit(voxel[x], x, past, line);
                }
            }
        }
    }

    void add_stretch(RegionSums& to, std::int64_t x, std::int64_t end, std::int64_t line) const {
        const std::int64_t y = line % shape_.y(), z = line / shape_.y(), length = end - x;
        RegionSums part;
        part.size = length;
        part.low = {x, y, z};
        part.high = {end, y + 1, z + 1};
        part.place = {length * (x + end - 1) / 2, length * y, length * z};
        const V* const voxel = values_ + line * shape_.x();
        double sum = 0.0, along_x = 0.0;
        std::int64_t least = -1, largest = -1;
        for (std::int64_t i = x; i < end; ++i) {
            const auto value = static_cast<double>(voxel[i]);
            if (!is_number(voxel[i])) continue;
            if (least < 0 || voxel[i] < voxel[least]) least = i;
            if (largest < 0 || voxel[i] > voxel[largest]) largest = i;
            ++part.numbers;
            sum += value;
            along_x += value * static_cast<double>(i);
        }
        part.moment = {along_x, sum * static_cast<double>(y), sum * static_cast<double>(z)};
        if (part.numbers > 0) {
            part.min = static_cast<double>(voxel[least]);
            part.max = static_cast<double>(voxel[largest]);
            part.min_place = {least, y, z};
            part.max_place = {largest, y, z};
        }
        to.add(part);
    }

    const L* labels_;
    const V* values_;
    Shape shape_;
    const LabelIndex<L>& index_;
    std::int64_t chunks_ = 0;
    std::vector<RegionSums> parts_;
};

/// The middle value, or the mean of the two in the middle.
template <class T>
[[nodiscard]] double median(std::span<T> values) {
    const std::size_t half = values.size() / 2;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(half);
    std::nth_element(values.begin(), at, values.end());
    const auto high = static_cast<double>(*at);
    if (values.size() % 2 == 1) return high;
    const auto low = static_cast<double>(*std::max_element(values.begin(), at));
    return low == high ? low : (low + high) / 2.0;
}

/// Counts values in bins of one width between two numbers; the last bin is closed at both ends.
///
/// Bins by the rule of NumPy's `histogram`: a first guess by multiplication, corrected by the bins' own edges.
template <class T>
[[nodiscard]] std::vector<std::int64_t> binned(std::span<const T> values, double low, double high,
                                               std::int64_t bins) {
    std::vector<std::int64_t> out(static_cast<std::size_t>(bins));
    const double step = (high - low) / static_cast<double>(bins),
                 scale = static_cast<double>(bins) / (high - low);
    const auto edge = [&](std::int64_t i) { return i == bins ? high : low + static_cast<double>(i) * step; };
    for (const T element : values) {
        const auto value = static_cast<double>(element);
        if (!(value >= low && value <= high)) continue;
        auto bin = std::min(static_cast<std::int64_t>((value - low) * scale), bins - 1);
        if (value < edge(bin)) --bin;
        if (bin + 1 < bins && value >= edge(bin + 1)) ++bin;
        ++out[static_cast<std::size_t>(std::max<std::int64_t>(bin, 0))];
    }
    return out;
}

}  // namespace roi::detail
