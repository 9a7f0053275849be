// Maps together: the factors by which they come closest to a volume.
#pragma once

#include <roi/signals/detail/map_solver.hpp>

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
        scale_ = products_.diagonal().cwiseSqrt().cwiseInverse();
        const Matrix scaled = scale_.asDiagonal() * products_ * scale_.asDiagonal();
        factors_.compute(scaled);
        independent_ = factors_.info() == Eigen::Success && factors_.rcond() > 1e-10;
        if (independent_) return;
        const Eigen::SelfAdjointEigenSolver<Matrix> solver(products_);
        const Eigen::VectorXd& values = solver.eigenvalues();
        const double least = values[maps_ - 1] * 1e-14 * static_cast<double>(maps_);
        Eigen::VectorXd inverse(maps_);
        for (Eigen::Index i = 0; i < maps_; ++i) inverse[i] = values[i] > least ? 1.0 / values[i] : 0.0;
        products_ = solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose();
    }

    [[nodiscard]] Eigen::Index maps() const override { return maps_; }

    [[nodiscard]] Eigen::MatrixXd solved(const Eigen::MatrixXd& sums) const override {
        if (!independent_) return sums * products_;
        const Matrix right = scale_.asDiagonal() * sums.transpose();
        return (scale_.asDiagonal() * factors_.solve(right)).transpose();
    }

private:
    struct Entry {
        std::int64_t voxel;
        Eigen::Index map;
        double weight;
    };

    Eigen::Index maps_ = 0;
    std::vector<Entry> entries_;
    Matrix products_;
    Eigen::VectorXd scale_;
    Eigen::LLT<Matrix> factors_;
    bool independent_ = false;
};

template <class Matrix>
[[nodiscard]] std::shared_ptr<MapSolver> make_map_weights() {
    return std::make_shared<MapWeights<Matrix>>();
}

}  // namespace roi::detail
