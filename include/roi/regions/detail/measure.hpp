// Sums, extremes and values of every region at once, by chunks of lines whose number depends on the data alone.
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
#include <vector>

namespace roi::detail {

/// What is added up of one region, or of a part of it.
struct RegionSums {
    std::int64_t size = 0;     ///< voxels
    std::int64_t numbers = 0;  ///< of them those that are not NaN
    std::array<std::int64_t, 3> low{}, high{}, place{};
    double sum = 0.0;
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
        sum += part.sum;
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
        : labels_(labels), values_(values), shape_(shape), index_(index) {
        const std::int64_t lines = shape.size() > 0 ? shape.y() * shape.z() : 0;
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

    /// Sums of squared differences from the regions' means; NaN left out. After `add_up`.
    ///
    /// \param means  as the sums give them: the sum of the differences tells what rounding has left of the true ones, and is
    ///               taken out of the squares (Chan, Golub and LeVeque 1983, their corrected two-pass algorithm)
    [[nodiscard]] std::vector<double> squares(const std::vector<double>& means) const {
        struct Differences {
            double sum = 0.0, squares = 0.0;
        };
        std::vector<Differences> parts(parts_.size());
        each_chunk([&](std::size_t chunk, std::int64_t first, std::int64_t last) {
            Differences* const sums = parts.data() + chunk * index_.size();
            for_each_stretch(labels_, shape_, first, last,
                             [&](L label, std::int64_t x, std::int64_t end, std::int64_t line) {
                                 const std::size_t region = index_.find(label);
                                 if (region == index_.none) return;
                                 const V* const voxel = values_ + line * shape_.x();
                                 Differences part;
                                 for (; x < end; ++x) {
                                     const double d = static_cast<double>(voxel[x]) - means[region];
                                     part.sum += d == d ? d : 0.0;
                                     part.squares += d == d ? d * d : 0.0;
                                 }
                                 sums[region].sum += part.sum;
                                 sums[region].squares += part.squares;
                             });
        });
        std::vector<double> out(index_.size());
        for (std::size_t region = 0; region < out.size(); ++region) {
            const RegionSums whole = total(region);
            Differences all;
            for (std::size_t at = region; at < parts.size(); at += index_.size()) {
                all.sum += parts[at].sum;
                all.squares += parts[at].squares;
            }
            const double rounding =
                all.sum * all.sum / static_cast<double>(std::max<std::int64_t>(whole.numbers, 1));
            if (whole.min == whole.max) continue;
            out[region] = std::isfinite(rounding) ? std::max(all.squares - rounding, 0.0) : all.squares;
        }
        return out;
    }

    /// The values of every region one after the other, in the order of memory; NaN left out. After `add_up`.
    /// \param starts  receives where the values of each region begin, and the end of the last
    [[nodiscard]] Buffer<V> gathered(std::vector<std::int64_t>& starts) const {
        const std::size_t regions = index_.size();
        starts.assign(regions + 1, 0);
        std::vector<std::int64_t> next(parts_.size());
        std::int64_t done = 0;
        for (std::size_t region = 0; region < regions; ++region) {
            starts[region] = done;
            for (std::size_t at = region; at < parts_.size(); at += regions) {
                next[at] = done;
                done += parts_[at].numbers;
            }
        }
        starts[regions] = done;
        Buffer<V> out(done, Uninitialized{});
        each_chunk([&](std::size_t chunk, std::int64_t first, std::int64_t last) {
            std::int64_t* const place = next.data() + chunk * regions;
            for_each_stretch(labels_, shape_, first, last,
                             [&](L label, std::int64_t x, std::int64_t end, std::int64_t line) {
                                 const std::size_t region = index_.find(label);
                                 if (region == index_.none) return;
                                 const V* const voxel = values_ + line * shape_.x();
                                 V* to = out.data() + place[region];
                                 for (; x < end; ++x) {
                                     if (voxel[x] == voxel[x]) *to++ = voxel[x];
                                 }
                                 place[region] = to - out.data();
                             });
        });
        return out;
    }

private:
    template <class Body>
    void each_chunk(Body&& body) const {
        const std::int64_t lines = chunks_ > 0 ? shape_.y() * shape_.z() : 0;
        parallel_for(chunks_, 1, [&](std::int64_t chunk, std::int64_t) {
            body(static_cast<std::size_t>(chunk), chunk * lines / chunks_, (chunk + 1) * lines / chunks_);
        });
    }

    void add_stretch(RegionSums& to, std::int64_t x, std::int64_t end, std::int64_t line) const {
        const std::int64_t y = line % shape_.y(), z = line / shape_.y(), length = end - x;
        RegionSums part;
        part.size = length;
        part.low = {x, y, z};
        part.high = {end, y + 1, z + 1};
        part.place = {length * (x + end - 1) / 2, length * y, length * z};
        const V* const voxel = values_ + line * shape_.x();
        double along_x = 0.0;
        std::int64_t least = -1, largest = -1;
        for (std::int64_t i = x; i < end; ++i) {
            const auto value = static_cast<double>(voxel[i]);
            if (value != value) continue;
            if (least < 0 || voxel[i] < voxel[least]) least = i;
            if (largest < 0 || voxel[i] > voxel[largest]) largest = i;
            ++part.numbers;
            part.sum += value;
            along_x += value * static_cast<double>(i);
        }
        part.moment = {along_x, part.sum * static_cast<double>(y), part.sum * static_cast<double>(z)};
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
