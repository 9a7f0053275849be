// FreeSurfer's .mgh and .mgz images as one format of the list; they are only read.
#pragma once

#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/number_at.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace roi::detail::mgh {

/// The header is big-endian and 284 bytes long, most of them unused:
/// version (1), width, height, depth, frames, type and degrees of freedom in 32 bits; from byte 28 whether the geometry
/// is set, in 16; then in single precision the voxel sizes, the directions of x, y and z, and the centre of the image.
inline constexpr std::size_t header_size = 284;

[[nodiscard]] inline std::int64_t integer(std::span<const std::byte> bytes, std::size_t index) {
    return number_at<std::int32_t>(bytes, 4 * index, std::endian::native == std::endian::little);
}

[[nodiscard]] inline double real(std::span<const std::byte> bytes, int index) {
    return double{number_at<float>(bytes, 30 + 4 * static_cast<std::size_t>(index),
                                   std::endian::native == std::endian::little)};
}

[[nodiscard]] inline bool has_name(std::string_view path) {
    const auto ends = [path](std::string_view end) {
        return path.size() >= end.size() && path.substr(path.size() - end.size()) == end;
    };
    return ends(".mgh") || ends(".mgz") || ends(".mgh.gz") || ends(".MGH") || ends(".MGZ");
}

[[nodiscard]] inline bool recognises(std::string_view path, std::span<const std::byte> start) {
    if (start.size() < 28 || integer(start, 0) != 1) return false;
    // The number 1 marks other files as well; what follows must look like counts, or the name must say so.
    bool counts = integer(start, 5) >= 0 && integer(start, 5) <= 10;
    for (std::size_t i = 1; i <= 4; ++i) counts = counts && integer(start, i) > 0;
    return counts || has_name(path);
}

[[nodiscard]] inline Datatype voxel_type(const std::string& path, std::int64_t code) {
    switch (code) {
        case 0:
            return Datatype::uint8;
        case 1:
            return Datatype::int32;
        case 3:
            return Datatype::float32;
        case 4:
            return Datatype::int16;
        case 10:
            return Datatype::uint16;
        default:
            throw FileError(ErrorCode::unsupported, path,
                            text("MGH voxels of type ", code,
                                 " are not supported, only 0, 1, 3, 4 and 10; convert it with mri_convert"));
    }
}

/// Directions and sizes span the voxels, and the image's centre lies at voxel (width / 2, height / 2, depth / 2). Without
/// geometry voxels are taken to be 1 mm wide, in coronal slices, as nibabel does.
[[nodiscard]] inline Affine affine_of(std::span<const std::byte> header,
                                      const std::array<std::int64_t, 3>& counts) {
    constexpr std::array<double, 9> coronal{-1, 0, 0, 0, 0, 1, 0, -1, 0};
    const bool set = number_at<std::int16_t>(header, 28, std::endian::native == std::endian::little) > 0;
    Affine affine = Affine::Identity();
    for (int row = 0; row < 3; ++row) {
        affine(row, 3) = set ? real(header, 12 + row) : 0.0;
        for (int axis = 0; axis < 3; ++axis) {
            const int i = 3 * axis + row;
            const double direction = set ? real(header, 3 + i) : coronal[static_cast<std::size_t>(i)];
            affine(row, axis) = direction * (set ? real(header, axis) : 1.0);
            affine(row, 3) -=
                affine(row, axis) * static_cast<double>(counts[static_cast<std::size_t>(axis)]) / 2.0;
        }
    }
    return affine;
}

[[nodiscard]] inline OpenedImage open(const OpenRequest& request, ByteReader reader) {
    const auto& path = request.path;
    std::array<std::byte, header_size> header{};
    reader.read_exactly(header, "MGH header");
    if (integer(header, 0) != 1) {
        throw FileError(ErrorCode::bad_format, path,
                        text("expected an MGH image of version 1, found ", integer(header, 0)));
    }
    OpenedImage out;
    auto& info = out.info;
    std::array<std::int64_t, 3> counts{};
    info.datatype = voxel_type(path, integer(header, 5));
    std::int64_t bytes = static_cast<std::int64_t>(size_of(info.datatype));
    for (std::size_t i = 0; i < 4; ++i) {
        const std::int64_t count = integer(header, i + 1);
        if (count < 1 || count > std::numeric_limits<std::int64_t>::max() / bytes) {
            throw FileError(ErrorCode::bad_format, path,
                            text("axis ", i, ": a length of ", count, " cannot be"));
        }
        bytes *= count;
        (i < 3 ? counts[i] : info.frames) = count;
    }
    info.path = info.header_path = info.voxel_path = path;
    info.format = "MGH";
    info.big_endian = true;
    info.compressed = reader.compressed();
    info.dimensions.assign(counts.begin(), counts.end());
    if (info.frames > 1) info.dimensions.push_back(info.frames);
    info.rank = static_cast<int>(info.dimensions.size());
    info.run = info.frames > 1;  // the format has four axes for every image
    info.file_affine = affine_of(header, counts);
    if (number_at<std::int16_t>(header, 28, std::endian::native == std::endian::little) <= 0) {
        request.warn("no geometry is set: voxels of 1 mm in coronal slices are assumed");
    }
    if (!all_finite(info.file_affine)) {
        throw FileError(ErrorCode::bad_format, path,
                        text("expected an affine of finite numbers, found ", to_string(info.file_affine)));
    }
    info.grid = Grid(Shape(counts[0], counts[1], counts[2]), info.file_affine);
    info.voxel_offset = header_size;
    info.metadata.sform_code = info.metadata.qform_code = xform::scanner;
    info.metadata.storage.datatype = info.datatype;

    out.format = {.type = info.datatype, .swapped = std::endian::native == std::endian::little};
    out.frame_bytes = bytes / info.frames;
    out.warning = request.warning;
    try {
        require_bytes(reader, header_size, bytes);
        out.voxels = std::move(reader);
    } catch (const FileError& error) {
        if (!request.header_only) throw;
        info.voxel_problem = error.what();
    }
    return out;
}

}  // namespace roi::detail::mgh

namespace roi::detail {

/// Repetition time and FreeSurfer's tags follow the voxels and are not read.
inline constexpr ImageFormat mgh_format{
    .name = "MGH",
    .endings = ".mgh or .mgz",
    .recognises = mgh::recognises,
    .open = mgh::open,
    .has_name = mgh::has_name,
    .create = nullptr,
};

}  // namespace roi::detail
