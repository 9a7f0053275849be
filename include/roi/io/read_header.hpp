// What an image file says about its image, without reading its voxels.
#pragma once

#include <roi/core/error.hpp>
#include <roi/io/detail/open_image.hpp>
#include <roi/io/detail/voxel_stream.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/image_info.hpp>

#include <string>
#include <utility>

namespace roi {

/// How to read an image.
struct LoadOptions {
    WarningHandler warning = nullptr;  ///< told of oddities that were worked around, one line each
    Progress progress = nullptr;       ///< told how many volumes have been read
    GzipBackend backend = GzipBackend::automatic;
};

namespace detail {

[[nodiscard]] inline OpenRequest request_of(const std::string& path, const LoadOptions& options) {
    return {.path = path, .backend = options.backend, .warning = options.warning};
}

[[nodiscard]] inline VoxelStream open_voxels(const std::string& path, const LoadOptions& options) {
    return with_memory(path, [&] { return VoxelStream(open_image(request_of(path, options))); });
}

[[nodiscard]] inline VoxelStream open_voxels(ByteReader reader, const LoadOptions& options) {
    auto request = request_of(reader.path(), options);
    request.alone = true;
    return with_memory(request.path, [&] { return VoxelStream(open_image(request, std::move(reader))); });
}

}  // namespace detail

/// Reads everything about an image but its voxels, which need not be there.
///
/// \param path     the file, or either one of a .hdr/.img pair
/// \param options  who is told of oddities
/// \returns        what the header says; `voxel_problem` says why voxels are missing, where they are
/// \throws FileError as `load`, but for missing voxels
///
/// Reads a few hundred bytes and the extensions.
[[nodiscard]] inline ImageInfo read_header(const std::string& path, const LoadOptions& options = {}) {
    return detail::with_memory(path, [&] {
        auto request = detail::request_of(path, options);
        request.header_only = true;
        return detail::open_image(request).info;
    });
}

}  // namespace roi
