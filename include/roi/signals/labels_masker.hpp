// The mean signal of every region of an atlas, volume by volume: the notebook's masker.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `labels_masker`.
struct LabelsMaskerOptions {
    std::int32_t background = 0;  ///< the label that is no region
    std::optional<Mask> mask{};   ///< voxels outside it count as background
};

/// Takes the mean of every region from runs and volumes; the regions come from an atlas.
///
/// A short form of `region_signals`: means alone, as a matrix, and labels that a mask empties have no column. Columns are
/// the labels in ascending order without the background; negative labels are regions too. Equals nilearn's
/// `NiftiLabelsMasker(atlas, strategy="mean")` without resampling, except that results stay double and the caller's data
/// are never changed: NaN and infinite values count as 0.
class LabelsMasker {
public:
    /// \throws GridMismatch when the mask lies on another grid than the atlas
    /// \throws InvalidArgument when the atlas has no label but the background, or the mask empties all
    explicit LabelsMasker(const Labels& atlas, const LabelsMaskerOptions& options = {})
        : grid_(atlas.grid()), signals_(labels_of(atlas, {.background = options.background})) {
        if (options.mask) {
            require_same_grid(atlas.grid(), options.mask->grid(), "labels_masker: atlas and mask");
        }
        signals_.options_.mask = options.mask;
        signals_.who_ = "labels_masker";
        signals_.start(grid_, 0);
        for (const auto& column : signals_.layout_.columns) {
            labels_.push_back(static_cast<std::int32_t>(column.id));
        }
    }

    /// The label of every column.
    [[nodiscard]] const std::vector<std::int32_t>& labels() const { return labels_; }

    /// Grid of the atlas.
    [[nodiscard]] const Grid& grid() const { return grid_; }

    /// Mean of every region in one volume, in the order of `labels()`.
    /// \throws GridMismatch when atlas and volume lie on different grids
    template <NumberVolume V>
    [[nodiscard]] Eigen::VectorXd transform(const V& volume) const {
        auto sink = sink_for("volume");
        sink.read(volume);
        return sink.result().values.row(0).transpose();
    }

    /// Mean of every region in every volume of kept voxels: volumes x labels, the same values as from the
    /// whole run.
    /// \throws GridMismatch when atlas and kept voxels lie on different grids
    /// \throws InvalidArgument when a voxel of a region was not kept
    template <RealVoxel T>
    [[nodiscard]] Eigen::MatrixXd transform(const KeptVoxels<T>& kept) const {
        auto sink = sink_for("kept voxels");
        sink.read(kept);
        return sink.result().values;
    }

    /// Mean of every region in every volume of a run in memory or of a source: volumes x labels, one pass, nothing kept
    /// but the result.
    /// \throws GridMismatch when atlas and run lie on different grids, and what the source throws
    template <FrameSource Source>
    [[nodiscard]] Eigen::MatrixXd transform(Source&& source, const ScanOptions& options = {}) const {
        auto sink = sink_for("run");
        scan(source, sink, options);
        return sink.result().values;
    }

private:
    friend class LabelSignals;

    [[nodiscard]] RegionSignals sink_for(std::string_view what) const {
        auto sink = signals_;
        sink.run_ = what;
        return sink;
    }

    Grid grid_;
    RegionSignals signals_;
    std::vector<std::int32_t> labels_;
};

/// Sink of `scan`: the mean of every region in every volume, as a matrix.
class LabelSignals {
public:
    using stored_type = RegionSignals::stored_type;

    explicit LabelSignals(const LabelsMasker& masker) : signals_(masker.sink_for("run")) {}

    /// \throws GridMismatch when atlas and run lie on different grids
    void begin(const ScanInfo& info) { signals_.begin(info); }

    /// The smallest box around all regions: nothing else is looked at.
    [[nodiscard]] Box box() const { return signals_.box(); }

    template <NumberVoxel T>
    void update(const FrameBlock<T>& block) {
        signals_.update(block);
    }

    void scan_begins() noexcept { signals_.scan_begins(); }
    void scan_ends() noexcept { signals_.scan_ends(); }
    void warn(const WarningHandler& warning) const { signals_.warn(warning); }

    /// Volumes x labels.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] Eigen::MatrixXd result() const { return signals_.result().values; }

private:
    RegionSignals signals_;
};

/// The regions of an atlas, ready to take their signals from runs and volumes.
///
/// \param atlas    one label per voxel, as `label` gives them
/// \param options  background label, mask
/// \throws GridMismatch when the mask lies on another grid than the atlas
/// \throws InvalidArgument when the atlas has no label but the background, or the mask empties all
[[nodiscard]] inline LabelsMasker labels_masker(const Labels& atlas,
                                                const LabelsMaskerOptions& options = {}) {
    return LabelsMasker(atlas, options);
}

/// What is no atlas has no labels yet.
template <class Other>
requires(!std::convertible_to<const Other&, const Labels&>)  //
    [[nodiscard]] LabelsMasker labels_masker(const Other&, const LabelsMaskerOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: labels_masker takes labels: write labels_masker(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return LabelsMasker(Labels(Shape()));
}

}  // namespace roi
