// Maps together: the factors by which they come closest to a volume.
#pragma once

#include <roi/core/parallel.hpp>
#include <roi/signals/detail/map_solver.hpp>
#include <roi/signals/detail/sparse_factor.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace roi::detail {

/// The normal equations of sparse maps: for the sums b_k of weights times values, s = (W' W)^-1 b.
///
/// Where maps depend on each other, the shortest of all closest s, as LAPACK's `gelsd` has it.
template <class Matrix>
class MapWeights final : public MapSolver {
public:
    void add(std::span<const std::int64_t> voxels, std::span<const double> weights) override {
        for (std::size_t i = 0; i < voxels.size(); ++i) entries_.push_back({voxels[i], maps_, weights[i]});
        ++maps_;
    }

    void finish() override {
        std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
            return a.voxel != b.voxel ? a.voxel < b.voxel : a.map < b.map;
        });
        products_ = Matrix::Zero(maps_, maps_);
        for (std::size_t first = 0, last = 0; first < entries_.size(); first = last) {
            while (last < entries_.size() && entries_[last].voxel == entries_[first].voxel) ++last;
            for (std::size_t i = first; i < last; ++i) {
                for (std::size_t k = first; k < last; ++k) {
                    products_(entries_[i].map, entries_[k].map) += entries_[i].weight * entries_[k].weight;
                }
            }
        }
        entries_ = {};
        const auto size = static_cast<std::size_t>(maps_);
        const auto at = [](std::size_t i) { return static_cast<Eigen::Index>(i); };
        order_ = order_of_least_ties(
            size, [&](std::size_t i, std::size_t k) { return products_(at(i), at(k)) != 0.0; });
        scale_ = products_.diagonal().cwiseSqrt().cwiseInverse();
        Matrix scaled(maps_, maps_);
        for (std::size_t k = 0; k < size; ++k) {
            for (std::size_t i = 0; i < size; ++i) {
                const Eigen::Index a = at(order_[i]), b = at(order_[k]);
                scaled(at(i), at(k)) = scale_[a] * products_(a, b) * scale_[b];
            }
        }
        const Eigen::LLT<Matrix> factors(scaled);
        independent_ = factors.info() == Eigen::Success && factors.rcond() > 1e-10;
        if (independent_) return keep_factor(factors.matrixLLT());
        const Eigen::SelfAdjointEigenSolver<Matrix> solver(products_);
        const Eigen::VectorXd& values = solver.eigenvalues();
        const double least = values[maps_ - 1] * 1e-14 * static_cast<double>(maps_);
        Eigen::VectorXd inverse(maps_);
        for (Eigen::Index i = 0; i < maps_; ++i) inverse[i] = values[i] > least ? 1.0 / values[i] : 0.0;
        products_ = solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose();
    }

    [[nodiscard]] Eigen::Index maps() const override { return maps_; }

    void solve(double* sums, std::int64_t volumes) const override {
        if (!independent_) {
            Eigen::Map<Matrix> all(sums, static_cast<Eigen::Index>(volumes), maps_);
            all = Matrix(all * products_);
            return;
        }
        constexpr auto together = static_cast<std::int64_t>(factor_columns);
        parallel_for(volumes, together, [&](std::int64_t first, std::int64_t last) {
            std::vector<double> some(order_.size() * factor_columns, 0.0);
            for (std::size_t i = 0; i < order_.size(); ++i) {
                const double* const from = sums + order_[i] * volumes;
                const double scale = scale_[static_cast<Eigen::Index>(order_[i])];
                double* const to = some.data() + i * factor_columns;
                for (std::int64_t k = first; k < last; ++k) to[k - first] = scale * from[k];
            }
            detail::solve(factor_, some.data());
            for (std::size_t i = 0; i < order_.size(); ++i) {
                double* const to = sums + order_[i] * volumes;
                const double scale = scale_[static_cast<Eigen::Index>(order_[i])];
                const double* const from = some.data() + i * factor_columns;
                for (std::int64_t k = first; k < last; ++k) to[k] = scale * from[k - first];
            }
        });
    }

private:
    /// Keeps what is not 0 of a triangle; most of it is where maps are small.
    void keep_factor(const Matrix& triangle) {
        products_ = {};
        factor_ = {};
        for (Eigen::Index k = 0; k < maps_; ++k) {
            factor_.diagonal.push_back(triangle(k, k));
            for (Eigen::Index i = k + 1; i < maps_; ++i) {
                if (triangle(i, k) == 0.0) continue;
                factor_.rows.push_back(static_cast<std::uint32_t>(i));
                factor_.values.push_back(triangle(i, k));
            }
            factor_.starts.push_back(factor_.rows.size());
        }
    }

    struct Entry {
        std::int64_t voxel;
        Eigen::Index map;
        double weight;
    };

    Eigen::Index maps_ = 0;
    std::vector<Entry> entries_;
    Matrix products_;
    std::vector<std::uint32_t> order_;  // of the maps in the factor
    Eigen::VectorXd scale_;
    SparseFactor factor_;
    bool independent_ = false;
};

template <class Matrix>
[[nodiscard]] std::shared_ptr<MapSolver> make_map_weights() {
    return std::make_shared<MapWeights<Matrix>>();
}

}  // namespace roi::detail
