// Which affine a header means, and which header an affine needs.
#pragma once

#include <nifti2_io.h>

#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/nifti/header.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// By how much b^2 + c^2 + d^2 exceeds 1, which it does not for a rotation.
[[nodiscard]] inline long double excess(const Quaternion& q) {
    const long double b = q.b, c = q.c, d = q.d;
    return b * b + c * c + d * d - 1.0L;
}

/// The affine of a quaternion, as nibabel computes it: in extended precision, rounded once. One that is a little longer
/// than 1, as rounding makes half turns, is normalised, as nifti_clib does.
///
/// nifti_clib's own function takes nearly half-turns (1 - b^2 - c^2 - d^2 below 1e-7) for exact ones, which
/// moves voxels by up to a thousandth of the distance to the origin; so it is not used here.
[[nodiscard]] inline Affine quaternion_affine(const Quaternion& q) {
    const long double b = q.b, c = q.c, d = q.d;
    const long double rest = -excess(q);
    const long double a = rest > 0.0L ? std::sqrt(rest) : 0.0L;
    const long double norm = a * a + b * b + c * c + d * d;
    const long double s = 2.0L / norm;
    const long double B = b * s, C = c * s, D = d * s;
    const long double rotation[3][3] = {
        {1.0L - (c * C + d * D), b * C - a * D, b * D + a * C},
        {b * C + a * D, 1.0L - (b * B + d * D), c * D - a * B},
        {b * D - a * C, c * D + a * B, 1.0L - (b * B + c * C)},
    };
    const long double size[3] = {q.voxel_size[0], q.voxel_size[1], q.voxel_size[2] * q.handedness};
    Affine affine = Affine::Identity();
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column) {
            affine(row, column) = static_cast<double>(rotation[row][column] * size[column]);
        }
    }
    affine(0, 3) = q.x;
    affine(1, 3) = q.y;
    affine(2, 3) = q.z;
    return affine;
}

/// The affine of a header that gives none: x flipped, origin in the middle (nibabel's and nilearn's choice).
///
/// For Analyze, SPM's origin voxel is used when it lies near the image.
[[nodiscard]] inline Affine default_affine(const RawHeader& header) {
    const auto rank = header.fields.dim[0];
    std::array<double, 3> counts{1.0, 1.0, 1.0}, size{1.0, 1.0, 1.0}, origin{};
    for (std::size_t axis = 0; axis < 3 && static_cast<std::int64_t>(axis) < rank; ++axis) {
        counts[axis] = static_cast<double>(header.fields.dim[axis + 1]);
        const double stored = std::abs(header.fields.pixdim[axis + 1]);
        size[axis] = stored == 0.0 ? 1.0 : stored;
    }
    bool use_origin = false, near = true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double voxel = header.origin[axis];
        use_origin = use_origin || voxel != 0.0;
        near = near && voxel > -counts[axis] && voxel < 2.0 * counts[axis];
    }
    use_origin = use_origin && near;
    Affine affine = Affine::Identity();
    for (int axis = 0; axis < 3; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        origin[i] = use_origin ? header.origin[i] - 1.0 : (counts[i] - 1.0) / 2.0;
        affine(axis, axis) = axis == 0 ? -size[i] : size[i];
        affine(axis, 3) = -origin[i] * affine(axis, axis);
    }
    return affine;
}

/// The transform fields as stored.
[[nodiscard]] inline Quaternion stored_quaternion(const nifti_2_header& fields) {
    return {.b = fields.quatern_b,
            .c = fields.quatern_c,
            .d = fields.quatern_d,
            .x = fields.qoffset_x,
            .y = fields.qoffset_y,
            .z = fields.qoffset_z,
            .handedness = fields.pixdim[0],
            .voxel_size = {fields.pixdim[1], fields.pixdim[2], fields.pixdim[3]}};
}

/// A code that stands for a transform; anything else counts as none, as in nibabel.
[[nodiscard]] inline bool is_transform(std::int64_t code) { return code >= 1 && code <= 5; }

/// The rigid transform closest to an affine, and whether it is the affine itself.
struct NearestQuaternion {
    Quaternion q;
    bool exact = false;
};

[[nodiscard]] inline NearestQuaternion nearest_quaternion(const Affine& affine) {
    nifti_dmat44 matrix{};
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) matrix.m[row][column] = affine(row, column);
    }
    NearestQuaternion out;
    Quaternion& q = out.q;
    auto& size = q.voxel_size;
    nifti_dmat44_to_quatern(matrix, &q.b, &q.c, &q.d, &q.x, &q.y, &q.z, &size[0], &size[1], &size[2],
                            &q.handedness);
    // NaN and infinity come from numbers too large to square.
    if (!(excess(q) <= 1e-9L) || !std::isfinite(size[0] + size[1] + size[2])) return {};
    const Affine back = quaternion_affine(q);
    double largest = 0.0, difference = 0.0;
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column) {
            largest = std::max(largest, std::abs(affine(row, column)));
            difference = std::max(difference, std::abs(back(row, column) - affine(row, column)));
        }
    }
    out.exact = difference <= 1e-5 * largest;
    return out;
}

/// The affine with its lengths passed through a conversion of units.
template <class Convert>
[[nodiscard]] Affine converted(Affine affine, Convert convert) {
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 4; ++column) affine(row, column) = convert(affine(row, column));
    }
    return affine;
}

[[nodiscard]] inline SpaceUnit space_unit(const nifti_2_header& fields) {
    return static_cast<SpaceUnit>(fields.xyzt_units & 7);
}

/// Can no place be turned into a voxel? The determinant against the sum of its terms, so that neither units nor
/// rows and columns of very different size matter.
[[nodiscard]] inline bool is_singular(const Affine& affine) {
    const auto a = [&affine](int row, int column) { return static_cast<long double>(affine(row, column)); };
    long double determinant = 0.0L, size = 0.0L;
    for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, k = (i + 2) % 3;
        const long double with = a(0, i) * a(1, j) * a(2, k), against = a(0, i) * a(1, k) * a(2, j);
        determinant += with - against;
        size += std::abs(with) + std::abs(against);
    }
    return !(std::abs(determinant) > 1e-12L * size);
}

/// What a header's transforms mean.
struct HeaderTransform {
    Affine affine = Affine::Identity();       ///< in millimetres
    Affine file_affine = Affine::Identity();  ///< in the file's unit
    int sform_code = xform::unknown;          ///< of transforms that can be, others count as none
    int qform_code = xform::unknown;
    Quaternion qform;  ///< as stored where that is a rotation in its usual form, else what fits the affine
    std::vector<std::string> oddities;  ///< what was worked around, in words
};

/// The affine of a header: sform, else qform, else the default; nibabel's precedence.
///
/// A sform that cannot be inverted, all zeros say, is passed over. A qform that does not count is dropped when it holds
/// no rotation.
/// \throws FileError bad_format when the one that counts holds NaN, infinity or an impossible quaternion
[[nodiscard]] inline HeaderTransform header_transform(const std::string& path, const RawHeader& header) {
    const auto& fields = header.fields;
    HeaderTransform out;
    for (const int code : {int{fields.sform_code}, int{fields.qform_code}}) {
        if (code != 0 && !is_transform(code)) {
            out.oddities.push_back(text("transform code ", code, " is unknown, taken as 0"));
        }
    }
    if (is_transform(fields.sform_code)) out.sform_code = fields.sform_code;
    if (is_transform(fields.qform_code)) out.qform_code = fields.qform_code;
    if (header.version > 0 && out.sform_code == 0 && out.qform_code == 0) {
        out.oddities.emplace_back(
            "no sform and no qform: the affine is made up, x flipped, origin in the middle");
    }
    const auto require_finite = [&path](const char* name, const Affine& affine) {
        if (all_finite(affine)) return;
        throw FileError(ErrorCode::bad_format, path,
                        text(name, ": expected an affine of finite numbers, found ", to_string(affine)));
    };

    bool gave_up = false;
    if (out.sform_code != 0) {
        for (int column = 0; column < 4; ++column) {
            out.file_affine(0, column) = fields.srow_x[column];
            out.file_affine(1, column) = fields.srow_y[column];
            out.file_affine(2, column) = fields.srow_z[column];
        }
        require_finite("sform", out.file_affine);
        if (is_singular(out.file_affine)) {
            out.oddities.push_back(text("the sform cannot be inverted: ", to_string(out.file_affine), "; ",
                                        out.qform_code != 0 ? "the qform is used in its place"
                                                            : "the affine is made up of the voxel sizes"));
            out.sform_code = xform::unknown;
            gave_up = true;
        }
    }

    // Half turns of programs that compute in single precision are longer than 1 by a few of its last bits.
    constexpr long double most_excess = 1e-5L;
    // nibabel reads no longer ones than this.
    constexpr long double usual_excess = 3e-7L;
    out.qform = stored_quaternion(fields);
    Quaternion q = out.qform;
    q.handedness = q.handedness == -1.0 ? -1.0 : 1.0;
    for (double& size : q.voxel_size) size = size == 0.0 ? 1.0 : std::abs(size);
    const Affine by_qform = quaternion_affine(q);
    const bool rotates = excess(q) <= most_excess && all_finite(by_qform);
    if (out.qform_code != 0) {
        if (const double stored = fields.pixdim[0]; stored != 1.0 && stored != -1.0 && stored != 0.0) {
            out.oddities.push_back(text("pixdim[0]: expected -1 or 1, found ", stored, "; taken as 1"));
            out.qform.handedness = 1.0;
        }
        if (rotates && out.sform_code == 0) {
            for (std::size_t axis = 0; axis < 3; ++axis) {
                auto& size = out.qform.voxel_size[axis];
                if (size > 0.0) continue;
                // Nothing is odd along an axis that there is not, but what is saved has all three.
                const bool exists = static_cast<std::int64_t>(axis) < fields.dim[0];
                if (exists) {
                    out.oddities.push_back(text("pixdim[", axis + 1,
                                                "]: expected a voxel size above 0, found ", size,
                                                "; taken as ", q.voxel_size[axis]));
                }
                size = q.voxel_size[axis];
            }
        }
        if (rotates && excess(q) > usual_excess) {
            const double norm = static_cast<double>(std::sqrt(1.0L + excess(q)));
            for (double* part : {&out.qform.b, &out.qform.c, &out.qform.d}) *part /= norm;
        }
        if (!rotates && out.sform_code == 0 && !gave_up) {
            if (!(excess(q) <= most_excess)) {
                throw FileError(ErrorCode::bad_format, path,
                                text("qform: expected a quaternion with b^2 + c^2 + d^2 of at most 1, found ",
                                     static_cast<double>(1.0L + excess(q))));
            }
            require_finite("qform", by_qform);
        }
        if (!rotates) {
            out.oddities.emplace_back(
                gave_up ? "the qform holds no rotation either: the affine is made up of the "
                          "voxel sizes"
                        : "the qform holds no rotation and is left out; the sform counts");
            out.qform_code = xform::unknown;
        }
    }

    if (out.sform_code == 0) out.file_affine = out.qform_code != 0 ? by_qform : default_affine(header);
    require_finite(out.qform_code != 0 ? "qform" : "pixdim", out.file_affine);
    if (!rotates) out.qform = nearest_quaternion(out.file_affine).q;

    const auto unit = space_unit(fields);
    out.affine = converted(out.file_affine, [unit](double length) { return to_millimetres(length, unit); });
    if (unit == SpaceUnit::metre || unit == SpaceUnit::micrometre) {
        out.oddities.push_back(text("its lengths are in ",
                                    unit == SpaceUnit::metre ? "metres" : "micrometres",
                                    ", converted to millimetres"));
    }
    if (!all_finite(out.affine)) require_finite("affine in millimetres", out.affine);
    return out;
}

}  // namespace roi::detail
