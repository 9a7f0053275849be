// What is a matrix of Eigen's, so that messages of the compiler can say what is none.
#pragma once

#include <Eigen/Core>
#include <type_traits>

namespace roi::detail {

template <class Expression>
std::true_type is_matrix(const Eigen::MatrixBase<Expression>&);

/// A matrix of Eigen's, or an expression.
template <class M>
concept MatrixOperand = requires(const M& matrix) {
    is_matrix(matrix);
};

}  // namespace roi::detail
