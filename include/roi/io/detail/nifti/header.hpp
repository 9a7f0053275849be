// Raw header bytes to checked fields: NIfTI-1, NIfTI-2 and Analyze 7.5, in either byte order.
#pragma once

#include <nifti2_io.h>

#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/number_at.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace roi::detail {

/// A header in NIfTI-2's field widths, which hold the others' without loss, in this machine's byte order.
struct RawHeader {
    nifti_2_header fields{};
    int version = 1;  ///< 1 or 2; 0 for Analyze 7.5
    bool big_endian = false;
    bool single_file = true;               ///< the magic says that the voxels are in the same file
    std::array<std::int16_t, 3> origin{};  ///< Analyze only: SPM's origin voxel, counted from 1
    std::array<double, 2> stored_range{};  ///< Analyze only: fields glmin and glmax
    std::int64_t surface_length = 0;       ///< NIfTI-1 only: field glmin, see `dimensions`
    UnusedFields unused{};
    [[nodiscard]] bool swapped() const { return big_endian != (std::endian::native == std::endian::big); }
    /// Size of the header proper; the four extension flag bytes follow it.
    [[nodiscard]] std::int64_t size() const { return version == 2 ? 540 : 348; }
    /// Where the voxels of a single file start at the earliest.
    [[nodiscard]] std::int64_t first_voxel() const { return size() + 4; }
};

static_assert(sizeof(nifti_1_header) == 348 && sizeof(nifti_2_header) == 540);

/// Every field that NIfTI-1 and NIfTI-2 share, but for magic and the place of the voxels: one list for both directions.
///
/// `number(narrow, wide)` gets numbers, `text(narrow, wide)` arrays of characters.
template <class Narrow, class Wide, class Number, class Text>
void for_each_field(Narrow& narrow, Wide& wide, Number&& number, Text&& text) {
    for (int i = 0; i < 8; ++i) {
        number(narrow.dim[i], wide.dim[i]);
        number(narrow.pixdim[i], wide.pixdim[i]);
    }
    number(narrow.datatype, wide.datatype);
    number(narrow.bitpix, wide.bitpix);
    number(narrow.intent_p1, wide.intent_p1);
    number(narrow.intent_p2, wide.intent_p2);
    number(narrow.intent_p3, wide.intent_p3);
    number(narrow.intent_code, wide.intent_code);
    number(narrow.scl_slope, wide.scl_slope);
    number(narrow.scl_inter, wide.scl_inter);
    number(narrow.cal_max, wide.cal_max);
    number(narrow.cal_min, wide.cal_min);
    number(narrow.slice_start, wide.slice_start);
    number(narrow.slice_end, wide.slice_end);
    number(narrow.slice_code, wide.slice_code);
    number(narrow.slice_duration, wide.slice_duration);
    number(narrow.toffset, wide.toffset);
    number(narrow.qform_code, wide.qform_code);
    number(narrow.sform_code, wide.sform_code);
    number(narrow.quatern_b, wide.quatern_b);
    number(narrow.quatern_c, wide.quatern_c);
    number(narrow.quatern_d, wide.quatern_d);
    number(narrow.qoffset_x, wide.qoffset_x);
    number(narrow.qoffset_y, wide.qoffset_y);
    number(narrow.qoffset_z, wide.qoffset_z);
    for (int i = 0; i < 4; ++i) {
        number(narrow.srow_x[i], wide.srow_x[i]);
        number(narrow.srow_y[i], wide.srow_y[i]);
        number(narrow.srow_z[i], wide.srow_z[i]);
    }
    text(narrow.descrip, wide.descrip);
    text(narrow.aux_file, wide.aux_file);
    text(narrow.intent_name, wide.intent_name);
}

[[nodiscard]] inline nifti_2_header widened(const nifti_1_header& narrow) {
    nifti_2_header wide{};
    for_each_field(
        narrow, wide,
        [](const auto& from, auto& to) { to = static_cast<std::remove_reference_t<decltype(to)>>(from); },
        [](const auto& from, auto& to) { std::memcpy(to, from, sizeof from); });
    wide.sizeof_hdr = narrow.sizeof_hdr;
    wide.xyzt_units = static_cast<unsigned char>(narrow.xyzt_units);
    wide.dim_info = narrow.dim_info;
    std::memcpy(wide.magic, narrow.magic, 4);
    return wide;
}

/// Keeps what Analyze 7.5 has, and clears the fields whose bytes mean something else there.
inline void reduce_to_analyze(nifti_2_header& fields) {
    nifti_2_header kept{};
    kept.sizeof_hdr = fields.sizeof_hdr;
    kept.datatype = fields.datatype;
    kept.bitpix = fields.bitpix;
    std::memcpy(kept.dim, fields.dim, sizeof kept.dim);
    std::memcpy(kept.pixdim, fields.pixdim, sizeof kept.pixdim);
    kept.scl_slope = fields.scl_slope;
    kept.scl_inter = fields.scl_inter;
    kept.cal_max = fields.cal_max;
    kept.cal_min = fields.cal_min;
    std::memcpy(kept.descrip, fields.descrip, sizeof kept.descrip);
    std::memcpy(kept.aux_file, fields.aux_file, sizeof kept.aux_file);
    fields = kept;
}

/// What the first bytes say about version and byte order.
struct HeaderKind {
    int version = 0;
    bool swapped = false;
};

/// May a file that starts so be of this format? As little as its size field will do, so that a file that ends in its
/// header is told to be cut off.
[[nodiscard]] inline bool is_header(std::span<const std::byte> start) {
    using namespace std::string_view_literals;
    const auto is = [&](std::size_t offset, std::string_view text) {
        return start.size() >= offset + text.size() &&
               std::memcmp(start.data() + offset, text.data(), text.size()) == 0;
    };
    if (is(344, "n+1\0"sv) || is(344, "ni1\0"sv) || is(4, "n+2\0"sv) || is(4, "ni2\0"sv)) return true;
    if (start.size() < 4) return false;
    for (const bool swapped : {false, true}) {
        const auto size = number_at<std::int32_t>(start, 0, swapped);
        if (size == 348 || size == 540) return true;
    }
    return false;
}

/// Tells the kind of header from its first 348 bytes.
/// \throws FileError bad_format when they are no header
[[nodiscard]] inline HeaderKind recognise(const std::string& path, std::span<const std::byte> bytes) {
    const auto is = [&](std::size_t offset, std::string_view text) {
        return std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
    };
    using namespace std::string_view_literals;
    const bool magic2 = is(4, "n+2\0\r\n\x1a\n"sv) || is(4, "ni2\0\r\n\x1a\n"sv);
    const bool magic1 = is(344, "n+1\0"sv) || is(344, "ni1\0"sv);
    const auto is_rank = [&](bool swapped) {
        const auto rank = number_at<std::int16_t>(bytes, 40, swapped);
        return rank >= 1 && rank <= 7;
    };
    for (const bool swapped : {false, true}) {
        const auto size = number_at<std::int32_t>(bytes, 0, swapped);
        if (size == 540 && magic2) return {2, swapped};
        if (size != 348) continue;
        // The size may have been written in the wrong byte order; nibabel goes by the rank as well.
        const bool other_order = magic1 && !is_rank(swapped) && is_rank(!swapped);
        return {magic1 ? 1 : 0, swapped != other_order};
    }
    if (magic1) {
        // A wrong size beside the right magic is a writer's mistake; the rank tells the byte order.
        for (const bool swapped : {false, true}) {
            if (is_rank(swapped)) return {1, swapped};
        }
    }
    if (number_at<std::int32_t>(bytes, 0, false) == 540 || number_at<std::int32_t>(bytes, 0, true) == 540) {
        throw FileError(ErrorCode::bad_format, path,
                        "the header has NIfTI-2's size but not its magic bytes; "
                        "the file was damaged, for example by a text-mode transfer");
    }
    throw FileError(ErrorCode::bad_format, path,
                    "expected a NIfTI-1, NIfTI-2 or Analyze header (size 348 or 540), found none");
}

/// Sizes along axes that an image does not have; 1 in place of what not every version holds, or is no number.
[[nodiscard]] inline std::array<double, 4> unused_sizes(const nifti_2_header& fields) {
    std::array<double, 4> out{1.0, 1.0, 1.0, 1.0};
    for (std::size_t i = fields.dim[0] >= 4 ? 1 : 0; i < 4; ++i) {
        const double size = fields.pixdim[4 + i];
        if (std::abs(size) <= double{std::numeric_limits<float>::max()}) out[i] = size;
    }
    return out;
}

/// Reads the fields; `bytes` are the 348 or 540 of the header.
[[nodiscard]] inline RawHeader unpack(std::span<const std::byte> bytes, HeaderKind kind) {
    RawHeader header;
    header.version = kind.version;
    header.big_endian = kind.swapped != (std::endian::native == std::endian::big);
    if (kind.version == 2) {
        std::memcpy(&header.fields, bytes.data(), sizeof header.fields);
        if (kind.swapped) nifti_swap_as_nifti2(&header.fields);
        header.unused.pixdim = unused_sizes(header.fields);
        header.single_file = header.fields.magic[1] == '+';
        return header;
    }
    nifti_1_header narrow;
    std::memcpy(&narrow, bytes.data(), sizeof narrow);
    if (kind.swapped) nifti_swap_as_nifti1(&narrow);
    header.fields = widened(narrow);
    header.single_file = narrow.magic[1] == '+';
    header.surface_length = number_at<std::int32_t>(bytes, 144, kind.swapped);
    if (kind.version == 0) {
        reduce_to_analyze(header.fields);
        header.single_file = false;
        for (std::size_t i = 0; i < 3; ++i) {
            header.origin[i] = number_at<std::int16_t>(bytes, 253 + 2 * i, kind.swapped);
        }
        header.stored_range = {double(number_at<std::int32_t>(bytes, 144, kind.swapped)),
                               double(number_at<std::int32_t>(bytes, 140, kind.swapped))};
    } else {
        header.unused = {narrow.regular, number_at<std::int32_t>(bytes, 32, kind.swapped),
                         number_at<std::int32_t>(bytes, 140, kind.swapped), unused_sizes(header.fields)};
    }
    return header;
}

/// Where the voxels start, from NIfTI-1's float field or NIfTI-2's integer one.
/// \throws FileError bad_format when it cannot be a place in the file
[[nodiscard]] inline std::int64_t voxel_offset(const std::string& path, std::span<const std::byte> bytes,
                                               const RawHeader& header, bool single_file) {
    const auto refuse = [&](const auto& found) {
        throw FileError(ErrorCode::bad_format, path,
                        text("vox_offset: expected ",
                             single_file ? text(header.first_voxel(), " or more bytes") : "0 or more bytes",
                             ", found ", found, "; find out where the voxels start and correct the field"));
    };
    std::int64_t offset = header.fields.vox_offset;
    if (header.version < 2) {
        const auto stored = number_at<float>(bytes, 108, header.swapped());
        if (!(stored >= 0.0f && stored < 9.0e15f)) refuse(stored);
        offset = static_cast<std::int64_t>(stored);
    }
    if (offset < (single_file ? header.first_voxel() : 0)) refuse(offset);
    return offset;
}

/// The voxel type.
/// \throws FileError unsupported, naming the type, or bad_format for a code that NIfTI does not know
[[nodiscard]] inline Datatype voxel_type(const std::string& path, const RawHeader& header) {
    int code = header.fields.datatype;
    // SPM's Analyze files mark types that Analyze lacks by 128 + a basic type.
    if (header.version == 0 && code == 130) code = 256;
    if (header.version == 0 && code == 132) code = 512;
    if (header.version == 0 && code == 136) code = 768;
    const auto type = static_cast<Datatype>(code);
    if (size_of(type) > 0) return type;

    const char* name = code == 1      ? "1-bit"
                       : code == 32   ? "complex64"
                       : code == 128  ? "RGB24 colour"
                       : code == 1536 ? "float128"
                       : code == 1792 ? "complex128"
                       : code == 2048 ? "complex256"
                       : code == 2304 ? "RGBA32 colour"
                                      : nullptr;
    if (!name) {
        throw FileError(ErrorCode::bad_format, path,
                        text("datatype: expected the code of a NIfTI voxel type, found ", code));
    }
    throw FileError(ErrorCode::unsupported, path,
                    text("voxels of type ", name,
                         " are not supported; convert the image to an integer or "
                         "float type first"));
}

/// Shape of an image: voxel counts along x, y, z and the number of volumes.
struct ImageDimensions {
    std::array<std::int64_t, 3> counts{1, 1, 1};
    std::int64_t frames = 1;
    bool run = false;  ///< is there an axis for volumes, be there one only?
    int rank = 3;      ///< axes up to the last longer than 1, at least the first three that the header names
    std::vector<std::int64_t> axes;  ///< as many counts
    FrameAxis frame_axis = FrameAxis::time;
    std::int64_t frame_bytes = 0;
    std::int64_t bytes = 0;  ///< of all voxels
};

/// Checks every count and every product.
///
/// Axes of length 1 at the end do not count. A fifth axis counts volumes when the fourth is 1 long: the components of
/// vectors. FreeSurfer's overlays on surfaces, longer than 16 bits count, have -1 for their first axis and its length in
/// `glmin`; those on its icosahedron of order 7 are one axis of 163842 cut into three. As nibabel reads both.
/// \throws FileError bad_format for counts that cannot be, unsupported for more than four real axes
[[nodiscard]] inline ImageDimensions dimensions(const std::string& path, const RawHeader& header,
                                                Datatype type) {
    std::array<std::int64_t, 8> dim;
    std::copy_n(header.fields.dim, dim.size(), dim.begin());
    if (dim[0] < 1 || dim[0] > 7) {
        throw FileError(ErrorCode::bad_format, path,
                        text("dim[0]: expected a rank of 1 to 7, found ", dim[0]));
    }
    const auto stored_rank = static_cast<std::size_t>(dim[0]);
    if (header.version == 1 && stored_rank >= 3 && header.surface_length > 0 && dim[1] == -1 && dim[2] == 1 &&
        dim[3] == 1) {
        dim[1] = header.surface_length;
    } else if (header.version == 1 && stored_rank >= 3 && dim[1] == 27307 && dim[2] == 1 && dim[3] == 6) {
        dim[1] = 163842;
        dim[3] = 1;
    }
    ImageDimensions out;
    out.bytes = static_cast<std::int64_t>(size_of(type));
    for (std::size_t axis = 1; axis <= stored_rank; ++axis) {
        if (dim[axis] < 1) {
            throw FileError(ErrorCode::bad_format, path,
                            text("dim[", axis, "]: expected 1 or more, found ", dim[axis]));
        }
        if (dim[axis] > std::numeric_limits<std::int64_t>::max() / out.bytes) {
            throw FileError(ErrorCode::bad_format, path,
                            "dim: the number of bytes of all voxels does not fit 63 bits");
        }
        out.bytes *= dim[axis];
    }
    std::size_t rank = stored_rank;
    while (rank > 3 && dim[rank] == 1) --rank;
    out.rank = static_cast<int>(rank);
    out.axes.assign(dim.begin() + 1, dim.begin() + 1 + out.rank);
    for (std::size_t axis = 0; axis < std::min<std::size_t>(rank, 3); ++axis)
        out.counts[axis] = dim[axis + 1];
    if (rank >= 4) out.frames = dim[4];
    const int intent = header.fields.intent_code;
    if (header.version == 2 && rank >= 5 && intent >= 3000 && intent < 3100) {
        throw FileError(
            ErrorCode::unsupported, path,
            "this is a CIFTI-2 file, whose values lie on surfaces and in parts of a volume; take the volume "
            "out of it with wb_command -cifti-separate");
    }
    if (rank == 5 && dim[4] == 1) {
        out.frames = dim[5];
        out.frame_axis = FrameAxis::vector;
    } else if (rank >= 5) {
        throw FileError(ErrorCode::unsupported, path,
                        text("an image of rank ", rank, " (", joined(out.axes, " x "),
                             ") is not supported, only up to 4 axes; split it into 4-D files first"));
    }
    out.run = out.frames > 1 || stored_rank == 4;
    out.frame_bytes = out.bytes / out.frames;
    return out;
}

/// value = slope * stored + intercept; {1, 0} when the header asks for no scaling.
struct Scaling {
    double slope = 1.0;
    double intercept = 0.0;

    [[nodiscard]] bool is_identity() const { return slope == 1.0 && intercept == 0.0; }
};

/// NIfTI's rule: a slope of 0, NaN or infinity means the stored values as they are. For Analyze, SPM2's.
/// \throws FileError bad_format for a usable slope beside an unusable intercept
[[nodiscard]] inline Scaling header_scaling(const std::string& path, const RawHeader& header) {
    const auto& fields = header.fields;
    if (std::isfinite(fields.scl_slope) && fields.scl_slope != 0.0) {
        if (std::isfinite(fields.scl_inter)) return {fields.scl_slope, fields.scl_inter};
        if (header.version == 0) return {fields.scl_slope, 0.0};
        throw FileError(ErrorCode::bad_format, path,
                        text("scl_inter: expected a finite number beside scl_slope ", fields.scl_slope,
                             ", found ", fields.scl_inter));
    }
    if (header.version == 0) {
        const double stored = header.stored_range[1] - header.stored_range[0];
        const double shown = fields.cal_max - fields.cal_min;
        if (stored != 0.0 && shown != 0.0 && std::isfinite(shown)) {
            const double slope = shown / stored;
            return {slope, fields.cal_min - slope * header.stored_range[0]};
        }
    }
    return {};
}

}  // namespace roi::detail
