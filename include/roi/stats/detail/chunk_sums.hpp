// Sums of conditions within chunks: what tests are made of that take the mean of every chunk out.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/selection.hpp>
#include <roi/stats/detail/chunk_plan.hpp>
#include <roi/stats/detail/far_squares.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/voxel_units.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// The group of every volume, by number; -1 for a volume in none.
///
/// \throws InvalidArgument when a volume is in two
[[nodiscard]] inline std::vector<int> groups_of_volumes(std::string_view function,
                                                        const std::vector<Selection>& samples) {
    std::vector<int> out;
    for (std::size_t g = 0; g < samples.size(); ++g) {
        out.resize(static_cast<std::size_t>(samples[g].size()), -1);
        for (const std::int64_t frame : samples[g].indices()) {
            int& group = out[static_cast<std::size_t>(frame)];
            if (group >= 0) {
                const auto& one = samples[static_cast<std::size_t>(group)].name();
                const auto& other = samples[g].name();
                const bool named = !one.empty() && !other.empty();
                throw InvalidArgument(
                    text(function, ": volume ", frame, " belongs to two conditions",
                         named ? text(", \"", one, "\" and \"", other, "\"") : std::string()));
            }
            group = static_cast<int>(g);
        }
    }
    return out;
}

/// Sums per voxel for the linear model: value = effect of its condition + effect of its chunk + noise.
///
/// With n_cg volumes of condition g in chunk c, cell means m_cg and chunk means m_c, what least squares needs of the values
/// once the effects of chunks are projected out is
///     b_g = sum_c n_cg (m_cg - m_c),   B = sum_cg n_cg (m_cg - m_c)^2,   W = sum of squares within cells,
/// and of the design L_gh = delta_gh sum_c n_cg - sum_c n_cg n_ch / n_c. The effects are L^+ b, the squares they explain
/// E = b' L^+ b, those that are left W + B - E, with N - C - (K - 1) degrees of freedom for N volumes, C chunks and K
/// conditions (Searle, Linear Models, 1971, ch. 7). Only B - E is a difference, and it would lose digits with the square of
/// what lies between conditions. So b, B and E are of cell means less r_g, a first estimate of the effect of g that each voxel
/// has from the first chunk with that condition: they are as small as the noise then, what is left is the same, and effects
/// are r + L^+ b. A voxel that differs between conditions and nothing else leaves exactly 0.
///
/// One pass: only chunks that have begun and not ended have sums of their own, one set where chunks follow each other.
/// Memory: 5/2 K + 2 doubles a voxel, and 3 K for every chunk that is open at once.
///
/// Where NaN is left out, n_cg and so L are those of the volumes that a voxel has left, C is the number of chunks that have
/// one, and two conditions that share no chunk any more, or no degrees of freedom, make the result NaN. Of L a voxel needs
/// sum_c n_cg n_ch / n_c for every pair of conditions, which is summed up chunk by chunk: K (K - 1) / 2 + 1 doubles a voxel
/// more, and K / 2 for every open chunk. A voxel without NaN has the same result as without this, to the bit.
///
/// Squares of values around 1e-200 or 1e200 leave the range of a double: all sums of such a voxel are of its values times
/// 2^600 or 2^-600 (see `FarSquares`), by the largest value so far. That changes no digit of t and F.
class ChunkSums {
public:
    /// \param function  what messages say
    /// \param group     condition of each volume, -1 where it counts for nothing
    /// \param chunks    of each volume; one whose chunk is missing, `n/a` or empty, counts for nothing
    /// \param groups    number of conditions
    /// \param names     what messages call them; none: by number
    /// \param nan       does NaN count, or is it left out?
    /// \throws InvalidArgument when the chunks are not about as many volumes, a condition shares no chunk with the others,
    ///         or the volumes are no more than what is estimated
    ChunkSums(std::string_view function, const std::vector<int>& group, const Column& chunks,
              std::size_t groups, const std::vector<std::string>& names = {}, NanIn nan = NanIn::the_result)
        : function_(function),
          groups_(groups),
          omits_(nan == NanIn::no_sum),
          plan_(function, group, chunks, groups, "the conditions are") {
        solve_design(names);
    }

    [[nodiscard]] bool wants(std::int64_t frame) const { return plan_.wants(frame); }

    void begin(const Grid& grid) {
        voxels_ = static_cast<std::size_t>(grid.size());
        const auto maps = [&](std::size_t count) { return std::vector<double>(count * voxels_, 0.0); };
        origin_ = maps(plan_.slots() * groups_);
        sum_ = maps(plan_.slots() * groups_);
        squares_ = maps(plan_.slots() * groups_);
        effects_ = maps(groups_);
        within_ = maps(1);
        between_ = maps(1);
        first_ = maps(groups_);
        part_.assign(groups_ * voxels_, unknown);
        units_.restart(voxels_);
        odd_.restart();
        if (!omits_) return;
        left_.assign(plan_.slots() * groups_ * voxels_, 0);
        shared_ = maps(groups_ * (groups_ - 1) / 2);
        volumes_left_.assign(voxels_, 0);
        chunks_left_.assign(voxels_, 0);
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if constexpr (std::is_same_v<T, double>) {
            const auto counts = [&](std::size_t k) {
                return plan_.step(block.first + static_cast<std::int64_t>(k)).chunk >= 0;
            };
            if (const auto scaled = units_.in_units(block, range, counts, changes_units()); !scaled.empty()) {
                std::vector<const double*> frames(block.frames.begin(), block.frames.end());
                for (std::size_t k = 0; k < frames.size(); ++k) {
                    if (!scaled[k].empty()) frames[k] = scaled[k].data();
                }
                return add(FrameBlock<double>{block.first, frames}, range);
            }
        } else {
            units_.are_one(range);
        }
        add(block, range);
    }

    /// How many voxels of which volumes are NaN or infinite.
    [[nodiscard]] const NonFiniteCount& odd() const { return odd_; }
    /// Says how many volumes have no chunk.
    void warn_of_missing(const WarningHandler& warning) const { plan_.warn_of_missing(warning, function_); }

    /// Adds the sums of another run, whose chunks are others.
    /// \throws InvalidArgument when it has another number of conditions, or one of them leaves NaN out
    void merge(const ChunkSums& other) {
        if (groups_ != other.groups_) {
            throw InvalidArgument(
                text(function_, ": merge: expected ", groups_, " conditions, found ", other.groups_));
        }
        if (omits_ != other.omits_) {
            throw InvalidArgument(text(function_, ": merge: expected the same nan_policy in both sinks"));
        }
        for (std::size_t i = 0; i < voxels_; ++i) {
            units_.raise(i, other.units_[i], changes_units());
            const double scale = VoxelUnits::from_one_to_other(other.units_[i], units_[i]);
            within_[i] += other.within_[i] * scale * scale;
            merge_effects(other, i, scale);
        }
        add_all(laplacian_, other.laplacian_);
        invert();
        df2_ += other.df2_ + static_cast<double>(groups_ - 1);
        volumes_ += other.volumes_;
        add_all(shared_, other.shared_);
        add_all(volumes_left_, other.volumes_left_);
        add_all(chunks_left_, other.chunks_left_);
    }

    [[nodiscard]] double df1() const { return static_cast<double>(groups_ - 1); }
    [[nodiscard]] double df2() const { return df2_; }

    /// F of a voxel, and the degrees of freedom of its denominator: do the conditions differ beside what chunks differ in?
    [[nodiscard]] std::pair<double, double> f(std::size_t voxel) const {
        const double df2 = df2_of(voxel);
        if (std::isnan(df2)) return {df2, df2};
        const bool all = all_left(voxel);
        const auto own = all ? std::vector<double>() : laplacian_of(voxel);
        const auto own_inverse = all ? std::vector<double>() : inverted(own);
        const auto &laplacian = all ? laplacian_ : own, &inverse = all ? inverse_ : own_inverse;
        std::vector<double> effects(groups_);
        double of_small = 0.0, explained = 0.0;
        for (std::size_t g = 0; g < groups_; ++g) {
            double estimate = 0.0;
            for (std::size_t h = 0; h < groups_; ++h) {
                estimate += inverse[g * groups_ + h] * effects_[h * voxels_ + voxel];
            }
            of_small += estimate * effects_[g * voxels_ + voxel];
            effects[g] = first_[g * voxels_ + voxel] + estimate;
            for (std::size_t h = 0; h < g; ++h) {
                const double apart = effects[g] - effects[h];
                explained -= laplacian[g * groups_ + h] * apart * apart;
            }
        }
        return {explained / df1() / (rest(of_small, explained, voxel) / df2), df2};
    }

    /// Effect of the first condition less that of the second.
    [[nodiscard]] double difference(std::size_t voxel) const {
        return from_unit(difference_in_unit(voxel), units_[voxel]);
    }

    /// t of this difference, of two conditions, and its degrees of freedom.
    [[nodiscard]] std::pair<double, double> t(std::size_t voxel) const {
        const double df2 = df2_of(voxel), scale = scale_of(voxel);
        const double of_small = effects_[voxel] * effects_[voxel] * scale;
        const double apart = difference_in_unit(voxel);
        const double left = rest(of_small, apart * apart / scale, voxel);
        // Beside values 1e158 times as large squares are lost: F is NaN there.
        if (left == 0.0 && apart * apart == 0.0) return {std::numeric_limits<double>::quiet_NaN(), df2};
        return {apart / std::sqrt(left / df2 * scale), df2};
    }

private:
    static constexpr std::int32_t unknown = -1;

    [[nodiscard]] double difference_in_unit(std::size_t voxel) const {
        return first_[voxel] - first_[voxels_ + voxel] + scale_of(voxel) * effects_[voxel];
    }

    template <RealVoxel T>
    void add(const FrameBlock<T>& block, VoxelRange range) {
        bool finite = true;
        std::vector<std::pair<std::size_t, std::vector<const T*>>> cells;
        const auto add = [&] {
            for (const auto& [cell, volumes] : cells) {
                const std::size_t at = cell * voxels_;
                finite &= omits_ ? add_left<T>(volumes, at, range)
                                 : add_deviations<T>(volumes, origin_.data() + at, sum_.data() + at,
                                                     squares_.data() + at, range.first, range.last);
            }
            cells.clear();
        };
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto& step = plan_.step(block.first + static_cast<std::int64_t>(k));
            if (step.chunk < 0) continue;
            const std::size_t cell = step.slot * groups_ + step.group;
            const auto known =
                std::find_if(cells.begin(), cells.end(), [&](const auto& one) { return one.first == cell; });
            if (known == cells.end()) {
                cells.push_back({cell, {block.frames[k]}});
            } else {
                known->second.push_back(block.frames[k]);
            }
            if (step.first_of_cell && !omits_)
                begin_deviations(block.frames[k], origin_.data() + cell * voxels_,
                                 sum_.data() + cell * voxels_, squares_.data() + cell * voxels_, range);
            // The sums of a chunk make room for those of the next.
            if (step.last_of_chunk) {
                add();
                close(static_cast<std::size_t>(step.chunk), step.slot, range);
            }
        }
        add();
        if (finite) return;
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            if (wants(frame)) odd_.look_at(frame, block.frames[k], range);
        }
    }

    /// Adds the volumes of a cell where they are not NaN, in the order in which `add_deviations` does. \returns whether all
    /// squares are finite and nothing was left out
    template <RealVoxel T>
    bool add_left(const std::vector<const T*>& volumes, std::size_t at, VoxelRange range) {
        bool finite = true;
        for (auto i = static_cast<std::size_t>(range.first); i < static_cast<std::size_t>(range.last); ++i) {
            const std::size_t place = at + i;
            for (const T* volume : volumes) {
                const auto value = static_cast<double>(volume[i]);
                if (std::isnan(value)) {
                    finite = false;
                    continue;
                }
                if (left_[place]++ == 0) {
                    origin_[place] = value;
                    sum_[place] = squares_[place] = 0.0;
                }
                const double d = value - origin_[place];
                sum_[place] += d;
                squares_[place] += d * d;
            }
            finite = finite && (left_[place] == 0 || std::isfinite(squares_[place]));
        }
        return finite;
    }

    /// Brings the sums of a voxel to another unit.
    void change_unit(std::size_t voxel, double factor) {
        const auto change = [&](std::vector<double>& sums) {
            for (std::size_t at = voxel; at < sums.size(); at += voxels_) sums[at] *= factor;
        };
        for (auto* const sums : {&origin_, &sum_, &effects_, &first_}) change(*sums);
        for (auto* const squares : {&squares_, &within_, &between_}) {
            change(*squares);
            change(*squares);
        }
    }

    /// The same for what asks for it.
    [[nodiscard]] std::function<void(std::size_t, double)> changes_units() {
        return [this](std::size_t voxel, double factor) { change_unit(voxel, factor); };
    }

    void solve_design(const std::vector<std::string>& names) {
        laplacian_.assign(groups_ * groups_, 0.0);
        for (std::size_t c = 0; c < plan_.chunks(); ++c) {
            const double* n = plan_.counts(c);
            const double all = std::accumulate(n, n + groups_, 0.0);
            volumes_ += all;
            for (std::size_t g = 0; g < groups_; ++g) {
                for (std::size_t h = 0; h < groups_; ++h) {
                    laplacian_[g * groups_ + h] += (g == h ? n[g] : 0.0) - n[g] * n[h] / all;
                }
            }
        }
        if (const std::size_t apart = first_apart(laplacian_); apart < groups_) {
            const auto name = [&](std::size_t g) {
                return g < names.size() ? text('"', names[g], '"') : text("condition ", g + 1);
            };
            throw InvalidArgument(text(function_, ": ", name(apart), " shares no chunk with ", name(0),
                                       ", so what is between them cannot be "
                                       "told from what is between chunks; leave one out, or the chunks"));
        }
        df2_ = volumes_ - static_cast<double>(plan_.chunks()) - static_cast<double>(groups_ - 1);
        if (df2_ < 1.0) {
            throw InvalidArgument(text(function_, ": ", groups_, " conditions in ", plan_.chunks(),
                                       " chunks need more volumes than that, found ", volumes_));
        }
        invert();
    }

    void invert() {
        inverse_ = inverted(laplacian_);
        // Of two conditions b is (x, -x): their effects differ by x / L_00.
        scale_ = 1.0 / laplacian_[0];
    }

    /// The first condition that meets the first one in no chunk, directly or by way of others, so that they cannot be
    /// compared; their number where there is none. Conditions that share no chunk have exactly 0 in L.
    [[nodiscard]] std::size_t first_apart(const std::vector<double>& laplacian) const {
        std::vector<std::size_t> reached{0};
        std::vector<bool> meets(groups_);
        meets[0] = true;
        while (!reached.empty()) {
            const std::size_t g = reached.back();
            reached.pop_back();
            for (std::size_t h = 0; h < groups_; ++h) {
                if (meets[h] || laplacian[g * groups_ + h] == 0.0) continue;
                meets[h] = true;
                reached.push_back(h);
            }
        }
        return static_cast<std::size_t>(std::find(meets.begin(), meets.end(), false) - meets.begin());
    }

    /// Has a voxel all its volumes left?
    [[nodiscard]] bool all_left(std::size_t voxel) const {
        return !omits_ || static_cast<double>(volumes_left_[voxel]) == volumes_;
    }

    /// L of the volumes that a voxel has left.
    [[nodiscard]] std::vector<double> laplacian_of(std::size_t voxel) const {
        std::vector<double> out(groups_ * groups_, 0.0);
        std::size_t pair = 0;
        for (std::size_t g = 0; g < groups_; ++g) {
            for (std::size_t h = 0; h < g; ++h, ++pair) {
                const double shared = shared_[pair * voxels_ + voxel];
                out[g * groups_ + h] = out[h * groups_ + g] = -shared;
                out[g * groups_ + g] += shared;
                out[h * groups_ + h] += shared;
            }
        }
        return out;
    }

    /// Degrees of freedom of a voxel; NaN where its conditions cannot be compared.
    [[nodiscard]] double df2_of(std::size_t voxel) const {
        if (all_left(voxel)) return df2_;
        const double out =
            static_cast<double>(volumes_left_[voxel]) - static_cast<double>(chunks_left_[voxel]) - df1();
        if (out < 1.0 || first_apart(laplacian_of(voxel)) < groups_) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        return out;
    }

    /// What the effects of two conditions are multiplied by.
    [[nodiscard]] double scale_of(std::size_t voxel) const {
        if (all_left(voxel)) return scale_;
        return shared_[voxel] > 0.0 ? 1.0 / shared_[voxel] : std::numeric_limits<double>::quiet_NaN();
    }

    /// L^+ + 1/K^2 ones, which is the same for b, whose sum is 0.
    [[nodiscard]] std::vector<double> inverted(std::vector<double> laplacian) const {
        double level = 0.0;
        for (std::size_t g = 0; g < groups_; ++g) level += laplacian[g * groups_ + g];
        level /= static_cast<double>(groups_ * groups_);
        for (double& value : laplacian) value += level;
        sweep(laplacian, groups_);
        return laplacian;
    }

    template <class T>
    static void add_all(std::vector<T>& to, const std::vector<T>& from) {
        std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>());
    }

    /// Inverts a symmetric positive definite matrix in place, by sweeping each of its rows (J. H. Goodnight, "A tutorial
    /// on the SWEEP operator", The American Statistician 33, 1979). It is a few numbers wide; a solver of Eigen's would
    /// cost every file that includes a test a second of its compiler's time.
    static void sweep(std::vector<double>& matrix, std::size_t size) {
        for (std::size_t k = 0; k < size; ++k) {
            double* const row = matrix.data() + k * size;
            const double pivot = row[k];
            row[k] = 1.0;
            for (std::size_t j = 0; j < size; ++j) row[j] /= pivot;
            for (std::size_t i = 0; i < size; ++i) {
                if (i == k) continue;
                double* const other = matrix.data() + i * size;
                const double factor = other[k];
                other[k] = 0.0;
                for (std::size_t j = 0; j < size; ++j) other[j] -= factor * row[j];
            }
        }
    }

    /// Adds what a chunk has seen to the sums over chunks.
    void close(std::size_t chunk, std::size_t slot, VoxelRange range) {
        std::vector<double> n(plan_.counts(chunk), plan_.counts(chunk) + groups_);
        // Means of cells less that of the first: origins and what is added to them apart, as their sum has fewer digits.
        std::vector<double> origins(groups_), offsets(groups_);
        for (auto i = static_cast<std::size_t>(range.first); i < static_cast<std::size_t>(range.last); ++i) {
            if (omits_) count_left(slot, i, n);
            Moments base;
            double volumes = 0.0;
            std::size_t cells = 0;
            for (std::size_t g = 0; g < groups_; ++g) {
                if (n[g] == 0.0) continue;
                const std::size_t at = (slot * groups_ + g) * voxels_ + i;
                const double left = squares_[at] - sum_[at] * sum_[at] / n[g];
                const Moments cell{n[g], origin_[at], sum_[at] / n[g], left < 0.0 ? 0.0 : left};
                if (base.n == 0.0) base = cell;
                origins[g] = cell.origin - base.origin;
                offsets[g] = cell.offset - base.offset;
                within_[i] += cell.squares;
                volumes += n[g];
                ++cells;
            }
            if (cells < 2) continue;
            join(i, n, origins, offsets);
            double mean = 0.0;
            for (std::size_t g = 0; g < groups_; ++g) {
                if (n[g] == 0.0) continue;
                offsets[g] += origins[g] - first_[g * voxels_ + i];
                mean += n[g] / volumes * offsets[g];
            }
            for (std::size_t g = 0; g < groups_; ++g) {
                if (n[g] == 0.0) continue;
                const double d = offsets[g] - mean;
                effects_[g * voxels_ + i] += n[g] * d;
                between_[i] += n[g] * d * d;
            }
        }
    }

    /// Sees to it that all conditions which meet have first estimates of one level: gives one to who has none, and where two
    /// parts of the conditions meet that had not met before, moves one of them, which changes no sum.
    /// \param n                 weights of those that meet, 0 for the others
    /// \param origins, offsets  whose sums are their means, all less the same
    /// \returns                 by how much those lie above the first estimates
    double join(std::size_t voxel, const std::vector<double>& n, const std::vector<double>& origins,
                const std::vector<double>& offsets) {
        const auto part = [&](std::size_t g) -> std::int32_t& { return part_[g * voxels_ + voxel]; };
        const auto first = [&](std::size_t g) -> double& { return first_[g * voxels_ + voxel]; };
        const auto level_of = [&](std::int32_t of) {
            double level = 0.0, all = 0.0;
            for (std::size_t g = 0; g < groups_; ++g) {
                if (n[g] == 0.0 || part(g) != of) continue;
                level += n[g] * (origins[g] - first(g) + offsets[g]);
                all += n[g];
            }
            return level / all;
        };
        std::int32_t target = unknown;
        double level = 0.0;
        for (std::size_t g = 0; g < groups_; ++g) {
            if (n[g] == 0.0 || part(g) == unknown || part(g) == target) continue;
            if (target == unknown) {
                target = part(g);
                level = level_of(target);
                continue;
            }
            const std::int32_t other = part(g);
            const double shift = level_of(other) - level;
            for (std::size_t h = 0; h < groups_; ++h) {
                if (part(h) != other) continue;
                first(h) += shift;
                part(h) = target;
            }
        }
        for (std::size_t g = 0; g < groups_; ++g) {
            if (n[g] == 0.0 || part(g) != unknown) continue;
            if (target == unknown) target = static_cast<std::int32_t>(g);
            part(g) = target;
            first(g) = origins[g] + offsets[g] - level;
        }
        return level;
    }

    /// Adds b and B of a voxel of another run, which are of other first estimates.
    /// \param scale  from the unit of the other to this one
    void merge_effects(const ChunkSums& other, std::size_t voxel, double scale) {
        std::vector<double> weights(groups_), estimates(groups_, 0.0), shift(groups_, 0.0);
        const std::vector<double> zeros(groups_, 0.0);
        for (std::size_t g = 0; g < groups_; ++g) estimates[g] = other.first_[g * voxels_ + voxel] * scale;
        for (std::size_t g = 0; g < groups_; ++g) {
            // Part by part, which are called by one of their conditions.
            bool any = false;
            for (std::size_t h = 0; h < groups_; ++h) {
                const bool here = other.part_[h * voxels_ + voxel] == static_cast<std::int32_t>(g);
                weights[h] = here ? 1.0 : 0.0;
                any = any || here;
            }
            if (!any) continue;
            const double level = join(voxel, weights, estimates, zeros);
            for (std::size_t h = 0; h < groups_; ++h) {
                if (weights[h] != 0.0) shift[h] = estimates[h] - level - first_[h * voxels_ + voxel];
            }
        }
        const auto laplacian = other.all_left(voxel) ? other.laplacian_ : other.laplacian_of(voxel);
        between_[voxel] += other.between_[voxel] * scale * scale;
        for (std::size_t g = 0; g < groups_; ++g) {
            double moved = 0.0;
            for (std::size_t h = 0; h < groups_; ++h) moved += laplacian[g * groups_ + h] * shift[h];
            const double effect = other.effects_[g * voxels_ + voxel] * scale;
            effects_[g * voxels_ + voxel] += effect + moved;
            between_[voxel] += shift[g] * (2.0 * effect + moved);
        }
    }

    /// Counts the volumes of a chunk that a voxel has left, and begins to count those of the next one.
    void count_left(std::size_t slot, std::size_t voxel, std::vector<double>& n) {
        std::int32_t volumes = 0;
        for (std::size_t g = 0; g < groups_; ++g) {
            const std::int32_t count = std::exchange(left_[(slot * groups_ + g) * voxels_ + voxel], 0);
            n[g] = static_cast<double>(count);
            volumes += count;
        }
        if (volumes == 0) return;
        volumes_left_[voxel] += volumes;
        ++chunks_left_[voxel];
        std::size_t pair = 0;
        for (std::size_t g = 0; g < groups_; ++g) {
            for (std::size_t h = 0; h < g; ++h, ++pair) {
                shared_[pair * voxels_ + voxel] += n[g] * n[h] / static_cast<double>(volumes);
            }
        }
    }

    /// W + B - E, where a difference within rounding is 0.
    /// \param of_small   E, of what the first estimates leave
    /// \param explained  of all
    [[nodiscard]] double rest(double of_small, double explained, std::size_t voxel) const {
        const double unexplained = between_[voxel] - of_small;
        const double rounding = std::max(1e-13 * between_[voxel], 1e-26 * explained);
        return within_[voxel] + (unexplained < rounding ? 0.0 : unexplained);
    }

    std::string_view function_;
    std::size_t groups_ = 0, voxels_ = 0;
    bool omits_ = false;
    ChunkPlan plan_;
    std::vector<double> laplacian_, inverse_;  // L, and what solves for the effects: conditions x conditions
    double scale_ = 0.0, df2_ = 0.0, volumes_ = 0.0;
    std::vector<double> origin_, sum_, squares_;  // of open chunks: slots x conditions x voxels
    std::vector<double> effects_, first_;         // b and r: conditions x voxels
    std::vector<std::int32_t> part_;        // of conditions that have met in chunks, called by one of them
    std::vector<double> within_, between_;  // W and B
    VoxelUnits units_;                      // of all these, a voxel each
    // Only where NaN is left out: volumes of open cells, sum_c n_cg n_ch / n_c of every pair of conditions, and how many
    // volumes and chunks a voxel has left.
    std::vector<std::int32_t> left_, volumes_left_, chunks_left_;
    std::vector<double> shared_;
    NonFiniteCount odd_;
};

}  // namespace roi::detail
