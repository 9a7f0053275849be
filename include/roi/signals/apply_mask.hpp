// The voxels of a mask as a matrix, and a matrix as the voxels of a mask.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `apply_mask`.
struct ApplyMaskOptions {
    bool ensure_finite = true;  ///< NaN and infinite values are 0, as in nilearn
    Progress progress{};        ///< told the number of volumes done
    WarningHandler warning{};   ///< told what the source has to say
    StopRequest stop{};         ///< asked whether to stop
    int threads = 0;            ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// Positions in memory of the voxels of a mask in NumPy's order: x slowest.
[[nodiscard]] inline std::vector<std::int64_t> voxels_of(const Mask& mask) {
    std::vector<std::int64_t> out;
    const Shape shape = axes_of_voxels(mask.shape());
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) {
                const std::int64_t voxel = shape.index(x, y, z);
                if (mask[voxel]) out.push_back(voxel);
            }
        }
    }
    return out;
}

inline void require_voxels(Eigen::Index found, const std::vector<std::int64_t>& voxels) {
    if (found == static_cast<Eigen::Index>(voxels.size())) return;
    throw InvalidArgument(text("unmask: ", static_cast<std::int64_t>(found),
                               " values a volume do not fit a mask of ", voxels.size(), " voxels"));
}

}  // namespace detail

/// The values of the voxels of a mask over time.
///
/// \param source   a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param mask     on the grid of the run
/// \param options  what becomes of NaN and infinity
/// \returns        volumes x voxels, the voxels with x slowest, as `image[mask]` has them in NumPy
/// \throws GridMismatch    when mask and run lie on different grids
/// \throws InvalidArgument when the mask is empty
///
/// nilearn's `apply_mask`, in double. One pass; memory: the values, and once more in the type of the source.
template <FrameSource Source>
[[nodiscard]] Eigen::MatrixXd apply_mask(Source&& source, const Mask& mask,
                                         const ApplyMaskOptions& options = {}) {
    const auto voxels = detail::voxels_of(mask);
    require(!voxels.empty(), "apply_mask: the mask is empty");
    using T = typename std::remove_cvref_t<decltype(staged(source))>::value_type;
    KeepVoxels<T> keep(mask);
    scan(source, keep, detail::scan_options(options));
    const auto kept = std::move(keep).result();
    Eigen::MatrixXd out(static_cast<Eigen::Index>(kept.frames()), static_cast<Eigen::Index>(voxels.size()));
    for (std::size_t k = 0; k < voxels.size(); ++k) {
        const auto place = static_cast<std::size_t>(kept.find(voxels[k]));
        for (std::int64_t t = 0; t < kept.frames(); ++t) {
            const auto value = static_cast<double>(kept.frame(t)[place]);
            out(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(k)) =
                options.ensure_finite ? detail::finite_or_zero(value) : value;
        }
    }
    return out;
}

/// The same of one volume: a row.
template <NumberVolume V>
[[nodiscard]] Eigen::RowVectorXd apply_mask(const V& volume, const Mask& mask,
                                            const ApplyMaskOptions& options = {}) {
    const auto view = view_of(volume);
    require_same_grid(view.grid(), mask.grid(), "apply_mask: volume and mask");
    const auto voxels = detail::voxels_of(mask);
    require(!voxels.empty(), "apply_mask: the mask is empty");
    Eigen::RowVectorXd out(static_cast<Eigen::Index>(voxels.size()));
    for (std::size_t k = 0; k < voxels.size(); ++k) {
        const auto value = static_cast<double>(view.data()[voxels[k]]);
        out[static_cast<Eigen::Index>(k)] = options.ensure_finite ? detail::finite_or_zero(value) : value;
    }
    return out;
}

/// Volumes of values of the voxels of a mask; what `apply_mask` has taken out.
///
/// \param values  volumes x voxels, the voxels with x slowest
/// \param mask    where they lie
/// \returns       a run on the grid of the mask, 0 outside it
/// \throws InvalidArgument when the mask has another number of voxels
///
/// nilearn's `unmask` of a matrix.
[[nodiscard]] inline Volume4D<double> unmask(const Eigen::Ref<const Eigen::MatrixXd>& values,
                                             const Mask& mask) {
    const auto voxels = detail::voxels_of(mask);
    detail::require_voxels(values.cols(), voxels);
    Volume4D<double> out(mask.grid(), static_cast<std::int64_t>(values.rows()), 0.0,
                         inherited_by_volume(mask.metadata()));
    for (Eigen::Index t = 0; t < values.rows(); ++t) {
        double* volume = out.data() + static_cast<std::int64_t>(t) * mask.size();
        for (std::size_t k = 0; k < voxels.size(); ++k) {
            volume[voxels[k]] = values(t, static_cast<Eigen::Index>(k));
        }
    }
    return out;
}

/// One volume of a value for each voxel of a mask; otherwise as above.
[[nodiscard]] inline Volume<double> unmask_volume(const Eigen::Ref<const Eigen::VectorXd>& values,
                                                  const Mask& mask) {
    const auto voxels = detail::voxels_of(mask);
    detail::require_voxels(values.size(), voxels);
    Volume<double> out(mask.grid(), 0.0, inherited_by_volume(mask.metadata()));
    for (std::size_t k = 0; k < voxels.size(); ++k) out[voxels[k]] = values[static_cast<Eigen::Index>(k)];
    return out;
}

/// What has no voxels, and what is no mask.
template <class Operand, class M>
requires(!((FrameSource<Operand> ||
            NumberVolume<std::remove_cvref_t<Operand>>)&&std::convertible_to<const M&, const Mask&>))  //
    [[nodiscard]] Eigen::MatrixXd apply_mask(Operand&&, const M&, const ApplyMaskOptions& = {}) {
    static_assert(detail::never<M>,
                  "roi: apply_mask takes a run, a volume or a source of numbers and then a mask: write "
                  "apply_mask(open(path), load<bool>(mask)), or atlas != 0 of labels");
    return {};
}

}  // namespace roi
