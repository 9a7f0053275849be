// Spreads seeds over a map: where a random walker that shuns steps of the map's values would arrive first.
#pragma once

#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/regions/detail/laplacian_solver.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace roi::detail {

/// Labels every voxel of a map that is not 0 by the seed a random walker from there most likely meets first.
///
/// Steps go to the 6 neighbours with weight w = exp(-b (g_i - g_j)^2) + 1e-10, b = beta / (10 s), beta = 130, s the
/// standard deviation of all voxels. The chance to meet label k first solves L_UU x = -L_US [seed = k] with the Laplacian
/// L = D - W, U the voxels without and S those with a seed; of equal chances the lower label wins. L. Grady, "Random walks
/// for image segmentation", IEEE Trans. Pattern Anal. Mach. Intell. 28, 2006.
///
/// A template so that only who walks has the solvers compiled.
template <std::same_as<double> Real>
class RandomWalker {
public:
    /// \param values  the map; what is 0 takes no part
    /// \param seeds   labels from 1, 0 where there is no seed; receives the labels, 0 where no seed can be reached
    RandomWalker(const Real* values, std::int32_t* seeds, const Shape& shape)
        : values_(values), labels_(seeds), shape_(shape) {
        double largest = 0.0, mean = 0.0, squares = 0.0;
        for (std::int64_t i = 0; i < shape.size(); ++i) largest = std::max(largest, std::abs(values[i]));
        // By a power of 2, which rounds nothing: the squares of what is beyond 1e154 are no numbers. Of the step's two units and
        // the deviation's one `weight` takes the one that is left back out.
        unit_ = std::ldexp(1.0, std::min(-std::ilogb(std::max(largest, 1e-300)), 1000));
        const auto size = static_cast<double>(shape.size());
        for (std::int64_t i = 0; i < shape.size(); ++i) mean += values[i] * unit_ / size;
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const double apart = values[i] * unit_ - mean;
            squares += apart * apart;
        }
        const double deviation = std::sqrt(squares / size);
        sharpness_ = deviation > 0.0 ? 130.0 / (10.0 * deviation) : 0.0;
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            if (values[i] == 0.0) labels_[i] = 0;
        }
    }

    /// \param solved  called on any thread with a number of labels for which the equations are solved, or need not be
    void run(const std::function<void(std::int64_t)>& solved) {
        solved_ = &solved;
        place_.assign(static_cast<std::size_t>(shape_.size()), unseen);
        for (std::int64_t i = 0; i < shape_.size(); ++i) {
            if (values_[i] != 0.0 && place_[static_cast<std::size_t>(i)] == unseen) walk(component_of(i));
        }
        // As in nilearn seeds without anything around them are no regions, but where there are no others they are all there is.
        if (!walked_) return;
        for (const std::int64_t voxel : alone_) labels_[voxel] = 0;
    }

private:
    static constexpr int unseen = -2;
    static constexpr int seeded = -1;

    /// Calls `visit(neighbour)` for the neighbours of a voxel that take part.
    template <class Visit>
    void each_neighbour(std::int64_t voxel, Visit&& visit) const {
        const auto place = shape_.voxel(voxel);
        const std::array<std::int64_t, 3> steps{1, shape_.x(), shape_.x() * shape_.y()};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            if (place[axis] > 0 && values_[voxel - steps[axis]] != 0.0) visit(voxel - steps[axis]);
            if (place[axis] + 1 < shape_[static_cast<int>(axis)] && values_[voxel + steps[axis]] != 0.0) {
                visit(voxel + steps[axis]);
            }
        }
    }

    [[nodiscard]] double weight(std::int64_t a, std::int64_t b) const {
        const double step = values_[a] * unit_ - values_[b] * unit_;
        return std::exp(-sharpness_ * step * step / unit_) + 1e-10;
    }

    /// All voxels that can be reached from one, in the order of memory.
    [[nodiscard]] std::vector<std::int64_t> component_of(std::int64_t voxel) {
        std::vector<std::int64_t> out{voxel};
        place_[static_cast<std::size_t>(voxel)] = seeded;
        for (std::size_t i = 0; i < out.size(); ++i) {
            each_neighbour(out[i], [&](std::int64_t other) {
                if (place_[static_cast<std::size_t>(other)] != unseen) return;
                place_[static_cast<std::size_t>(other)] = seeded;
                out.push_back(other);
            });
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    void walk(const std::vector<std::int64_t>& component) {
        std::vector<std::int32_t> labels;
        std::vector<std::int64_t> unknown;
        for (const std::int64_t voxel : component) {
            if (labels_[voxel] > 0) {
                labels.push_back(labels_[voxel]);
            } else {
                place_[static_cast<std::size_t>(voxel)] = static_cast<int>(unknown.size());
                unknown.push_back(voxel);
            }
        }
        std::sort(labels.begin(), labels.end());
        labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
        if (unknown.empty() || labels.size() < 2) (*solved_)(static_cast<std::int64_t>(labels.size()));
        if (unknown.empty()) alone_.insert(alone_.end(), component.begin(), component.end());
        walked_ = walked_ || (!unknown.empty() && !labels.empty());
        if (labels.size() == 1) {
            for (const std::int64_t voxel : unknown) labels_[voxel] = labels.front();
        }
        if (unknown.empty() || labels.size() < 2) return;
        const auto chances = solve(unknown, labels);
        for (std::size_t i = 0; i < unknown.size(); ++i) {
            std::size_t best = 0;
            for (std::size_t k = 1; k < labels.size(); ++k) {
                const auto row = static_cast<Eigen::Index>(i);
                const double lead = chances(row, static_cast<Eigen::Index>(k)) -
                                    chances(row, static_cast<Eigen::Index>(best));
                if (lead > 1e-10) best = k;  // a tie is one whatever the rounding
            }
            labels_[unknown[i]] = labels[best];
        }
    }

    /// The chance of every voxel without a seed (rows) to meet each label (columns) first.
    [[nodiscard]] Eigen::MatrixXd solve(const std::vector<std::int64_t>& unknown,
                                        const std::vector<std::int32_t>& labels) const {
        using Solver = LaplacianSolver<double>;
        const auto count = static_cast<Eigen::Index>(unknown.size());
        Eigen::MatrixXd to_labels = Eigen::MatrixXd::Zero(count, static_cast<Eigen::Index>(labels.size()));
        std::vector<Solver::Edge> edges;
        for (int row = 0; row < static_cast<int>(count); ++row) {
            const std::int64_t voxel = unknown[static_cast<std::size_t>(row)];
            each_neighbour(voxel, [&](std::int64_t other) {
                const int column = place_[static_cast<std::size_t>(other)];
                if (column > row) {
                    edges.push_back({weight(voxel, other), row, column});
                } else if (column < 0) {
                    const auto label = std::lower_bound(labels.begin(), labels.end(), labels_[other]);
                    to_labels(row, label - labels.begin()) += weight(voxel, other);
                }
            });
        }
        const Solver solver(std::move(edges), to_labels.rowwise().sum());
        Eigen::MatrixXd out(to_labels.rows(), to_labels.cols());
        parallel_for(out.cols(), 1, [&](std::int64_t k, std::int64_t) {
            Eigen::VectorXd to_others = Eigen::VectorXd::Zero(count);
            for (Eigen::Index other = 0; other < out.cols(); ++other) {
                if (other != k) to_others += to_labels.col(other);
            }
            out.col(k) = solver.solve(to_labels.col(k), to_others);
            (*solved_)(1);
        });
        return out;
    }

    const double* values_;
    std::int32_t* labels_;
    Shape shape_;
    double unit_ = 1.0;  ///< what values are multiplied with
    double sharpness_ = 0.0;
    const std::function<void(std::int64_t)>* solved_ = nullptr;
    std::vector<int> place_;           ///< by voxel: its number among the unknown, or one of the two above
    std::vector<std::int64_t> alone_;  ///< voxels of components that are all seeds
    bool walked_ = false;              ///< was any voxel without a seed reached by one?
};

/// The local maxima of a map: no value within a box of `reach` voxels to all sides is larger.
///
/// Only values above a tenth of the largest and above 0; of a plateau all voxels; none where all are equal. That is
/// scikit-image's `peak_local_max` as nilearn calls it.
[[nodiscard]] inline std::vector<bool> local_maxima(const double* values, const Shape& shape,
                                                    std::int64_t reach) {
    const auto size = static_cast<std::size_t>(shape.size());
    std::vector<double> largest(values, values + size), before;
    const std::array<std::int64_t, 3> steps{1, shape.x(), shape.x() * shape.y()};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        before = largest;
        const std::int64_t length = shape[static_cast<int>(axis)];
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const std::int64_t at = shape.voxel(i)[axis];
            double& out = largest[static_cast<std::size_t>(i)];
            for (std::int64_t k = std::max<std::int64_t>(at - reach, 0); k < std::min(at + reach + 1, length);
                 ++k) {
                out = std::max(out, before[static_cast<std::size_t>(i + (k - at) * steps[axis])]);
            }
        }
    }
    std::vector<bool> out(size);
    if (size == 0) return out;
    const auto [low, high] = std::minmax_element(values, values + size);
    if (*low == *high) return out;
    const double limit = std::max(0.1 * *high, 0.0);
    for (std::size_t i = 0; i < size; ++i) out[i] = values[i] == largest[i] && values[i] > limit;
    return out;
}

}  // namespace roi::detail
