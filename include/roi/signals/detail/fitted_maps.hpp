// Maps that are solved for: by least squares, in volumes that are whole and in those of which voxels were left out.
#pragma once

#include <roi/regions/region_statistic.hpp>
#include <roi/signals/detail/map_solver.hpp>
#include <roi/signals/detail/signal_layout.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace roi::detail {

/// The maps of a layout that are solved for, and which of their voxels were left out of which volumes.
class FittedMaps {
public:
    FittedMaps() = default;

    /// Makes the equations ready.
    explicit FittedMaps(const SignalLayout& layout) {
        for (const auto& together : layout.fitted) {
            auto solver = together.make();
            for (const auto region : together.regions) {
                solver->add(layout.places.voxels(region), layout.weights_of(region));
            }
            solver->finish();
            solvers_.push_back(std::move(solver));
        }
    }

    /// Expects so many volumes.
    void restart(std::int64_t frames) {
        gaps_.clear();
        gaps_of_.assign(static_cast<std::size_t>(frames), 0);
    }

    /// Adds what others say of the volumes behind.
    void append(const FittedMaps& other) {
        const auto before_these = gaps_.size();
        gaps_.insert(gaps_.end(), other.gaps_.begin(), other.gaps_.end());
        for (const auto gap : other.gaps_of_) gaps_of_.push_back(gap == 0 ? 0 : gap + before_these);
    }

    /// Keeps which voxels of maps were left out of a volume. In most runs they are the same in all volumes.
    /// \param voxels  ascending; by one thread at a time
    void note_gaps(std::int64_t frame, std::vector<std::int64_t> voxels) {
        if (solvers_.empty()) return;
        auto known = std::find(gaps_.rbegin(), gaps_.rend(), voxels);
        std::size_t number = static_cast<std::size_t>(gaps_.rend() - known);
        if (known == gaps_.rend()) {
            gaps_.push_back(std::move(voxels));
            number = gaps_.size();
        }
        gaps_of_[static_cast<std::size_t>(frame)] = number;
    }

    /// Makes factors of the weighted sums of maps.
    /// \param values  volumes x columns of the layout
    void solve(const SignalLayout& layout, Eigen::MatrixXd& values) const {
        for (std::size_t i = 0; i < solvers_.size(); ++i) {
            const auto& solver = *solvers_[i];
            const auto columns = columns_of(layout, layout.fitted[i]);
            const auto of_gaps = fitted_to_the_rest(layout, layout.fitted[i], values);
            if (columns.back() - columns.front() + 1 == static_cast<Eigen::Index>(columns.size())) {
                solver.solve(values.col(columns.front()).data(), values.rows());
            } else {
                // Maps without a voxel have columns between those of the others.
                Eigen::MatrixXd some(values.rows(), static_cast<Eigen::Index>(columns.size()));
                Eigen::Index next = 0;
                for (const auto column : columns) some.col(next++) = values.col(column);
                solver.solve(some.data(), some.rows());
                next = 0;
                for (const auto column : columns) values.col(column) = some.col(next++);
            }
            for (const auto& [frame, factors] : of_gaps) {
                for (std::size_t k = 0; k < columns.size(); ++k) values(frame, columns[k]) = factors[k];
            }
        }
    }

private:
    [[nodiscard]] static std::vector<Eigen::Index> columns_of(const SignalLayout& layout,
                                                              const SignalLayout::FittedTogether& maps) {
        std::vector<Eigen::Index> out;
        for (const auto region : maps.regions)
            out.push_back(static_cast<Eigen::Index>(layout.regions[region].column));
        return out;
    }

    /// The factors of maps in the volumes of which voxels were left out, by the voxels that are left; NaN of maps without one.
    /// \param values  of maps: their weighted sums over the voxels that are left
    [[nodiscard]] std::vector<std::pair<Eigen::Index, std::vector<double>>> fitted_to_the_rest(
        const SignalLayout& layout, const SignalLayout::FittedTogether& maps,
        const Eigen::MatrixXd& values) const {
        std::vector<std::pair<Eigen::Index, std::vector<double>>> out;
        const auto columns = columns_of(layout, maps);
        for (std::size_t gap = 1; gap <= gaps_.size(); ++gap) {
            std::vector<Eigen::Index> frames;
            for (std::size_t frame = 0; frame < gaps_of_.size(); ++frame) {
                if (gaps_of_[frame] == gap) frames.push_back(static_cast<Eigen::Index>(frame));
            }
            const auto& without = gaps_[gap - 1];
            const auto solver = maps.make();
            std::vector<std::size_t> left;  // of the maps
            for (std::size_t map = 0; map < maps.regions.size(); ++map) {
                std::vector<std::int64_t> voxels;
                std::vector<double> weights;
                const auto all = layout.places.voxels(maps.regions[map]);
                const auto all_weights = layout.weights_of(maps.regions[map]);
                for (std::size_t i = 0; i < all.size(); ++i) {
                    if (std::binary_search(without.begin(), without.end(), all[i])) continue;
                    voxels.push_back(all[i]);
                    weights.push_back(all_weights[i]);
                }
                if (voxels.empty()) continue;
                solver->add(voxels, weights);
                left.push_back(map);
            }
            const auto rows = static_cast<Eigen::Index>(frames.size());
            Eigen::MatrixXd some(rows, static_cast<Eigen::Index>(left.size()));
            for (std::size_t k = 0; k < left.size(); ++k) {
                for (Eigen::Index row = 0; row < rows; ++row) {
                    some(row, static_cast<Eigen::Index>(k)) =
                        values(frames[static_cast<std::size_t>(row)], columns[left[k]]);
                }
            }
            if (!left.empty()) {
                solver->finish();
                solver->solve(some.data(), rows);
            }
            for (Eigen::Index row = 0; row < rows; ++row) {
                std::vector<double> factors(columns.size(), statistic::nan);
                for (std::size_t k = 0; k < left.size(); ++k)
                    factors[left[k]] = some(row, static_cast<Eigen::Index>(k));
                out.emplace_back(frames[static_cast<std::size_t>(row)], std::move(factors));
            }
        }
        return out;
    }

    std::vector<std::shared_ptr<const MapSolver>> solvers_;  // one each of `fitted`
    std::vector<std::vector<std::int64_t>> gaps_;  // voxels of maps that are left out together, ascending
    std::vector<std::size_t> gaps_of_;             // of each volume: which of them, from 1; 0 is none
};

}  // namespace roi::detail
