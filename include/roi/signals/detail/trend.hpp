// Straight lines through series, which cleaning and confounds take away.
#pragma once

#include <Eigen/Core>

namespace roi::detail {

/// Subtracts mean and linear trend of every column.
template <class Matrix>
void detrend(Matrix& values) {
    const Eigen::Index n = values.rows();
    if (n < 2) return;
    Eigen::VectorXd ramp = Eigen::VectorXd::LinSpaced(n, 0.0, static_cast<double>(n - 1));
    ramp.array() -= ramp.mean();
    ramp.normalize();
    for (Eigen::Index k = 0; k < values.cols(); ++k) {
        auto column = values.col(k);
        column.array() -= column.mean();
        const double slope = ramp.dot(column);
        column -= slope * ramp;
    }
}

}  // namespace roi::detail
