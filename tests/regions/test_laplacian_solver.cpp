// The equations of the random walker, against a factor of the same matrix.
#include <roi/regions/detail/laplacian_solver.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <cmath>
#include <random>
#include <vector>

namespace {

using Solver = roi::detail::LaplacianSolver<double>;

/// The Laplacian of a block of `side` cubed nodes, a few of which stand beside a node that is held.
/// \param weight  of the next edge
template <class Weight>
Solver::Matrix laplacian_of_block(int side, const Weight& weight) {
    std::vector<Eigen::Triplet<double>> entries;
    const int plane = side * side, count = plane * side;
    const auto add = [&](int a, int b) {
        const double w = weight();
        entries.emplace_back(a, b, -w);
        entries.emplace_back(b, a, -w);
        entries.emplace_back(a, a, w);
        entries.emplace_back(b, b, w);
    };
    for (int i = 0; i < count; ++i) {
        if (i % side + 1 < side) add(i, i + 1);
        if (i / side % side + 1 < side) add(i, i + side);
        if (i / plane + 1 < side) add(i, i + plane);
    }
    for (const int beside : {0, count / 2, count - 1}) entries.emplace_back(beside, beside, weight());
    Solver::Matrix out(count, count);
    out.setFromTriplets(entries.begin(), entries.end());
    return out;
}

}  // namespace

TEST_CASE("solver of Laplacians: as a factor, for even weights and for those orders of magnitude apart") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::uniform_real_distribution<double> exponent(-10.0, 0.0);
    for (const bool even : {true, false}) {
        for (const int side : {3, 17}) {
            INFO("even " << even << ", side " << side);
            const auto matrix =
                laplacian_of_block(side, [&] { return even ? 1.0 : std::pow(10.0, exponent(random)); });
            REQUIRE((matrix.rows() > Solver::most_factored) == (side == 17));
            Solver::Vector right = Solver::Vector::Zero(matrix.rows());
            right[0] = matrix.coeff(0, 0);
            right[matrix.rows() - 1] = 0.5 * matrix.coeff(matrix.rows() - 1, matrix.rows() - 1);
            const Solver::Vector expected = Eigen::SimplicialLDLT<Solver::Matrix>(matrix).solve(right);
            const Solver::Vector found = Solver(matrix).solve(right);
            CHECK((found - expected).cwiseAbs().maxCoeff() <= 1e-6 * expected.cwiseAbs().maxCoeff());
            // A factor is no truer than rounding lets it be: the equations hold node by node.
            const Solver::Vector left = (right - matrix * found).cwiseQuotient(matrix.diagonal());
            CHECK(left.cwiseAbs().maxCoeff() <= 1e-11 * expected.cwiseAbs().maxCoeff());
        }
    }
}
