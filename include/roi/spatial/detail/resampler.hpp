// Volumes of one grid made into volumes of another: which voxel is where, and the passes over them.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/aligned_planes.hpp>
#include <roi/spatial/detail/places.hpp>
#include <roi/spatial/detail/slanted_row.hpp>
#include <roi/spatial/detail/voxel_map.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace roi::detail {

/// Replaces every voxel that is not finite by the mean of its finite face neighbours, twice; what has none becomes 0.
///
/// The second round sees what the first has made. nilearn's way to keep NaN out of a spline.
template <RealVoxel T>
void bridge_gaps(const T* in, const Shape& shape, Buffer<T>& out) {
    const auto size = static_cast<std::size_t>(shape.size());
    out = Buffer<T>(shape.size(), Uninitialized{});
    std::copy_n(in, size, out.data());
    std::vector<std::int64_t> gaps;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        if (!std::isfinite(out.data()[i])) gaps.push_back(i);
    }
    const std::array<std::int64_t, 3> strides{1, shape.x(), shape.x() * shape.y()};
    for (int round = 0; round < 2; ++round) {
        std::vector<std::pair<std::int64_t, T>> found;
        std::vector<std::int64_t> left;
        for (const std::int64_t i : gaps) {
            const auto voxel = shape.voxel(i);
            double sum = 0.0;
            int count = 0;
            const auto add = [&](std::int64_t neighbour) {
                const auto value = static_cast<double>(out.data()[neighbour]);
                if (!std::isfinite(value)) return;
                sum += value;
                ++count;
            };
            for (std::size_t axis = 0; axis < 3; ++axis) {
                if (voxel[axis] > 0) add(i - strides[axis]);
                if (voxel[axis] + 1 < shape[static_cast<int>(axis)]) add(i + strides[axis]);
            }
            if (count > 0) {
                found.emplace_back(i, static_cast<T>(sum / count));
            } else {
                left.push_back(i);
            }
        }
        for (const auto& [i, value] : found) out.data()[i] = value;
        gaps = std::move(left);
    }
    for (const std::int64_t i : gaps) out.data()[i] = T{0};
}

/// Calls `body` for all items on the calling thread.
struct InTurn {
    template <class Body>
    void operator()(std::int64_t count, std::int64_t, const Body& body) const {
        body(std::int64_t{0}, count);
    }
};

/// Brings volumes of one grid to another.
class Resampler {
public:
    /// Memory of one thread; a volume of double of the source, or as much of the target as has been interpolated.
    struct Workspace {
        Buffer<double> values;
    };

    Resampler() = default;

    /// \param taps  samples along each axis that a value is made of: 1 nearest, 2 linear, 4 cubic spline
    /// \throws InvalidArgument when the affine of `source` cannot be inverted
    Resampler(const Grid& source, const Grid& target, int taps)
        : source_(axes_of_voxels(source.shape())),
          target_(axes_of_voxels(target.shape())),
          taps_(taps),
          map_(voxel_map(target, source)) {
        // A grid that is the same but for rounding, as affines in files are, has the same voxels.
        if (same_grid(source, target)) map_ = {{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {0, 0, 0}};
        aligned_ = align();
    }

    /// Does any voxel of the target lie within the outermost centres of the source?
    [[nodiscard]] bool reaches() const {
        if (aligned_) return axes_[0].count() > 0 && axes_[1].count() > 0 && axes_[2].count() > 0;
        for (std::int64_t z = 0; z < target_.z(); ++z) {
            for (std::int64_t y = 0; y < target_.y(); ++y) {
                const auto inside = inside_of(source_, slanted(y, z));
                if (inside.first < inside.last) return true;
            }
        }
        return false;
    }

    /// Is every voxel of the result one of the source's?
    [[nodiscard]] bool copies() const { return taps_ == 1; }

    void set_limits(const ClipLimits& limits) { limits_ = limits; }

    /// Gives the weights of voxels that are not finite to the others, instead of bridging them.
    void leave_out_non_finite() { leaves_out_ = true; }

    /// Fills `out` with the volume `in` as it is on the target's grid.
    ///
    /// Where voxels are not finite, they are bridged by their neighbours, and the places nearest to them become NaN; or
    /// they are left out, and places that have most of their weight among them become NaN.
    ///
    /// \param each  `each(count, grain, body)` calls body(first, last) for ranges that cover [0, count)
    template <Voxel In, Voxel Out, class Each>
    void apply(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        if (source_.size() == 0) {
            std::fill_n(out, target_.size(), fill);
            return;
        }
        if (copies()) {
            for_each_nearest_row(each, [&](std::int64_t row, const InsideOfRow& inside, std::int64_t base,
                                           const std::int64_t* samples) {
                Out* to = out + row;
                const In* from = in + base;
                std::fill(to, to + inside.first, fill);
                for (std::int64_t x = inside.first; x < inside.last; ++x) {
                    to[x] = static_cast<Out>(from[samples[x]]);
                }
                std::fill(to + inside.last, to + target_.x(), fill);
            });
            return;
        }
        if constexpr (NumberVoxel<In> && RealVoxel<Out>) {
            if constexpr (RealVoxel<In>) {
                if (!all_finite(std::span(in, static_cast<std::size_t>(source_.size())))) {
                    if (leaves_out_) return interpolate_finite(in, out, fill, work, each);
                    Buffer<In> bridged;
                    bridge_gaps(in, source_, bridged);
                    interpolate(bridged.data(), out, fill, work, each);
                    for_each_nearest_row(each, [&](std::int64_t row, const InsideOfRow& inside,
                                                   std::int64_t base, const std::int64_t* samples) {
                        for (std::int64_t x = inside.first; x < inside.last; ++x) {
                            if (!std::isfinite(in[base + samples[x]])) {
                                out[row + x] = std::numeric_limits<Out>::quiet_NaN();
                            }
                        }
                    });
                    return;
                }
            }
            interpolate(in, out, fill, work, each);
        }
    }

private:
    /// Finds the axes of the source that those of the target run along, and which samples belong to which voxel.
    bool align() {
        std::array<std::size_t, 3> main{};
        std::array<bool, 3> taken{};
        for (std::size_t column = 0; column < 3; ++column) {
            for (std::size_t row = 1; row < 3; ++row) {
                if (std::abs(map_.linear[row][column]) > std::abs(map_.linear[main[column]][column])) {
                    main[column] = row;
                }
            }
            if (taken[main[column]]) return false;
            taken[main[column]] = true;
        }
        // What a slant moves the farthest voxel by must not matter.
        for (std::size_t column = 0; column < 3; ++column) {
            for (std::size_t row = 0; row < 3; ++row) {
                const double reach = static_cast<double>(target_[static_cast<int>(column)]);
                if (row != main[column] && std::abs(map_.linear[row][column]) * reach > 1e-7) return false;
            }
        }
        bool whole = true;
        for (std::size_t column = 0; column < 3; ++column) {
            AlignedAxis& axis = axes_[column];
            axis.from = main[column];
            axis.samples = source_[static_cast<int>(axis.from)];
            const double step = map_.linear[axis.from][column], offset = map_.offset[axis.from];
            for (std::int64_t o = 0; o < target_[static_cast<int>(column)]; ++o) {
                double place = step * static_cast<double>(o) + offset;
                if (!on_line(place, axis.samples)) {
                    if (axis.places.empty()) axis.first = o + 1;
                    continue;
                }
                whole = whole && std::abs(place - std::nearbyint(place)) <= edge_slack;
                axis.places.push_back(place);
            }
        }
        // Places that are voxels, all of them, need no interpolation: the values come back bit for bit.
        if (whole) taps_ = 1;
        if (taps_ == 1) return true;
        for (AlignedAxis& axis : axes_) {
            for (const double place : axis.places) {
                const auto below = static_cast<std::int64_t>(place);
                const double t = place - static_cast<double>(below);
                const auto weights = spline_weights(t);
                for (std::int64_t k = 0; k < taps_; ++k) {
                    axis.samples_of.push_back(mirrored(taps_ == 4 ? below - 1 + k : below + k, axis.samples));
                    axis.weights.push_back(taps_ == 4 ? weights[static_cast<std::size_t>(k)]
                                           : k == 0   ? 1.0 - t
                                                      : t);
                }
            }
        }
        return true;
    }

    /// Calls `visit(first voxel of a row of the target, which of its voxels are inside, base, samples)` for every row;
    /// voxel x of it is nearest to voxel base + samples[x] of the source.
    template <class Each, class Visit>
    void for_each_nearest_row(const Each& each, const Visit& visit) const {
        if (!aligned_) {
            each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
                std::vector<std::int64_t> samples(static_cast<std::size_t>(target_.x()));
                for (std::int64_t z = first; z < last; ++z) {
                    for (std::int64_t y = 0; y < target_.y(); ++y) {
                        const auto row = slanted(y, z);
                        const auto inside = inside_of(source_, row);
                        slanted_samples(source_, row, inside, samples.data());
                        visit(target_.index(0, y, z), inside, std::int64_t{0}, samples.data());
                    }
                }
            });
            return;
        }
        const std::array<std::int64_t, 3> strides{1, source_.x(), source_.x() * source_.y()};
        std::array<std::vector<std::int64_t>, 3> offsets;
        std::array<InsideOfRow, 3> inside;
        for (std::size_t a = 0; a < 3; ++a) {
            const AlignedAxis& axis = axes_[a];
            inside[a] = {axis.first, axis.first + axis.count()};
            offsets[a].resize(static_cast<std::size_t>(inside[a].last));
            for (std::int64_t i = inside[a].first; i < inside[a].last; ++i) {
                offsets[a][static_cast<std::size_t>(i)] =
                    nearest_sample(axis.places[static_cast<std::size_t>(i - axis.first)], axis.samples) *
                    strides[axis.from];
            }
        }
        each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t z = first; z < last; ++z) {
                for (std::int64_t y = 0; y < target_.y(); ++y) {
                    const bool outside = z < inside[2].first || z >= inside[2].last || y < inside[1].first ||
                                         y >= inside[1].last;
                    const std::int64_t base = outside ? 0
                                                      : offsets[2][static_cast<std::size_t>(z)] +
                                                            offsets[1][static_cast<std::size_t>(y)];
                    visit(target_.index(0, y, z), outside ? InsideOfRow{} : inside[0], base,
                          offsets[0].data());
                }
            }
        });
    }

    template <NumberVoxel In, RealVoxel Out, class Each>
    void interpolate(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        if (taps_ == 2) {
            aligned_ ? along<2>(in, out, fill, work, each) : across<2>(in, out, fill, work, each);
        } else {
            aligned_ ? along<4>(in, out, fill, work, each) : across<4>(in, out, fill, work, each);
        }
    }

    /// R(v) / R(1), both of the finite voxels alone, where R is the interpolation and R(1) at least a half; else NaN.
    template <RealVoxel In, RealVoxel Out, class Each>
    void interpolate_finite(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        constexpr double outside = std::numeric_limits<double>::infinity();
        Buffer<double> values(source_.size(), Uninitialized{}), sums(target_.size(), Uninitialized{}),
            weights(target_.size(), Uninitialized{});
        Resampler free = *this;
        free.limits_ = {};
        std::transform(in, in + source_.size(), values.data(),
                       [](In value) { return std::isfinite(value) ? static_cast<double>(value) : 0.0; });
        free.interpolate(values.data(), sums.data(), outside, work, each);
        std::transform(in, in + source_.size(), values.data(),
                       [](In value) { return std::isfinite(value) ? 1.0 : 0.0; });
        free.interpolate(values.data(), weights.data(), outside, work, each);
        for (std::int64_t i = 0; i < target_.size(); ++i) {
            const double weight = weights.data()[i];
            if (weight == outside) {
                out[i] = fill;
            } else if (weight < 0.5 - 1e-9) {
                out[i] = std::numeric_limits<Out>::quiet_NaN();
            } else {
                out[i] = static_cast<Out>(std::clamp(sums.data()[i] / weight, limits_.low, limits_.high));
            }
        }
    }

    /// One axis after the other, each a filter over lines: x and y plane by plane, then z.
    template <std::size_t Taps, NumberVoxel In, RealVoxel Out, class Each>
    void along(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        const AlignedAxis &x = axes_[0], &y = axes_[1], &z = axes_[2];
        const std::int64_t inside = x.count() * y.count() * z.count();
        if (inside < target_.size()) std::fill_n(out, target_.size(), fill);
        if (inside == 0) return;
        const std::array<std::int64_t, 3> strides{1, source_.x(), source_.x() * source_.y()};
        fit(work.values, x.count() * y.count() * z.samples);
        each(z.samples, 2, [&](std::int64_t first, std::int64_t last) {
            aligned_planes<Taps>(axes_, {strides[x.from], strides[y.from], strides[z.from]}, in,
                                 work.values.data(), first, last);
        });
        // A few kilobytes of every plane at a time stay in cache from the recursion along z to the sums.
        const std::int64_t grain = std::max<std::int64_t>(1, 512 / x.count());
        each(y.count(), grain * 4, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t row = first; row < last; row += grain) {
                aligned_rows<Taps>(axes_, target_, work.values.data(), out, row, std::min(row + grain, last),
                                   limits_);
            }
        });
    }

    /// Voxel by voxel from all samples around, whatever the angle between the grids.
    template <std::size_t Taps, NumberVoxel In, RealVoxel Out, class Each>
    void across(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        Bordered samples{nullptr, source_};
        fit(work.values, samples.size());
        samples.data = work.values.data();
        each(source_.z(), 2,
             [&](std::int64_t first, std::int64_t last) { load_planes<Taps>(in, samples, first, last); });
        if constexpr (Taps == 4) {
            const std::int64_t grain = std::max<std::int64_t>(1, 512 / source_.x());
            each(source_.y(), grain, [&](std::int64_t first, std::int64_t last) {
                for (std::int64_t y = first; y < last; ++y) {
                    spline_coefficients(samples.at(0, y, 0), source_.z(), samples.plane(), source_.x());
                }
            });
        }
        mirror_border(samples);
        each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t z = first; z < last; ++z) {
                for (std::int64_t y = 0; y < target_.y(); ++y) {
                    slanted_row<Taps>(samples, slanted(y, z), out + target_.index(0, y, z), fill, limits_);
                }
            }
        });
    }

    /// Row (y, z) of the target in voxels of the source.
    [[nodiscard]] SlantedRow slanted(std::int64_t y, std::int64_t z) const {
        SlantedRow row;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            row.start[axis] = map_.at(axis, 0.0, static_cast<double>(y), static_cast<double>(z));
            row.step[axis] = map_.linear[axis][0];
        }
        row.count = target_.x();
        return row;
    }

    static void fit(Buffer<double>& buffer, std::int64_t size) {
        if (buffer.size() != size) buffer = Buffer<double>(size, Uninitialized{});
    }

    Shape source_, target_;
    int taps_ = 1;
    VoxelMap map_;
    bool aligned_ = false;
    std::array<AlignedAxis, 3> axes_;
    ClipLimits limits_;
    bool leaves_out_ = false;
};

}  // namespace roi::detail
