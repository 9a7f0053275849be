// The first eigenvariate of a region: the time course that most of its voxels share.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/regions/region_statistic.hpp>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

namespace roi {

/// Settings of `first_eigenvariate`.
struct EigenvariateOptions {
    /// Subtract the mean of every voxel first. SPM does so only when the data are adjusted for a contrast.
    bool center = false;
};

/// What `first_eigenvariate` finds.
struct Eigenvariate {
    Eigen::VectorXd series;   ///< one value a volume, of the size of the voxels' values
    Eigen::VectorXd weights;  ///< one a voxel
    double share = 0.0;       ///< part of the sum of squares that it explains, from 0 to 1
};

/// The first eigenvariate of the time courses of a region.
///
/// \param matrix   volumes x voxels, finite: a matrix of Eigen's or an expression
/// \param options  whether the voxels' means are subtracted first
/// \throws InvalidArgument when there are no values, or one of them is NaN or infinite
///
/// With Y = U S V' it is u1 s1 / sqrt(n) for n voxels, with the sign that makes the sum of the weights v1 positive, as
/// SPM's `spm_regions.m` has it; where that sum is 0, and SPM returns zeros, the largest weight is positive. Time: that
/// of the eigenvectors of a matrix with the smaller of the two numbers of rows.
template <class Expression>
[[nodiscard]] Eigenvariate first_eigenvariate(const Eigen::MatrixBase<Expression>& matrix,
                                              const EigenvariateOptions& options = {}) {
    Eigen::MatrixXd values = matrix;
    require(values.size() > 0, "first_eigenvariate: expected values, found none");
    require(
        values.allFinite(),
        "first_eigenvariate: expected finite values, found NaN or infinity; leave out the voxels that have "
        "one, as `region_signals` does with `non_finite` omit");
    // By a power of two, which rounds nothing, so that squares of very large and very small values are numbers.
    const double largest_value = values.cwiseAbs().maxCoeff();
    const int exponent = largest_value == 0.0 ? 0 : std::clamp(std::ilogb(largest_value), -1022, 1022);
    values *= std::scalbn(1.0, -exponent);
    if (options.center) {
        const Eigen::RowVectorXd means = values.colwise().mean();
        values.rowwise() -= means;
    }
    const bool tall = values.rows() > values.cols();
    Eigen::MatrixXd squares;
    if (tall) {
        squares.noalias() = values.transpose() * values;
    } else {
        squares.noalias() = values * values.transpose();
    }
    Eigenvariate out;
    const double total = squares.trace();
    if (total == 0.0) {  // nothing but zeros
        out.series = Eigen::VectorXd::Zero(values.rows());
        out.weights = Eigen::VectorXd::Zero(values.cols());
        return out;
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(squares);
    const double largest = solver.eigenvalues()[squares.rows() - 1];
    const Eigen::VectorXd vector = solver.eigenvectors().col(squares.rows() - 1);
    if (tall) {
        out.weights = vector;
        out.series = values * vector;
    } else {
        out.weights = (values.transpose() * vector) / std::sqrt(largest);
        out.series = vector * std::sqrt(largest);
    }
    double sign = out.weights.sum();
    if (std::abs(sign) <= 1e-12 * out.weights.cwiseAbs().sum()) {
        Eigen::Index at = 0;
        out.weights.cwiseAbs().maxCoeff(&at);
        sign = out.weights[at];
    }
    if (sign < 0.0) out.weights = -out.weights;
    out.series *= (sign < 0.0 ? -1.0 : 1.0) / std::sqrt(static_cast<double>(values.cols()));
    out.series *= std::scalbn(1.0, exponent);
    out.share = largest / total;
    return out;
}

/// What `eigenvariate_of` is: it becomes a statistic where one is asked for, so that only who asks has the eigenvectors
/// compiled.
struct EigenvariateOf {
    template <std::same_as<RegionStatistic> Statistic>
    operator Statistic() const {
        return Statistic::over_time("eigenvariate", [](std::span<const double> values, std::int64_t voxels) {
            using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
            const auto columns = static_cast<Eigen::Index>(voxels);
            const auto rows = columns == 0 ? 0 : static_cast<Eigen::Index>(values.size()) / columns;
            const auto series =
                first_eigenvariate(Eigen::Map<const RowMajor>(values.data(), rows, columns)).series;
            return std::vector<double>(series.begin(), series.end());
        });
    }
};

/// `first_eigenvariate` as a statistic of regions, without subtracting means.
inline constexpr EigenvariateOf eigenvariate_of{};

}  // namespace roi
