// Grid and metadata to header bytes.
#pragma once

#include <nifti2_io.h>

#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/nifti/affine.hpp>
#include <roi/io/detail/nifti/header.hpp>
#include <roi/io/detail/voxel_decode.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// What is to be described.
struct HeaderContent {
    Grid grid{};
    std::int64_t frames = 1;
    int rank = 3;  ///< 3 for a volume, 4 for a run, also one of a single volume
    VoxelFormat format{};
    bool single_file = true;
    int version = 0;  ///< 1 or 2; 0 for 1 where it suffices
};

/// A field that is filled to its end has no terminating zero; readers stop at the end of the field.
template <std::size_t Size>
void put_text(char (&field)[Size], std::string_view value) {
    const std::size_t count = std::min({value.find('\0'), value.size(), Size});
    std::memset(field, 0, Size);
    std::memcpy(field, value.data(), count);
}

/// In words, which texts a header cuts, and an affine that it does not say.
[[nodiscard]] inline std::vector<std::string> header_losses(const HeaderContent& content,
                                                            const Metadata& metadata) {
    std::vector<std::string> out;
    if (is_singular(content.grid.affine())) {
        out.push_back(text("the affine cannot be inverted: ", to_string(content.grid.affine()),
                           "; the image is saved without a transform"));
    }
    const auto check = [&](std::string_view name, const std::string& value, std::size_t most) {
        const std::size_t kept = std::min({value.find('\0'), value.size(), most});
        if (kept == value.size()) return;
        out.push_back(text(name, ": ", value.size(), " bytes are cut to ", kept,
                           kept == most ? "; the header field has no room for more"
                                        : "; the header field ends at the first zero byte"));
    };
    check("description", metadata.description, sizeof nifti_2_header::descrip);
    check("aux_file", metadata.aux_file, sizeof nifti_2_header::aux_file);
    check("intent name", metadata.intent.name, sizeof nifti_2_header::intent_name);
    return out;
}

/// Bytes that the extensions take in a file: each with its 8 bytes of head, up to a multiple of 16.
[[nodiscard]] inline std::int64_t extension_size(const Extension& extension) {
    return (static_cast<std::int64_t>(extension.bytes.size()) + 8 + 15) / 16 * 16;
}

inline void put_quaternion(nifti_2_header& fields, const Quaternion& q) {
    fields.quatern_b = q.b;
    fields.quatern_c = q.c;
    fields.quatern_d = q.d;
    fields.qoffset_x = q.x;
    fields.qoffset_y = q.y;
    fields.qoffset_z = q.z;
    fields.pixdim[0] = q.handedness;
    for (int i = 0; i < 3; ++i) fields.pixdim[i + 1] = q.voxel_size[static_cast<std::size_t>(i)];
}

inline void put_sform(nifti_2_header& fields, const Affine& affine) {
    for (int column = 0; column < 4; ++column) {
        fields.srow_x[column] = affine(0, column);
        fields.srow_y[column] = affine(1, column);
        fields.srow_z[column] = affine(2, column);
    }
}

/// The rows of the file that an image came from, where they still say its affine; converting there and back may
/// change a last bit.
[[nodiscard]] inline Affine stored_sform(const Metadata& metadata, const Affine& affine) {
    return metadata.forms->file_sform.value_or(affine);
}

template <class Fields>
[[nodiscard]] Affine sform_rows(const Fields& fields) {
    Affine out = Affine::Identity();
    for (int column = 0; column < 4; ++column) {
        out(0, column) = fields.srow_x[column];
        out(1, column) = fields.srow_y[column];
        out(2, column) = fields.srow_z[column];
    }
    return out;
}

/// Half turns whose quaternion is rounded, and then a little shorter than 1, would be read as turned by 0.03 degrees less or
/// more: its longest part is made longer by a last bit.
inline void narrow_half_turn(nifti_1_header& narrow, const nifti_2_header& wide) {
    // Below it the square of `a` is what rounding three numbers in single precision leaves of 0.
    constexpr long double noise = 4e-8L;
    const std::array<double, 3> exact{wide.quatern_b, wide.quatern_c, wide.quatern_d};
    const std::array<float*, 3> parts{&narrow.quatern_b, &narrow.quatern_c, &narrow.quatern_d};
    const auto excess_of = [](double b, double c, double d) { return excess({.b = b, .c = c, .d = d}); };
    if (!(excess_of(exact[0], exact[1], exact[2]) > -noise)) return;
    bool rounded = false;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        rounded = rounded || static_cast<double>(*parts[i]) != exact[i];
        if (std::abs(exact[i]) > std::abs(exact[longest])) longest = i;
    }
    const float away = std::copysign(2.0F, *parts[longest]);
    for (int bits = 0; rounded && bits < 4 && excess_of(*parts[0], *parts[1], *parts[2]) < 0.0L; ++bits) {
        *parts[longest] = std::nextafter(*parts[longest], away);
    }
}

/// A header in NIfTI-1's fields, and whether they hold all of it: counts in 16 bits, numbers in single precision.
struct NarrowHeader {
    nifti_1_header fields{};
    bool fits = true;
};

[[nodiscard]] inline NarrowHeader narrowed(const nifti_2_header& wide, const UnusedFields& unused) {
    NarrowHeader out;
    nifti_1_header& narrow = out.fields;
    for_each_field(
        narrow, wide,
        [&out]<class N, class W>(N& to, const W& from) {
            if constexpr (std::is_floating_point_v<N>) {
                const bool overflows = std::abs(from) > double{std::numeric_limits<N>::max()};
                out.fits = out.fits && !(overflows && std::isfinite(from));
                to = static_cast<N>(from);
            } else {
                const bool fits =
                    from >= std::numeric_limits<N>::min() && from <= std::numeric_limits<N>::max();
                out.fits = out.fits && fits;
                to = fits ? static_cast<N>(from) : N{0};
            }
        },
        [](auto& to, const auto& from) { std::memcpy(to, from, sizeof to); });
    narrow_half_turn(narrow, wide);
    // Steps that single precision makes 0.
    if (is_transform(wide.sform_code) && is_singular(sform_rows(narrow))) {
        out.fits = out.fits && is_singular(sform_rows(wide));
    }
    // Sizes and scales that single precision makes 0 would say that there are none.
    const auto keep = [&out](float to, double from) { out.fits = out.fits && (to != 0.0F || from == 0.0); };
    for (std::int64_t i = 1; i <= std::clamp<std::int64_t>(wide.dim[0], 0, 7); ++i)
        keep(narrow.pixdim[i], wide.pixdim[i]);
    keep(narrow.scl_slope, wide.scl_slope);
    narrow.sizeof_hdr = 348;
    narrow.regular = unused.regular;
    narrow.extents = unused.extents;
    narrow.glmax = unused.glmax;
    narrow.vox_offset = static_cast<float>(wide.vox_offset);
    narrow.xyzt_units = static_cast<char>(wide.xyzt_units);
    narrow.dim_info = wide.dim_info;
    std::memcpy(narrow.magic, wide.magic, sizeof narrow.magic);
    return out;
}

/// Fields that do not depend on the transforms.
[[nodiscard]] inline nifti_2_header basic_fields(const HeaderContent& content, const Metadata& metadata) {
    nifti_2_header fields{};
    fields.datatype = static_cast<std::int16_t>(content.format.type);
    fields.bitpix = static_cast<std::int16_t>(8 * size_of(content.format.type));
    fields.dim[0] = content.rank;
    for (int axis = 0; axis < 3; ++axis) fields.dim[axis + 1] = content.grid.shape()[axis];
    for (int axis = 4; axis < 8; ++axis) fields.dim[axis] = 1;
    if (content.rank == 4 && metadata.frame_axis == FrameAxis::vector) fields.dim[0] = 5;
    fields.dim[fields.dim[0] == 5 ? 5 : 4] = content.frames;
    for (double& size : fields.pixdim) size = 1.0;
    std::copy(metadata.unused.pixdim.begin(), metadata.unused.pixdim.end(), fields.pixdim + 4);
    if (content.rank == 4) fields.pixdim[4] = metadata.time_step;
    fields.scl_slope = content.format.slope;
    fields.scl_inter = content.format.intercept;
    fields.cal_min = metadata.display_min;
    fields.cal_max = metadata.display_max;
    fields.intent_code = metadata.intent.code;
    fields.intent_p1 = metadata.intent.parameters[0];
    fields.intent_p2 = metadata.intent.parameters[1];
    fields.intent_p3 = metadata.intent.parameters[2];
    put_text(fields.intent_name, metadata.intent.name);
    put_text(fields.descrip, metadata.description);
    put_text(fields.aux_file, metadata.aux_file);
    fields.toffset = metadata.time_offset;
    fields.xyzt_units = static_cast<int>(metadata.space_unit) | static_cast<int>(metadata.time_unit);
    fields.dim_info = static_cast<char>(metadata.slices.dim_info);
    fields.slice_start = metadata.slices.start;
    fields.slice_end = metadata.slices.end;
    fields.slice_code = metadata.slices.order;
    fields.slice_duration = metadata.slices.duration;
    return fields;
}

/// The voxels of one affine that those of another are: `before` times it is `now`.
[[nodiscard]] inline Affine between(const Affine& now, const Affine& before) {
    const Grid grid(Shape(1, 1, 1), before);
    const Point origin = now.col(3).head<3>();
    Affine out = Affine::Identity();
    out.col(3).head<3>() = grid.voxel(origin);
    for (int axis = 0; axis < 3; ++axis) {
        const Point place = origin + now.col(axis).head<3>();
        out.col(axis).head<3>() = grid.voxel(place) - out.col(3).head<3>();
    }
    return out;
}

/// A rotation without what single precision cannot have meant, so that axes turned there and back are as they were.
[[nodiscard]] inline Quaternion without_noise(Quaternion q) {
    for (double* part : {&q.b, &q.c, &q.d}) {
        if (std::abs(*part) < 1e-7) *part = 0.0;
    }
    // A half turn is the same either way round.
    const double first = q.b != 0.0 ? q.b : q.c != 0.0 ? q.c : q.d;
    if (first < 0.0 && excess(q) > -1e-7L) {
        for (double* part : {&q.b, &q.c, &q.d}) *part = 0.0 - *part;
    }
    return q;
}

/// Writes the transforms, in the file's unit.
///
/// An image that still has the affine of its file gets the file's transforms back. Otherwise the affine
/// becomes the sform, and the nearest rigid transform the qform, which counts only when it is the same. Codes stay where the
/// affine maps to the same world: a qform that was another transform moves along with the sform, one alone stays alone.
/// An affine that cannot be inverted is no transform: both codes are 0 then.
inline void put_transforms(nifti_2_header& fields, const HeaderContent& content, const Metadata& metadata,
                           int version) {
    const auto unit = metadata.space_unit;
    const Affine affine =
        converted(content.grid.affine(), [unit](double length) { return from_millimetres(length, unit); });
    const bool unchanged = metadata.forms && metadata.forms->affine == content.grid.affine();
    if (unchanged) {
        put_quaternion(fields, metadata.forms->qform);
        fields.qform_code = metadata.qform_code;
        fields.sform_code = metadata.sform_code;
        if (is_transform(metadata.sform_code)) put_sform(fields, stored_sform(metadata, affine));
        RawHeader header;
        header.version = version;
        header.fields = fields;
        try {
            // To the last bit, and not to what `version` stores: then version 1 and 2 decide alike.
            if (header_transform({}, header).affine == content.grid.affine()) return;
        } catch (const FileError&) {
            // Codes were changed so that a transform counts that cannot be read; written anew below.
        }
    }
    const auto nearest = nearest_quaternion(affine);
    put_quaternion(fields, nearest.q);
    if (is_singular(affine)) {
        fields.sform_code = fields.qform_code = xform::unknown;
        return;
    }
    const bool rearranged = metadata.forms && metadata.forms->rearranged == content.grid.affine();
    if (rearranged && nearest.exact && !is_transform(metadata.sform_code) &&
        is_transform(metadata.qform_code)) {
        put_quaternion(fields, without_noise(nearest.q));
        fields.sform_code = xform::unknown;
        fields.qform_code = metadata.qform_code;
        return;
    }
    put_sform(fields, affine);
    const int code = is_transform(metadata.sform_code) ? metadata.sform_code : metadata.qform_code;
    fields.sform_code = !metadata.forms || unchanged ? std::max(metadata.sform_code, metadata.qform_code)
                        : rearranged                 ? code
                                                     : xform::aligned;
    if (!is_transform(fields.sform_code)) fields.sform_code = xform::aligned;
    fields.qform_code = nearest.exact ? fields.sform_code : xform::unknown;
    if (!rearranged || !is_transform(metadata.sform_code)) return;
    if (!is_transform(metadata.qform_code)) {
        fields.qform_code = metadata.qform_code;
        return;
    }
    const Affine before =
        converted(metadata.forms->affine, [unit](double length) { return from_millimetres(length, unit); });
    Quaternion q = metadata.forms->qform;
    q.handedness = q.handedness == -1.0 ? -1.0 : 1.0;
    for (double& size : q.voxel_size) size = size == 0.0 ? 1.0 : std::abs(size);
    const Affine by_qform = quaternion_affine(q);
    const double difference = (by_qform - before).cwiseAbs().maxCoeff();
    if (difference <= 1e-4 * before.cwiseAbs().maxCoeff()) {
        if (nearest.exact) fields.qform_code = metadata.qform_code;
        return;
    }
    const auto moved = nearest_quaternion(by_qform * between(affine, before));
    if (!moved.exact) return;
    put_quaternion(fields, without_noise(moved.q));
    fields.qform_code = metadata.qform_code;
}

/// Header, extension flag and extensions as they are written before the voxels of a file.
///
/// NIfTI-1 unless something needs NIfTI-2.
/// \throws InvalidArgument for what the version asked for, or an extension's 32-bit size, cannot hold
[[nodiscard]] inline std::vector<std::byte> pack_header(HeaderContent content, const Metadata& metadata) {
    std::int64_t extensions = 0;
    for (const auto& extension : metadata.extensions) {
        if (!std::in_range<std::int32_t>(extension_size(extension))) {
            throw InvalidArgument(text("save: an extension of ", extension.bytes.size(),
                                       " bytes is longer than the 2 GiB that NIfTI allows"));
        }
        extensions += extension_size(extension);
    }
    const auto& shape = content.grid.shape();
    const auto longest = std::max({shape.x(), shape.y(), shape.z(), content.frames});
    // NIfTI-1 counts voxels in 16 bits and stores the offset as a float, exact up to 2^24.
    const bool small = longest <= std::numeric_limits<std::int16_t>::max() && extensions <= (1 << 24) - 352;
    const int version = content.version != 0 ? content.version : small ? 1 : 2;
    if (version == 1 && !small) {
        throw InvalidArgument(text("save: ", shape.to_string(), " voxels x ", content.frames,
                                   " volumes do not fit NIfTI-1, whose axes end at 32767; use NIfTI-2"));
    }

    nifti_2_header fields = basic_fields(content, metadata);
    put_transforms(fields, content, metadata, version);
    fields.sizeof_hdr = version == 2 ? 540 : 348;
    if (content.single_file) fields.vox_offset = fields.sizeof_hdr + 4 + extensions;
    const char magic[8] = {
        'n', content.single_file ? '+' : 'i', version == 2 ? '2' : '1', 0, '\r', '\n', 0x1a, '\n'};
    std::memcpy(fields.magic, magic, version == 2 ? 8 : 4);

    std::vector<std::byte> bytes(static_cast<std::size_t>(fields.sizeof_hdr + 4 + extensions));
    if (version == 2) {
        std::memcpy(bytes.data(), &fields, sizeof fields);
    } else {
        const auto narrow = narrowed(fields, metadata.unused);
        if (!narrow.fits) {
            if (content.version == 1) {
                throw InvalidArgument(
                    "save: the header holds a number too large or too small for the fields of NIfTI-1; use "
                    "NIfTI-2");
            }
            content.version = 2;
            return pack_header(std::move(content), metadata);
        }
        std::memcpy(bytes.data(), &narrow.fields, sizeof narrow.fields);
    }
    std::byte* out = bytes.data() + fields.sizeof_hdr;
    if (!metadata.extensions.empty()) out[0] = std::byte{1};
    out += 4;
    for (const auto& extension : metadata.extensions) {
        const auto size = static_cast<std::int32_t>(extension_size(extension));
        const std::int32_t head[2] = {size, extension.code};
        std::memcpy(out, head, sizeof head);
        if (!extension.bytes.empty()) std::memcpy(out + 8, extension.bytes.data(), extension.bytes.size());
        out += size;
    }
    return bytes;
}

}  // namespace roi::detail
