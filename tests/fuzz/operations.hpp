// Fuzz body: bytes as a small mask and what is done to it, step by step, each compared with its definition.
#pragma once

#include <roi/image/logical.hpp>
#include <roi/morphology.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/spatial/crop.hpp>
#include <roi/spatial/reorder.hpp>
#include <roi/spatial/resample.hpp>

#include "scratch.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fuzz {

using Place = std::array<std::int64_t, 3>;

/// Takes bytes off the front; zeros behind the end.
class Bytes {
public:
    explicit Bytes(Input data) : rest_(data) {}
    [[nodiscard]] bool empty() const { return rest_.empty(); }
    unsigned next() {
        if (rest_.empty()) return 0;
        const unsigned out = rest_.front();
        rest_ = rest_.subspan(1);
        return out;
    }
    /// From 0 to below `end`.
    std::int64_t below(std::int64_t end) { return static_cast<std::int64_t>(next()) % end; }

private:
    Input rest_;
};

/// Random bits from one byte: most inputs say little about every voxel.
inline void fill(roi::Mask& mask, unsigned seed, unsigned density) {
    std::uint32_t state = seed * 2654435761u + 12345u;
    for (bool& voxel : mask) {
        state = state * 1664525u + 1013904223u;
        voxel = (state >> 24) % 8 < density % 8;
    }
}

/// A box of truth values, its centre, and the places of what is true relative to it.
inline std::vector<Place> offsets_of(const roi::Structure& structure, const Place& origin) {
    std::vector<Place> out;
    const auto& box = structure.shape();
    for (std::int64_t i = 0; i < box.size(); ++i) {
        const auto [x, y, z] = box.voxel(i);
        if (!structure(x, y, z)) continue;
        out.push_back(
            {x - box.x() / 2 - origin[0], y - box.y() / 2 - origin[1], z - box.z() / 2 - origin[2]});
    }
    return out;
}

/// One dilation or erosion by the definition in its documentation.
inline roi::Mask step(const roi::Mask& mask, const std::vector<Place>& offsets, bool dilates, bool outside,
                      const std::optional<roi::Mask>& allowed) {
    roi::Mask out(mask);
    const auto& shape = mask.shape();
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (allowed && !(*allowed)[i]) continue;
        const auto p = shape.voxel(i);
        const auto seen = [&](const Place& o) {
            const std::int64_t sign = dilates ? -1 : 1;
            const Place q{p[0] + sign * o[0], p[1] + sign * o[1], p[2] + sign * o[2]};
            return shape.contains(q[0], q[1], q[2]) ? mask(q[0], q[1], q[2]) : outside;
        };
        out[i] = dilates ? std::any_of(offsets.begin(), offsets.end(), seen)
                         : std::all_of(offsets.begin(), offsets.end(), seen);
    }
    return out;
}

inline bool same(const roi::Mask& a, const roi::Mask& b) {
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin());
}

/// Several steps; fewer than 1 until nothing changes, or nothing when that does not happen soon: never, where a voxel
/// looks at itself.
inline std::optional<roi::Mask> steps(roi::Mask mask, const std::vector<Place>& offsets, bool dilates,
                                      const roi::MorphologyOptions& options) {
    const bool looks_at_itself = std::find(offsets.begin(), offsets.end(), Place{0, 0, 0}) != offsets.end();
    const std::int64_t most = options.iterations >= 1 ? options.iterations
                              : looks_at_itself       ? mask.size() + 2
                                                      : 150;
    for (std::int64_t i = 0; i < most; ++i) {
        auto next = step(mask, offsets, dilates, options.border_value, options.mask);
        if (same(next, mask)) return next;
        mask = std::move(next);
    }
    return options.iterations < 1 ? std::nullopt : std::optional(std::move(mask));
}

/// The numbers of components: visited with x slowest, filled from each first voxel.
inline roi::Labels flooded(const roi::Mask& mask, const std::vector<Place>& offsets) {
    roi::Labels out(mask.grid(), 0);
    const auto& shape = mask.shape();
    std::int32_t count = 0;
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) {
                if (!mask(x, y, z) || out(x, y, z) != 0) continue;
                ++count;
                std::vector<Place> open{{x, y, z}};
                while (!open.empty()) {
                    const auto p = open.back();
                    open.pop_back();
                    if (out(p[0], p[1], p[2]) != 0) continue;
                    out(p[0], p[1], p[2]) = count;
                    for (const auto& o : offsets) {
                        const Place q{p[0] + o[0], p[1] + o[1], p[2] + o[2]};
                        if (shape.contains(q[0], q[1], q[2]) && mask(q[0], q[1], q[2])) open.push_back(q);
                    }
                }
            }
        }
    }
    return out;
}

/// A mask and what is done to it.
class Operations {
public:
    explicit Operations(Input data) : bytes_(data) {
        const bool is_long = bytes_.next() % 4 == 0;  // words of 64 voxels
        const auto x = 1 + (is_long ? bytes_.below(140) : bytes_.below(8));
        const auto y = 1 + bytes_.below(is_long ? 3 : 8), z = 1 + bytes_.below(is_long ? 2 : 8);
        mask_ =
            roi::Mask(roi::Grid(roi::Shape(x, y, z), roi::scaling({2.0, 3.0, 4.0}, {-5.0, 7.0, 1.0})), false);
        const auto seed = bytes_.next(), density = bytes_.next();
        fill(mask_, seed, density);
    }

    void run() {
        for (int done = 0; done < 12 && !bytes_.empty(); ++done) {
            switch (bytes_.next() % 12) {
                case 0:
                    morph(true);
                    break;
                case 1:
                    morph(false);
                    break;
                case 2:
                    open_or_close();
                    break;
                case 3:
                    fill_holes();
                    break;
                case 4:
                    hit_or_miss();
                    break;
                case 5:
                    label();
                    break;
                case 6:
                    relabel();
                    break;
                case 7:
                    distance();
                    break;
                case 8:
                    resample();
                    break;
                case 9:
                    crop();
                    break;
                case 10:
                    reorder();
                    break;
                default:
                    combine();
            }
        }
    }

private:
    roi::Structure structure() {
        switch (bytes_.next() % 5) {
            case 0:
                return roi::Connectivity::faces;
            case 1:
                return roi::Connectivity::edges;
            case 2:
                return roi::Connectivity::corners;
            default:
                break;
        }
        const auto axis = [&] { return 1 + bytes_.below(5); };
        const auto x = axis(), y = axis(), z = axis();
        roi::Mask values(roi::Shape(x, y, z), false);
        const auto seed = bytes_.next(), density = bytes_.next();
        fill(values, seed, density);
        return {roi::Shape(x, y, z), std::vector<bool>(values.begin(), values.end())};
    }

    /// Nearly always one that keeps the centre inside.
    Place origin(const roi::Structure& structure) {
        Place out{};
        if (bytes_.next() % 3 != 0) return out;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto size = structure.shape()[static_cast<int>(axis)];
            out[axis] = bytes_.below(size) - size / 2;
        }
        return out;
    }

    std::optional<roi::Mask> allowed() {
        if (bytes_.next() % 3 != 0) return std::nullopt;
        roi::Mask out(mask_.grid(), false);
        const auto seed = bytes_.next(), density = bytes_.next();
        fill(out, seed, density);
        return out;
    }

    roi::MorphologyOptions options() {
        roi::MorphologyOptions out;
        out.structure = structure();
        out.origin = origin(out.structure);
        out.iterations = bytes_.below(5) - 1;
        out.mask = allowed();
        out.border_value = bytes_.next() % 2 == 1;
        return out;
    }

    /// The result of `calculate`, which must be `expected`. What does not end soon may end later, or be an error.
    template <class Calculate>
    void take(const std::optional<roi::Mask>& expected, const char* what, Calculate&& calculate) {
        try {
            auto found = calculate();
            demand(roi::same_grid(found.grid(), mask_.grid()), "a mask stays on its grid");
            if (!expected) return;
            demand(same(found, *expected), what);
            mask_ = std::move(found);
        } catch (const roi::InvalidArgument&) {
            demand(!expected, what);
        }
    }

    void morph(bool dilates) {
        const auto how = options();
        const auto offsets = offsets_of(how.structure, how.origin);
        take(steps(mask_, offsets, dilates, how), dilates ? "dilate" : "erode",
             [&] { return dilates ? roi::dilate(mask_, how) : roi::erode(mask_, how); });
        if (!dilates || how.iterations >= 1) return;
        const auto before = mask_;
        take(steps(before, offsets, true, how), "propagate", [&] {
            return roi::propagate(before, {how.structure, how.mask, how.border_value, how.origin});
        });
    }

    void open_or_close() {
        const auto how = options();
        const auto offsets = offsets_of(how.structure, how.origin);
        const bool closes = bytes_.next() % 2 == 1, keeps_border = bytes_.next() % 3 == 0;
        if (!closes) {
            auto expected = steps(mask_, offsets, false, how);
            if (expected) expected = steps(*expected, offsets, true, how);
            return take(expected, "opening", [&] { return roi::opening(mask_, how); });
        }
        roi::ClosingOptions with{how.structure,    how.iterations, how.mask,
                                 how.border_value, how.origin,     keeps_border};
        if (keeps_border) {
            with.mask = std::nullopt;
            if (how.iterations < 1) {
                return take(std::nullopt, "closing beyond the border",
                            [&] { return roi::closing(mask_, with); });
            }
            return take(closed_beyond(how, offsets), "closing beyond the border",
                        [&] { return roi::closing(mask_, with); });
        }
        auto expected = steps(mask_, offsets, true, how);
        if (expected) expected = steps(*expected, offsets, false, how);
        take(expected, "closing", [&] { return roi::closing(mask_, with); });
    }

    /// A closing in a volume so large that its border is never seen.
    [[nodiscard]] roi::Mask closed_beyond(const roi::MorphologyOptions& how,
                                          const std::vector<Place>& offsets) const {
        std::int64_t reach = 0;
        for (const auto& o : offsets) {
            for (const auto part : o) reach = std::max(reach, std::abs(part));
        }
        const std::int64_t margin = 2 * reach * how.iterations;
        const auto& shape = mask_.shape();
        roi::Mask large(roi::Shape(shape.x() + 2 * margin, shape.y() + 2 * margin, shape.z() + 2 * margin),
                        how.border_value);
        const auto each = [&](auto&& visit) {
            for (std::int64_t i = 0; i < mask_.size(); ++i) {
                const auto [x, y, z] = shape.voxel(i);
                visit(i, x + margin, y + margin, z + margin);
            }
        };
        each([&](std::int64_t i, std::int64_t x, std::int64_t y, std::int64_t z) {
            large(x, y, z) = mask_[i];
        });
        for (const bool dilates : {true, false}) {
            for (std::int64_t i = 0; i < how.iterations; ++i) {
                large = step(large, offsets, dilates, how.border_value, std::nullopt);
            }
        }
        roi::Mask out(mask_);
        each(
            [&](std::int64_t i, std::int64_t x, std::int64_t y, std::int64_t z) { out[i] = large(x, y, z); });
        return out;
    }

    void fill_holes() {
        roi::FillHolesOptions how;
        how.structure = structure();
        how.origin = origin(how.structure);
        roi::Mask background(mask_);
        for (bool& voxel : background) voxel = !voxel;
        auto outside = steps(roi::Mask(mask_.grid(), false), offsets_of(how.structure, how.origin), true,
                             {.iterations = 0, .mask = background, .border_value = true});
        if (outside) {
            for (bool& voxel : *outside) voxel = !voxel;
        }
        take(outside, "fill_holes", [&] { return roi::fill_holes(mask_, how); });
    }

    void hit_or_miss() {
        roi::HitOrMissOptions how;
        how.hit = structure();
        how.hit_origin = origin(how.hit);
        if (bytes_.next() % 2 == 1) {
            how.miss = structure();
            how.miss_origin = origin(*how.miss);
        }
        const auto hits = offsets_of(how.hit, how.hit_origin);
        const auto misses = how.miss ? offsets_of(*how.miss, *how.miss_origin)
                                     : offsets_of(how.hit.complement(), how.hit_origin);
        auto expected = step(mask_, hits, false, false, std::nullopt);
        for (std::int64_t i = 0; i < expected.size(); ++i) {
            const auto p = mask_.shape().voxel(i);
            for (const auto& o : misses) {
                const Place q{p[0] + o[0], p[1] + o[1], p[2] + o[2]};
                if (mask_.shape().contains(q[0], q[1], q[2]) && mask_(q[0], q[1], q[2])) expected[i] = false;
            }
        }
        take(expected, "hit_or_miss", [&] { return roi::hit_or_miss(mask_, how); });
    }

    void label() {
        const std::array<roi::Connectivity, 3> kinds{roi::Connectivity::faces, roi::Connectivity::edges,
                                                     roi::Connectivity::corners};
        const auto kind = kinds[bytes_.next() % 3];
        const auto expected = flooded(mask_, offsets_of(kind, {0, 0, 0}));
        const auto found = roi::label(mask_, {.connectivity = kind});
        demand(std::equal(expected.begin(), expected.end(), found.atlas.begin()), "label");
        demand(found.count == *std::max_element(expected.begin(), expected.end()), "label counts");
        std::map<std::int32_t, std::int64_t> sizes;
        for (const auto label : expected) ++sizes[label];
        const auto least = bytes_.below(6);
        const auto large =
            roi::label(mask_, {.connectivity = kind, .min_size = least, .order = roi::LabelOrder::size});
        std::map<std::int32_t, std::int32_t> numbers;  // new to old
        for (std::int64_t i = 0; i < mask_.size(); ++i) {
            const bool stays = expected[i] != 0 && sizes[expected[i]] >= least;
            demand((large.atlas[i] != 0) == stays, "label leaves out small components");
            if (stays) numbers[large.atlas[i]] = expected[i];
        }
        demand(static_cast<std::int64_t>(numbers.size()) == large.count, "label counts large components");
        for (std::int32_t k = 2; k <= large.count; ++k) {
            const auto a = sizes[numbers.at(k - 1)], b = sizes[numbers.at(k)];
            demand(a > b || (a == b && numbers.at(k - 1) < numbers.at(k)),
                   "the largest component comes first");
        }
        const auto chosen = 1 + bytes_.below(4);
        if (chosen > found.count) return;
        for (std::int64_t i = 0; i < mask_.size(); ++i) mask_[i] = expected[i] == chosen;
    }

    void relabel() {
        roi::Labels labels(mask_.grid(), 0);
        const auto factor = 1 + bytes_.below(5), shift = bytes_.below(7) - 3;
        for (std::int64_t i = 0; i < labels.size(); ++i) {
            labels[i] = mask_[i] ? static_cast<std::int32_t>((i * factor) % 7 + shift) : 0;
        }
        std::map<std::int32_t, std::int32_t> numbers;
        for (const auto label : labels) {
            if (label != 0) numbers[label];
        }
        std::int32_t count = 0;
        for (auto& entry : numbers) entry.second = ++count;
        const auto found = roi::relabel(labels);
        for (std::int64_t i = 0; i < labels.size(); ++i) {
            demand(found.atlas[i] == (labels[i] == 0 ? 0 : numbers[labels[i]]), "relabel");
        }
        const auto parts = roi::connected_label_regions(labels);
        std::int32_t before = 0;
        for (const auto& entry : numbers) {
            roi::Mask one(mask_.grid(), false);
            for (std::int64_t i = 0; i < labels.size(); ++i) one[i] = labels[i] == entry.first;
            const auto expected = flooded(one, offsets_of(roi::Connectivity::faces, {0, 0, 0}));
            for (std::int64_t i = 0; i < labels.size(); ++i) {
                if (one[i]) demand(parts.atlas[i] == expected[i] + before, "connected_label_regions");
            }
            before += *std::max_element(expected.begin(), expected.end());
        }
        demand(static_cast<std::int64_t>(parts.sources.size()) == before, "connected_label_regions counts");
        for (std::int64_t i = 0; i < labels.size(); ++i) mask_[i] = found.atlas[i] % 2 == 1;
    }

    void distance() {
        const auto found = roi::distance_to(mask_);
        const double mm = bytes_.next() / 16.0;
        const auto grown = roi::grow(mask_, mm), shrunk = roi::shrink(mask_, mm);
        const auto& shape = mask_.shape();
        const auto size = mask_.grid().voxel_size();
        const auto nearest = [&](std::int64_t voxel, bool wanted) {
            double best = std::numeric_limits<double>::infinity();
            const auto p = shape.voxel(voxel);
            for (std::int64_t i = 0; i < mask_.size(); ++i) {
                if (mask_[i] != wanted) continue;
                const auto q = shape.voxel(i);
                double sum = 0.0;
                for (std::size_t axis = 0; axis < 3; ++axis) {
                    const double d = static_cast<double>(p[axis] - q[axis]) * size[static_cast<int>(axis)];
                    sum += d * d;
                }
                best = std::min(best, sum);
            }
            return std::sqrt(best);
        };
        const std::int64_t jump =
            1 + mask_.size() / 150;  // every voxel against every other is too much of a large mask
        for (std::int64_t i = bytes_.below(jump); i < mask_.size(); i += jump) {
            const double expected = nearest(i, true), inside = nearest(i, false);
            demand(found[i] == expected || std::abs(found[i] - expected) <= 1e-9 * expected, "distance_to");
            const double slack = 1e-5 * mm;
            if (std::abs(expected - mm) > slack || mm == 0.0) demand(grown[i] == (expected <= mm), "grow");
            if (std::abs(inside - mm) > slack || mm == 0.0) demand(shrunk[i] == (inside > mm), "shrink");
        }
        if (bytes_.next() % 2 == 0) mask_ = grown;
    }

    /// To a grid that is moved by whole voxels and of another size.
    void resample() {
        const Place shift{bytes_.below(5) - 2, bytes_.below(5) - 2, bytes_.below(5) - 2};
        const auto longer = [&](std::int64_t axis) {
            return std::max<std::int64_t>(1, axis + bytes_.below(5) - 2);
        };
        const auto& shape = mask_.shape();
        const auto x = longer(shape.x()), y = longer(shape.y()), z = longer(shape.z());
        roi::Affine affine = mask_.affine();
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) {
                affine(row, 3) +=
                    affine(row, column) * static_cast<double>(shift[static_cast<std::size_t>(column)]);
            }
        }
        const roi::Grid target(roi::Shape(x, y, z), affine);
        std::optional<roi::Mask> found;
        try {
            found = roi::resample_to(mask_, target);
        } catch (const roi::InvalidArgument&) {
            return;  // they share no place
        }
        roi::Labels labels(mask_.grid(), 0);
        for (std::int64_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i + 1);
        const auto moved = roi::resample_to(labels, target);
        for (std::int64_t i = 0; i < found->size(); ++i) {
            const auto p = target.shape().voxel(i);
            const Place q{p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]};
            const bool inside = shape.contains(q[0], q[1], q[2]);
            demand((*found)[i] == (inside && mask_(q[0], q[1], q[2])), "resample_to moves a mask");
            demand(moved[i] == (inside ? labels(q[0], q[1], q[2]) : 0), "resample_to moves labels");
        }
        mask_ = std::move(*found);
    }

    void crop() {
        if (std::none_of(mask_.begin(), mask_.end(), [](bool voxel) { return voxel; })) return;
        const auto cropped = roi::crop(mask_, roi::content_box(mask_));
        const auto whole = roi::resample_to(cropped, mask_.grid());
        demand(same(whole, mask_), "what is cropped away was empty");
        for (int axis = 0; axis < 3; ++axis) {
            demand(cropped.shape()[axis] <= mask_.shape()[axis], "a crop is no larger");
        }
        if (bytes_.next() % 2 == 0) mask_ = cropped;
    }

    void reorder() {
        const char* const orders[] = {"RAS", "LPS", "PIR", "SAR", "ILA", "LIP"};
        const auto turned = roi::reorder(mask_, roi::Orientation(orders[bytes_.next() % 6]));
        demand(turned.size() == mask_.size(), "all voxels stay");
        for (std::int64_t i = 0; i < turned.size(); ++i) {
            const auto [x, y, z] = turned.shape().voxel(i);
            const roi::Point here =
                turned.grid().world({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
            const roi::Point there = mask_.grid().voxel(here);
            const Place q{std::llround(there[0]), std::llround(there[1]), std::llround(there[2])};
            demand(mask_.shape().contains(q[0], q[1], q[2]) && mask_(q[0], q[1], q[2]) == turned[i],
                   "a voxel stays where it is in the world");
        }
        mask_ = turned;
    }

    void combine() {
        roi::Mask other(mask_.grid(), false);
        const auto seed = bytes_.next(), density = bytes_.next();
        fill(other, seed, density);
        const auto both = roi::logical_and(mask_, other), any = roi::logical_or(mask_, other);
        const auto none = roi::logical_not(any);
        for (std::int64_t i = 0; i < mask_.size(); ++i) {
            demand(
                both[i] == (mask_[i] && other[i]) && any[i] == (mask_[i] || other[i]) && none[i] == !any[i],
                "logic");
        }
        const auto kind = bytes_.next() % 3;
        mask_ = kind == 0 ? both : kind == 1 ? any : none;
    }

    Bytes bytes_;
    roi::Mask mask_;
};

inline void operations(Input data) { Operations(data).run(); }

}  // namespace fuzz
