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
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace roi::detail {

/// Finds the chances x of a random walker on a graph to end at 1 and not at 0: at every node
/// sum over edges w (x - x of the other end) = to_one (1 - x) - to_zero x.
///
/// By conjugate gradients. For small systems, and those of which hardly anything can be put together, a step is prepared by a
/// factor, which rounding makes one of nearly these equations. For others it sweeps over the nodes (Gauss-Seidel) before and
/// after a correction that is one number for each of a few nodes together, found by a solver of that smaller system. Nodes
/// are put together two by two, the heaviest edges first and none that is light beside others of its nodes: nodes with heavy
/// edges between them and light ones to the rest can only change as one, which no sweep sees to.
/// Y. Notay, "An aggregation-based algebraic multigrid method", Electron. Trans. Numer. Anal. 37, 2010, has the idea and the
/// theory. All is repeated for what is left until nothing changes: differences of neighbours are exact where sums of
/// weights are rounded, and what hangs on weights of 1e-10 alone is right too.
///
/// 100 to 500 steps in all, whatever the weights; memory: some 300 bytes a node. A template so that only who solves has
/// Eigen's solvers compiled.
template <std::same_as<double> Real>
class LaplacianSolver {
public:
    using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

    struct Edge {
        Real weight;
        int a, b;
    };

    /// Systems of no more nodes are factored.
    static constexpr Eigen::Index most_factored = 4000;

    /// \param edges  of a graph, each once
    /// \param held   of each node the sum of its weights to 1 and to 0; above 0 at one node of each connected part
    LaplacianSolver(std::vector<Edge> edges, Vector held) : held_(std::move(held)) {
        weights_ = matrix_of(edges, held_.size());
        diagonal_ = held_ + weights_ * Vector::Ones(held_.size());
        if (held_.size() > most_factored) {
            auto [smaller, of_smaller] = put_together(std::move(edges));
            // Where hardly any edge is heavy enough, nearly all stay alone.
            if (of_smaller.size() <= held_.size() / 10 * 9) {
                coarse_ = std::make_unique<LaplacianSolver>(std::move(smaller), std::move(of_smaller));
            }
        }
        if (!coarse_) {
            Matrix whole = -weights_;
            whole += Matrix(diagonal_.asDiagonal());
            factor_.emplace(whole);
        }
    }

    /// \param to_one   of each node its weight to what is 1
    /// \param to_zero  of each node its weight to what is 0
    /// \returns        x, right to some 1e-12
    /// \throws Error when no end was found
    [[nodiscard]] Vector solve(const Vector& to_one, const Vector& to_zero) const {
        Vector x = Vector::Zero(held_.size());
        for (int passes = 0;; ++passes) {
            require(passes < 100, "the equations of the random walker could not be solved");
            const Vector left =
                to_one.cwiseProduct(Vector::Ones(x.size()) - x) - to_zero.cwiseProduct(x) - differences(x);
            const Vector correction = nearly_all(left);
            x += correction;
            if (correction.template lpNorm<Eigen::Infinity>() <= 1e-13) return x;
        }
    }

private:
    using Matrix = Eigen::SparseMatrix<Real>;

    /// An edge lighter than this share of the heaviest of its nodes puts nothing together.
    static constexpr Real heavy = 0.25;
    /// How often nodes are put together in pairs: up to 16 become one.
    static constexpr int rounds = 4;

    /// Both directions of every edge; those between the same nodes add up.
    [[nodiscard]] static Matrix matrix_of(const std::vector<Edge>& edges, Eigen::Index nodes) {
        std::vector<Eigen::Triplet<Real>> entries;
        entries.reserve(2 * edges.size());
        for (const auto& edge : edges) {
            entries.emplace_back(edge.a, edge.b, edge.weight);
            entries.emplace_back(edge.b, edge.a, edge.weight);
        }
        Matrix out(nodes, nodes);
        out.setFromTriplets(entries.begin(), entries.end());
        return out;
    }

    /// Edges and weights to what is held of the nodes that were put together; fills `together_`.
    [[nodiscard]] std::pair<std::vector<Edge>, Vector> put_together(std::vector<Edge> edges) {
        const auto count = static_cast<std::size_t>(held_.size());
        together_.resize(count);
        std::iota(together_.begin(), together_.end(), 0);
        std::vector<Real> heaviest(count, 0.0);
        for (const auto& edge : edges) {
            for (const int node : {edge.a, edge.b}) {
                auto& of_node = heaviest[static_cast<std::size_t>(node)];
                of_node = std::max(of_node, edge.weight);
            }
        }
        for (int round = 0; round < rounds; ++round) {
            const auto pairs = paired(edges, heaviest);
            for (int& node : together_) node = pairs[static_cast<std::size_t>(node)];
            edges = between(edges, pairs);
        }
        Vector held = Vector::Zero(static_cast<Eigen::Index>(heaviest.size()));
        for (Eigen::Index i = 0; i < held_.size(); ++i) held[number_of(i)] += held_[i];
        return {std::move(edges), std::move(held)};
    }

    /// The number that each node gets together with another, or alone.
    /// \param edges     receives them by weight
    /// \param heaviest  edge of each node; receives that of what was put together
    [[nodiscard]] static std::vector<int> paired(std::vector<Edge>& edges, std::vector<Real>& heaviest) {
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

    /// The edges between what has different numbers; those between the same two are one.
    [[nodiscard]] static std::vector<Edge> between(const std::vector<Edge>& edges,
                                                   const std::vector<int>& numbers) {
        std::vector<Edge> out;
        for (const auto& edge : edges) {
            const int a = numbers[static_cast<std::size_t>(edge.a)],
                      b = numbers[static_cast<std::size_t>(edge.b)];
            if (a != b) out.push_back({edge.weight, std::min(a, b), std::max(a, b)});
        }
        std::stable_sort(out.begin(), out.end(), [](const Edge& one, const Edge& two) {
            return one.b != two.b ? one.b < two.b : one.a < two.a;
        });
        std::size_t kept = 0;
        for (const auto& edge : out) {
            if (kept > 0 && out[kept - 1].a == edge.a && out[kept - 1].b == edge.b) {
                out[kept - 1].weight += edge.weight;
            } else {
                out[kept++] = edge;
            }
        }
        out.resize(kept);
        return out;
    }

    /// At every node the sum over its edges of w (x - x of the other end).
    [[nodiscard]] Vector differences(const Vector& x) const {
        Vector out(x.size());
        for (int node = 0; node < static_cast<int>(x.size()); ++node) {
            Real sum = 0.0;
            for (typename Matrix::InnerIterator edge(weights_, node); edge; ++edge)
                sum += edge.value() * (x[node] - x[edge.row()]);
            out[node] = sum;
        }
        return out;
    }

    /// What has to be added where `right` is left over, to some digits.
    [[nodiscard]] Vector nearly_all(const Vector& right) const {
        // What is left counts by the weight of its node, be it ever so small.
        const Vector scale = diagonal_.cwiseSqrt().cwiseInverse();
        const auto size = [&](const Vector& left) { return scale.cwiseProduct(left).norm(); };
        const Real enough = 1e-8 * size(right);
        Vector x = Vector::Zero(right.size()), left = right, step;
        Real before = 0.0;
        // Where rounding is in the way, the next pass goes on.
        for (int steps = 0; steps < 1000 && size(left) > enough; ++steps) {
            const Vector corrected = some_of(left);
            const Real now = left.dot(corrected);
            if (steps == 0) {
                step = corrected;
            } else {
                step = corrected + now / before * step;
            }
            before = now;
            const Vector moved = held_.cwiseProduct(step) + differences(step);
            const Real length = now / step.dot(moved);
            x += length * step;
            left -= length * moved;
        }
        return x;
    }

    /// The preconditioner, symmetric: a sweep, the correction of what is together, the sweep backwards.
    [[nodiscard]] Vector some_of(const Vector& right) const {
        if (factor_) return factor_->solve(right);
        Vector x = Vector::Zero(right.size());
        for (int i = 0; i < static_cast<int>(right.size()); ++i) sweep(right, x, i);
        const Vector left = right - held_.cwiseProduct(x) - differences(x);
        Vector of_all = Vector::Zero(coarse_->held_.size());
        for (Eigen::Index i = 0; i < left.size(); ++i) of_all[number_of(i)] += left[i];
        const Vector correction = coarse_->some_of(of_all);
        for (Eigen::Index i = 0; i < x.size(); ++i) x[i] += correction[number_of(i)];
        for (int i = static_cast<int>(right.size()) - 1; i >= 0; --i) sweep(right, x, i);
        return x;
    }

    void sweep(const Vector& right, Vector& x, int node) const {
        Real sum = right[node];
        for (typename Matrix::InnerIterator edge(weights_, node); edge; ++edge)
            sum += edge.value() * x[edge.row()];
        x[node] = sum / diagonal_[node];
    }

    [[nodiscard]] Eigen::Index number_of(Eigen::Index node) const {
        return together_[static_cast<std::size_t>(node)];
    }

    Vector held_, diagonal_;
    Matrix weights_;
    std::vector<int> together_;  ///< by node: its number in the smaller system
    std::unique_ptr<LaplacianSolver> coarse_;
    std::optional<Eigen::SimplicialLDLT<Matrix>> factor_;
};

}  // namespace roi::detail
