// Solves the equations of a random walker: the Laplacian of a graph whose weights lie orders of magnitude apart.
#pragma once

#include <roi/core/error.hpp>

#include <Eigen/Core>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace roi::detail {

/// Solves A x = b for the Laplacian of a connected graph some nodes of which are held and left out: A is symmetric, what is
/// not on its diagonal is negative or 0, and rows add up to 0 or, beside a node that is held, to more.
///
/// Small systems are factored. Larger ones are solved by conjugate gradients, of which each step sweeps over the nodes
/// (Gauss-Seidel) before and after a correction that is one number for each of a few nodes together, found by a solver of that
/// smaller system. Nodes are put together two by two, the heaviest edges first and none that is light beside others of its
/// nodes: nodes with heavy edges between them and light ones to the rest can only change as one, which no sweep sees to.
/// Y. Notay, "An aggregation-based algebraic multigrid method", Electron. Trans. Numer. Anal. 37, 2010, has the idea and the
/// theory. Steps: 20 to 50, whatever the weights; memory: some 300 bytes a node.
///
/// A template so that only who solves has Eigen's solvers compiled.
template <std::same_as<double> Real>
class LaplacianSolver {
public:
    using Matrix = Eigen::SparseMatrix<Real>;
    using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

    /// Systems of no more unknowns are factored.
    static constexpr Eigen::Index most_factored = 4000;

    explicit LaplacianSolver(Matrix matrix) : matrix_(std::move(matrix)) {
        if (matrix_.rows() > most_factored) {
            Matrix smaller = put_together();
            // Where hardly any edge is heavy enough, nearly all stay alone.
            if (smaller.rows() <= matrix_.rows() * 3 / 4)
                coarse_ = std::make_unique<LaplacianSolver>(std::move(smaller));
        }
        if (!coarse_) factor_.emplace(matrix_);
    }

    /// \returns  x; its entries are right to some 1e-12 of the largest
    /// \throws Error when no end was found
    [[nodiscard]] Vector solve(const Vector& right) const {
        if (factor_) return factor_->solve(right);
        // Residuals count by the weight of their node: what hangs on light edges alone has to be right as well.
        const Vector scale = matrix_.diagonal().cwiseSqrt().cwiseInverse();
        const auto size = [&](const Vector& residual) { return scale.cwiseProduct(residual).norm(); };
        const Real enough = 1e-13 * size(right);
        Vector x = Vector::Zero(right.size()), residual = right, step, moved;
        Real before = 0.0;
        for (int steps = 0; size(residual) > enough; ++steps) {
            require(steps < 10000, "the equations of the random walker could not be solved");
            const Vector corrected = nearly_solved(residual);
            const Real now = residual.dot(corrected);
            if (steps == 0) {
                step = corrected;
            } else {
                step = corrected + now / before * step;
            }
            before = now;
            moved.noalias() = matrix_ * step;
            const Real length = now / step.dot(moved);
            x += length * step;
            residual -= length * moved;
        }
        return x;
    }

private:
    /// An edge lighter than this share of the heaviest of its nodes puts nothing together.
    static constexpr Real heavy = 0.25;
    /// How often nodes are put together in pairs: up to 16 become one.
    static constexpr int rounds = 4;

    struct Edge {
        Real weight;
        int a, b;
    };

    /// Fills `together_`; the matrix between what was put together.
    [[nodiscard]] Matrix put_together() {
        Matrix matrix = matrix_;
        const auto count = static_cast<std::size_t>(matrix.rows());
        together_.resize(count);
        for (std::size_t i = 0; i < count; ++i) together_[i] = static_cast<int>(i);
        std::vector<Real> heaviest(count, 0.0);
        for (int round = 0; round < rounds; ++round) {
            auto edges = edges_of(matrix);
            if (round == 0) {
                for (const auto& edge : edges) {
                    for (const int node : {edge.a, edge.b}) {
                        auto& of_node = heaviest[static_cast<std::size_t>(node)];
                        of_node = std::max(of_node, edge.weight);
                    }
                }
            }
            const auto pairs = paired(std::move(edges), heaviest);
            for (int& node : together_) node = pairs[static_cast<std::size_t>(node)];
            matrix = between(matrix, pairs, static_cast<Eigen::Index>(heaviest.size()));
        }
        return matrix;
    }

    [[nodiscard]] static std::vector<Edge> edges_of(const Matrix& matrix) {
        std::vector<Edge> out;
        for (int column = 0; column < static_cast<int>(matrix.cols()); ++column) {
            for (typename Matrix::InnerIterator entry(matrix, column); entry; ++entry) {
                if (entry.row() < column)
                    out.push_back({-entry.value(), static_cast<int>(entry.row()), column});
            }
        }
        return out;
    }

    /// The number that each node gets together with another, or alone.
    /// \param heaviest  edge of each node; receives that of what was put together
    [[nodiscard]] static std::vector<int> paired(std::vector<Edge> edges, std::vector<Real>& heaviest) {
        std::stable_sort(edges.begin(), edges.end(),
                         [](const Edge& a, const Edge& b) { return a.weight > b.weight; });
        std::vector<int> other(heaviest.size(), -1);
        for (const auto& edge : edges) {
            const auto a = static_cast<std::size_t>(edge.a), b = static_cast<std::size_t>(edge.b);
            if (other[a] >= 0 || other[b] >= 0) continue;
            if (edge.weight < heavy * std::max(heaviest[a], heaviest[b])) continue;
            other[a] = edge.b;
            other[b] = edge.a;
        }
        std::vector<int> out(other.size());
        std::vector<Real> of_pairs;
        for (std::size_t i = 0; i < other.size(); ++i) {
            const auto first = static_cast<std::size_t>(other[i]);
            if (other[i] >= 0 && first < i) {
                out[i] = out[first];
                auto& of_pair = of_pairs[static_cast<std::size_t>(out[i])];
                of_pair = std::max(of_pair, heaviest[i]);
            } else {
                out[i] = static_cast<int>(of_pairs.size());
                of_pairs.push_back(heaviest[i]);
            }
        }
        heaviest = std::move(of_pairs);
        return out;
    }

    [[nodiscard]] static Matrix between(const Matrix& matrix, const std::vector<int>& numbers,
                                        Eigen::Index count) {
        std::vector<Eigen::Triplet<Real>> entries;
        entries.reserve(static_cast<std::size_t>(matrix.nonZeros()));
        for (int column = 0; column < static_cast<int>(matrix.cols()); ++column) {
            for (typename Matrix::InnerIterator entry(matrix, column); entry; ++entry) {
                entries.emplace_back(numbers[static_cast<std::size_t>(entry.row())],
                                     numbers[static_cast<std::size_t>(column)], entry.value());
            }
        }
        Matrix out(count, count);
        out.setFromTriplets(entries.begin(), entries.end());
        return out;
    }

    /// The preconditioner, symmetric: a sweep, the correction of what is together, the sweep backwards.
    [[nodiscard]] Vector nearly_solved(const Vector& right) const {
        if (factor_) return factor_->solve(right);
        Vector x = Vector::Zero(right.size());
        for (int i = 0; i < static_cast<int>(right.size()); ++i) sweep(right, x, i);
        const Vector left = right - matrix_ * x;
        Vector of_all = Vector::Zero(coarse_->matrix_.rows());
        for (Eigen::Index i = 0; i < left.size(); ++i) of_all[number_of(i)] += left[i];
        const Vector correction = coarse_->nearly_solved(of_all);
        for (Eigen::Index i = 0; i < x.size(); ++i) x[i] += correction[number_of(i)];
        for (int i = static_cast<int>(right.size()) - 1; i >= 0; --i) sweep(right, x, i);
        return x;
    }

    void sweep(const Vector& right, Vector& x, int node) const {
        Real sum = right[node], diagonal = 1.0;
        for (typename Matrix::InnerIterator entry(matrix_, node); entry; ++entry) {
            if (entry.row() == node) {
                diagonal = entry.value();
            } else {
                sum -= entry.value() * x[entry.row()];
            }
        }
        x[node] = sum / diagonal;
    }

    [[nodiscard]] Eigen::Index number_of(Eigen::Index node) const {
        return together_[static_cast<std::size_t>(node)];
    }

    Matrix matrix_;
    std::vector<int> together_;  ///< by node: its number in the smaller system
    std::unique_ptr<LaplacianSolver> coarse_;
    std::optional<Eigen::SimplicialLDLT<Matrix>> factor_;
};

}  // namespace roi::detail
