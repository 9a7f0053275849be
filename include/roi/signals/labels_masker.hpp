// The mean signal of every region of an atlas, volume by volume.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
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
/// Columns are the labels in ascending order without the background; negative labels are regions too.
/// Equals nilearn's `NiftiLabelsMasker(atlas, strategy="mean")` without resampling, except that results stay
/// double and the caller's data are never changed: NaN and infinite values count as 0.
class LabelsMasker {
public:
    /// \throws GridMismatch when the mask lies on another grid than the atlas
    explicit LabelsMasker(const Labels& atlas, const LabelsMaskerOptions& options = {})
        : grid_(atlas.grid()) {
        if (options.mask)
            require_same_grid(atlas.grid(), options.mask->grid(), "labels_masker: atlas and mask");
        // Positions in SciPy's order, x slowest, in which the peer adds: the sums then round alike.
        std::map<std::int32_t, std::vector<std::int64_t>> regions;
        const Shape& shape = atlas.shape();
        for (std::int64_t x = 0; x < shape.x(); ++x) {
            for (std::int64_t y = 0; y < shape.y(); ++y) {
                for (std::int64_t z = 0; z < shape.z(); ++z) {
                    const std::int64_t voxel = shape.index(x, y, z);
                    if (atlas[voxel] == options.background) continue;
                    if (options.mask && !(*options.mask)[voxel]) continue;
                    regions[atlas[voxel]].push_back(voxel);
                }
            }
        }
        for (auto& [label, voxels] : regions) {
            labels_.push_back(label);
            regions_.push_back(std::move(voxels));
        }
    }

    /// The label of every column.
    [[nodiscard]] const std::vector<std::int32_t>& labels() const { return labels_; }

    /// Grid of the atlas.
    [[nodiscard]] const Grid& grid() const { return grid_; }

    /// Mean of every region in one volume, in the order of `labels()`.
    /// \throws GridMismatch when atlas and volume lie on different grids
    template <NumberVoxel T>
    [[nodiscard]] Eigen::VectorXd transform(const Volume<T>& volume) const {
        require_same_grid(grid_, volume.grid(), "labels_masker: atlas and volume");
        Eigen::VectorXd out(static_cast<Eigen::Index>(labels_.size()));
        means(regions_, volume.data(), out.data());
        return out;
    }

    /// Mean of every region in every volume: volumes x labels.
    /// \throws GridMismatch when atlas and run lie on different grids
    template <NumberVoxel T>
    [[nodiscard]] Eigen::MatrixXd transform(const Volume4D<T>& run) const {
        require_same_grid(grid_, run.grid(), "labels_masker: atlas and run");
        return table(regions_, run.frames(),
                     [&](std::int64_t frame) { return run.data() + frame * run.grid().size(); });
    }

    /// Mean of every region in every volume of kept voxels: volumes x labels, the same values as from the
    /// whole run.
    /// \throws GridMismatch when atlas and kept voxels lie on different grids
    /// \throws InvalidArgument when a voxel of a region was not kept
    template <RealVoxel T>
    [[nodiscard]] Eigen::MatrixXd transform(const KeptVoxels<T>& kept) const {
        require_same_grid(grid_, kept.grid(), "labels_masker: atlas and kept voxels");
        auto places = regions_;
        for (std::size_t region = 0; region < places.size(); ++region) {
            for (std::int64_t& voxel : places[region]) {
                const std::int64_t place = kept.find(voxel);
                if (place < 0) {
                    throw InvalidArgument(text("labels_masker: voxel (", joined(grid_.shape().voxel(voxel)),
                                               ") of label ", labels_[region],
                                               " was not kept; keep every voxel that a label can touch"));
                }
                voxel = place;
            }
        }
        return table(places, kept.frames(), [&](std::int64_t frame) { return kept.frame(frame).data(); });
    }

    /// Mean of every region in every volume that a source has: volumes x labels, one pass, nothing kept but
    /// the result.
    /// \throws GridMismatch when atlas and source lie on different grids, and what the source throws
    template <FrameSource Source>
    requires(!requires(const Source& source) { source.data(); }) [[nodiscard]] Eigen::MatrixXd
        transform(Source&& source, const ScanOptions& options = {}) const;

private:
    template <class T>
    static void means(const std::vector<std::vector<std::int64_t>>& regions, const T* values, double* out) {
        for (const auto& voxels : regions) {
            double sum = 0.0;
            for (const std::int64_t voxel : voxels) sum += detail::finite_or_zero(values[voxel]);
            *out++ = sum / static_cast<double>(voxels.size());
        }
    }

    /// Means of many volumes, four at a time: values are fetched in the order of memory and put where they are added
    /// up in SciPy's order, so neither waits.
    template <class Frame>
    [[nodiscard]] static Eigen::MatrixXd table(const std::vector<std::vector<std::int64_t>>& regions,
                                               std::int64_t frames, Frame&& frame) {
        struct Fetch {
            std::int64_t voxel;
            std::size_t place;
        };
        constexpr std::size_t together = 4;
        std::vector<Fetch> fetches;
        for (const auto& voxels : regions) {
            for (const std::int64_t voxel : voxels) fetches.push_back({voxel, together * fetches.size()});
        }
        std::sort(fetches.begin(), fetches.end(),
                  [](const Fetch& a, const Fetch& b) { return a.voxel < b.voxel; });

        Eigen::MatrixXd out(frames, static_cast<Eigen::Index>(regions.size()));
        parallel_for(frames, 16, [&](std::int64_t first, std::int64_t last) {
            std::vector<double> values(together * fetches.size());
            for (; first < last; first += static_cast<std::int64_t>(together)) {
                const auto count = std::min<std::int64_t>(together, last - first);
                // At the end some are taken twice, to have four.
                const auto volume = [&](std::int64_t k) { return frame(first + std::min(k, count - 1)); };
                const std::array volumes{volume(0), volume(1), volume(2), volume(3)};
                for (const auto& [voxel, place] : fetches) {
                    for (std::size_t k = 0; k < together; ++k) {
                        values[place + k] = detail::finite_or_zero(volumes[k][voxel]);
                    }
                }
                const double* value = values.data();
                for (std::size_t region = 0; region < regions.size(); ++region) {
                    double sums[together] = {};
                    for (std::size_t i = 0; i < regions[region].size(); ++i, value += together) {
                        for (std::size_t k = 0; k < together; ++k) sums[k] += value[k];
                    }
                    double* means = out.data() + static_cast<std::int64_t>(region) * frames + first;
                    for (std::int64_t k = 0; k < count; ++k) {
                        means[k] = sums[k] / static_cast<double>(regions[region].size());
                    }
                }
            }
        });
        return out;
    }

    friend class LabelSignals;

    Grid grid_;
    std::vector<std::int32_t> labels_;
    std::vector<std::vector<std::int64_t>> regions_;
};

/// Sink of `scan`: the mean of every region in every volume.
class LabelSignals {
public:
    explicit LabelSignals(LabelsMasker masker) : masker_(std::move(masker)) {}

    /// \throws GridMismatch when atlas and run lie on different grids
    void begin(const ScanInfo& info) {
        require_same_grid(masker_.grid(), info.grid, "labels_masker: atlas and run");
        signals_.resize(static_cast<Eigen::Index>(info.frames),
                        static_cast<Eigen::Index>(masker_.labels().size()));
        row_.resize(masker_.labels().size());
    }

    /// The smallest box around all regions: nothing else is looked at.
    [[nodiscard]] Box box() const {
        Box out;
        for (const auto& voxels : masker_.regions_) {
            for (const std::int64_t voxel : voxels) out.include(masker_.grid().shape(), voxel);
        }
        return out;
    }

    template <RealVoxel T>
    void frame(std::int64_t index, std::span<const T> values) {
        LabelsMasker::means(masker_.regions_, values.data(), row_.data());
        for (std::size_t column = 0; column < row_.size(); ++column) {
            signals_(index, static_cast<Eigen::Index>(column)) = row_[column];
        }
    }

    /// Volumes x labels.
    [[nodiscard]] const Eigen::MatrixXd& result() const { return signals_; }

private:
    LabelsMasker masker_;
    Eigen::MatrixXd signals_;
    std::vector<double> row_;
};

template <FrameSource Source>
requires(!requires(const Source& source) {
    source.data();
}) Eigen::MatrixXd LabelsMasker::transform(Source&& source, const ScanOptions& options)
const {
    LabelSignals sink(*this);
    scan(options, source, sink);
    return sink.result();
}

/// The regions of an atlas, ready to take their signals from runs and volumes.
///
/// \param atlas    one label per voxel, as `label` gives them
/// \param options  background label, mask
/// \throws GridMismatch when the mask lies on another grid than the atlas
[[nodiscard]] inline LabelsMasker labels_masker(const Labels& atlas,
                                                const LabelsMaskerOptions& options = {}) {
    return LabelsMasker(atlas, options);
}

}  // namespace roi
