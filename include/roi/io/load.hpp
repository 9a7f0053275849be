// Images from files into memory: NIfTI-1, NIfTI-2 and Analyze 7.5 (.nii, .hdr with .img), MGH, plain or gzip.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/io/detail/voxel_stream.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/read_header.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace roi {

namespace detail {

/// What a header says of values that are read as `T`: the voxels of a t map that are not 0 are no t map.
template <Voxel T>
[[nodiscard]] Metadata metadata_as(Metadata metadata) {
    if (std::same_as<T, bool> && is_statistic(metadata.intent)) metadata.intent = {};
    return metadata;
}

template <Voxel T>
[[nodiscard]] Volume<T> load_volume(VoxelStream stream, const LoadOptions& options,
                                    VoxelStream::NanRule nan = VoxelStream::NanRule::misfit) {
    const auto& info = stream.info();
    if (info.frames != 1) {
        throw FileError(ErrorCode::unsupported, info.path,
                        text("expected one volume, found ", info.frames,
                             "; read it with roi::load4d, or volume by volume with roi::open"));
    }
    auto volume = allocate_for(info.path, info.grid.size(), sizeof(T), [&] {
        return Volume<T>(info.grid, Uninitialized{}, metadata_as<T>(info.metadata));
    });
    with_memory(info.path, [&] {
        stream.read_values(volume.data(), volume.size(), nan);
        stream.verify();
    });
    if (options.progress) options.progress(1, 1);
    return volume;
}

template <Voxel T>
[[nodiscard]] Volume4D<T> load_run(VoxelStream stream, const LoadOptions& options) {
    const auto& info = stream.info();
    auto run = allocate_for(info.path, info.grid.size() * info.frames, sizeof(T), [&] {
        return Volume4D<T>(info.grid, info.frames, Uninitialized{}, metadata_as<T>(info.metadata));
    });
    with_memory(info.path, [&] {
        for (std::int64_t t = 0; t < run.frames(); ++t) {
            const auto volume = run.frame(t).values();
            // What comes through a pipe may claim more than follows.
            if (stream.is_counted()) map_before_writing(volume.data(), volume.size_bytes());
            try {
                stream.read_values(volume.data(), info.grid.size());
            } catch (const FileError& error) {
                if (run.frames() == 1) throw;
                throw error.within(text("volume ", t));
            }
            if (options.progress) options.progress(t + 1, run.frames());
        }
        stream.verify();
    });
    return run;
}

}  // namespace detail

/// Reads a single volume.
///
/// \param path     .nii, .nii.gz, .mgh, .mgz, or either file of a .hdr/.img pair, compressed or not; formats and gzip are
///                 told by content
/// \param options  who is told of oddities and progress
/// \returns        values as slope * stored + intercept: nearest for float and double, exact for integers; for bool
///                 everything but 0 and NaN is true, and NaN and infinity are said
/// \throws FileError not_found, unreadable, bad_format, unsupported (a type, a rank, an integer `T` that does
///         not hold a value), truncated, corrupt; a run of several volumes is unsupported and for `load4d`
///
/// The grid is in millimetres, whatever the file counts in. Memory: the volume and less than half a megabyte. Equals
/// nibabel's `load(path).get_fdata()` and, for files in millimetres, its `affine`; ranks 1 and 2 have counts of 1 along
/// the missing axes.
template <Voxel T>
[[nodiscard]] Volume<T> load(const std::string& path, const LoadOptions& options = {}) {
    return detail::load_volume<T>(detail::open_voxels(path, options), options);
}

/// Reads a single volume from a reader, of a pipe for example: `load<float>(ByteReader(OpenDescriptor{0, "input"}))`.
///
/// Only formats in one file. Otherwise as for a path.
template <Voxel T>
[[nodiscard]] Volume<T> load(ByteReader reader, const LoadOptions& options = {}) {
    return detail::load_volume<T>(detail::open_voxels(std::move(reader), options), options);
}

/// Reads labels from any image of whole numbers, whatever type it stores them in, and keeps every label exact.
///
/// \param path     as for `load`
/// \param options  who is told of oddities: NaN is background, label 0, and said
/// \returns        the labels; for numbers beyond 2^31, as FreeSurfer's and some atlases' are, use
///                 `load_labels<std::int64_t>`
/// \throws FileError as `load`; unsupported for a number that is not whole or that `T` does not hold, with the type that
///         does
template <IntegerVoxel T = std::int32_t>
[[nodiscard]] Volume<T> load_labels(const std::string& path, const LoadOptions& options = {}) {
    return detail::load_volume<T>(detail::open_voxels(path, options), options,
                                  detail::VoxelStream::NanRule::background);
}

/// Reads labels from a reader, as `load` does a volume.
template <IntegerVoxel T = std::int32_t>
[[nodiscard]] Volume<T> load_labels(ByteReader reader, const LoadOptions& options = {}) {
    return detail::load_volume<T>(detail::open_voxels(std::move(reader), options), options,
                                  detail::VoxelStream::NanRule::background);
}

/// Reads a run; a single volume counts as a run of one. Otherwise as `load`.
///
/// Memory: the run and less than half a megabyte; the volumes are decoded straight into their places.
template <Voxel T>
[[nodiscard]] Volume4D<T> load4d(const std::string& path, const LoadOptions& options = {}) {
    return detail::load_run<T>(detail::open_voxels(path, options), options);
}

/// Reads a run from a reader, as `load` does a volume.
template <Voxel T>
[[nodiscard]] Volume4D<T> load4d(ByteReader reader, const LoadOptions& options = {}) {
    return detail::load_run<T>(detail::open_voxels(std::move(reader), options), options);
}

}  // namespace roi
