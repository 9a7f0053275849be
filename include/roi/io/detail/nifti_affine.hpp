// Which affine a header means, and which header an affine needs.
#pragma once

#include <nifti2_io.h>

#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/nifti_header.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace roi::detail {

/// The affine of a quaternion, as nibabel computes it: in extended precision, rounded once.
///
/// nifti_clib's own function takes nearly half-turns (1 - b^2 - c^2 - d^2 below 1e-7) for exact ones, which
/// moves voxels by up to a thousandth of the distance to the origin; so it is not used here.
/// \param most_excess  how far b^2 + c^2 + d^2 may exceed 1 by rounding
/// \throws FileError bad_format when they exceed it by more
[[nodiscard]] inline Affine quaternion_affine(const std::string& path, const Quaternion& q,
                                              double most_excess) {
    const long double b = q.b, c = q.c, d = q.d;
    const long double rest = 1.0L - (b * b + c * c + d * d);
    if (!(rest >= -static_cast<long double>(most_excess))) {
        throw FileError(ErrorCode::bad_format, path,
                        text("qform: expected a quaternion with b^2 + c^2 + d^2 of at most 1, found ",
                             static_cast<double>(1.0L - rest)));
    }
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
    use_origin = use_origin && near && header.version == 0;
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

/// The affine of a header: sform, else qform, else the default; nibabel's precedence.
/// \throws FileError bad_format when the one that counts holds NaN, infinity or an impossible quaternion
[[nodiscard]] inline Affine header_affine(const std::string& path, const RawHeader& header) {
    const auto& fields = header.fields;
    Affine affine = Affine::Identity();
    const char* name = "pixdim";
    if (is_transform(fields.sform_code)) {
        name = "sform";
        for (int column = 0; column < 4; ++column) {
            affine(0, column) = fields.srow_x[column];
            affine(1, column) = fields.srow_y[column];
            affine(2, column) = fields.srow_z[column];
        }
    } else if (is_transform(fields.qform_code)) {
        name = "qform";
        Quaternion q = stored_quaternion(fields);
        q.handedness = q.handedness == -1.0 ? -1.0 : 1.0;
        for (double& size : q.voxel_size) size = size == 0.0 ? 1.0 : std::abs(size);
        const double precision = header.version == 2 ? 0x1p-52 : 0x1p-23;
        affine = quaternion_affine(path, q, 3.0 * precision);
    } else {
        affine = default_affine(header);
    }
    if (!all_finite(affine)) {
        throw FileError(ErrorCode::bad_format, path,
                        text(name, ": expected an affine of finite numbers, found ", to_string(affine)));
    }
    return affine;
}

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
    const double length = q.b * q.b + q.c * q.c + q.d * q.d;
    if (!(length <= 1.0 + 1e-9)) return {};  // NaN from numbers too large to square
    const Affine back = quaternion_affine({}, q, 1e-9);
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

}  // namespace roi::detail
