// The equations of the random walker, against a factor of the same matrix and against what symmetry says.
#include <roi/regions/detail/laplacian_solver.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace {

using Solver = roi::detail::LaplacianSolver<double>;
using Matrix = Eigen::SparseMatrix<double>;

/// The edges of a block of `side` cubed nodes.
/// \param weight  of the edge between two nodes
template <class Weight>
std::vector<Solver::Edge> edges_of_block(int side, const Weight& weight) {
    std::vector<Solver::Edge> out;
    const int plane = side * side, count = plane * side;
    const auto add = [&](int a, int b) { out.push_back({weight(a, b), a, b}); };
    for (int i = 0; i < count; ++i) {
        if (i % side + 1 < side) add(i, i + 1);
        if (i / side % side + 1 < side) add(i, i + side);
        if (i / plane + 1 < side) add(i, i + plane);
    }
    return out;
}

Matrix laplacian(const std::vector<Solver::Edge>& edges, const Solver::Vector& held) {
    std::vector<Eigen::Triplet<double>> entries;
    for (const auto& [w, a, b] : edges) {
        entries.emplace_back(a, b, -w);
        entries.emplace_back(b, a, -w);
        entries.emplace_back(a, a, w);
        entries.emplace_back(b, b, w);
    }
    for (int i = 0; i < static_cast<int>(held.size()); ++i) entries.emplace_back(i, i, held[i]);
    Matrix out(held.size(), held.size());
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
            const auto weight = [&](int, int) { return even ? 1.0 : std::pow(10.0, exponent(random)); };
            const auto edges = edges_of_block(side, weight);
            const int count = side * side * side;
            REQUIRE((count > Solver::most_factored) == (side == 17));
            Solver::Vector to_one = Solver::Vector::Zero(count), to_zero = to_one;
            to_one[0] = 1.0;
            to_one[count / 2] = 0.25;
            to_zero[count - 1] = 0.5;
            const Solver::Vector held = to_one + to_zero;
            const Solver::Vector expected =
                Eigen::SimplicialLDLT<Matrix>(laplacian(edges, held)).solve(to_one);
            const Solver solver(edges, held);
            const auto found = solver.solve(to_one, to_zero);
            CHECK((found - expected).cwiseAbs().maxCoeff() <= 1e-5);  // as true as a factor is
            // The chances to end at either add up to 1.
            const Solver::Vector sum = found + solver.solve(to_zero, to_one);
            CHECK((sum.array() - 1.0).abs().maxCoeff() <= 1e-12);
        }
    }
}

TEST_CASE("solver of Laplacians: a room at the end of two long corridors of light edges") {
    // The room's own edges are so much heavier that rounding them would outweigh the corridors.
    for (const int side : {12, 16}) {
        const int room = side * side * side, near = 40, far = 44;
        auto edges = edges_of_block(side, [](int, int) { return 1.0; });
        for (int i = 0; i < near; ++i) edges.push_back({1e-10, i == 0 ? 0 : room + i - 1, room + i});
        for (int i = 0; i < far; ++i)
            edges.push_back({1e-10, i == 0 ? room - 1 : room + near + i - 1, room + near + i});
        const int count = room + near + far;
        REQUIRE((count > Solver::most_factored) == (side == 16));
        Solver::Vector to_one = Solver::Vector::Zero(count), to_zero = to_one;
        to_one[room + near - 1] = 1e-10;
        to_zero[count - 1] = 1e-10;
        const auto chances = Solver(edges, to_one + to_zero).solve(to_one, to_zero);
        // As resistances in a row: 41 of them to 1, 45 to 0.
        CHECK(std::abs(chances[room / 2] - 45.0 / 86.0) <= 1e-9);
    }
}

TEST_CASE("solver of Laplacians: what hangs on weights of 1e-10 alone is right as well") {
    // A plateau between a node that is 1 and one that is 0, at opposite corners, which pull at it alike.
    for (const int side : {4, 17}) {
        const int count = side * side * side;
        const auto edges = edges_of_block(side, [](int, int) { return 1.0; });
        Solver::Vector to_one = Solver::Vector::Zero(count), to_zero = to_one;
        to_one[0] = 1e-10;
        to_zero[count - 1] = 1e-10;
        const auto chances = Solver(edges, to_one + to_zero).solve(to_one, to_zero);
        CHECK((chances.array() - 0.5).abs().maxCoeff() <= 1e-9);
        for (int i = 0; i < count; ++i) {
            // Opposite nodes are alike with 1 and 0 exchanged.
            REQUIRE(std::abs(chances[i] + chances[count - 1 - i] - 1.0) <= 1e-12);
        }
    }
}
