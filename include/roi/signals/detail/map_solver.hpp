// How the weighted sums of maps that overlap become their factors.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <span>

namespace roi::detail {

/// Factors of maps from their sums. `maps_of` chooses one, so that only who has maps has solvers compiled.
class MapSolver {
public:
    MapSolver() = default;
    MapSolver(const MapSolver&) = delete;
    MapSolver& operator=(const MapSolver&) = delete;
    virtual ~MapSolver() = default;

    /// Adds a map: its voxels and their weights.
    virtual void add(std::span<const std::int64_t> voxels, std::span<const double> weights) = 0;
    /// Makes the equations ready, when all maps have been added.
    virtual void finish() = 0;
    [[nodiscard]] virtual Eigen::Index maps() const = 0;
    /// \param sums  a column for each map, one after the other: its weighted sums in the volumes; receives the factors
    virtual void solve(double* sums, std::int64_t volumes) const = 0;
};

using MakeMapSolver = std::shared_ptr<MapSolver> (*)();

}  // namespace roi::detail
