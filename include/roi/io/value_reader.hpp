// The values of an image file in pieces of any length.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/voxel_stream.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/image_info.hpp>
#include <roi/io/read_header.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace roi {

/// Reads the values of an image in the order of the file, so that neither a run nor a volume has to be in memory.
class ValueReader {
public:
    /// \throws FileError as `load`
    explicit ValueReader(const std::string& path, const LoadOptions& options = {})
        : stream_(detail::open_voxels(path, options)) {}
    explicit ValueReader(ByteReader reader, const LoadOptions& options = {})
        : stream_(detail::open_voxels(std::move(reader), options)) {}

    [[nodiscard]] const ImageInfo& info() const { return stream_.info(); }
    /// Values that are still to come.
    [[nodiscard]] std::int64_t left() const { return info().grid.size() * info().frames - done_; }

    /// Fills `out` with the next values, or as much of it as there are values left.
    ///
    /// \returns how many; after the last value the rest of the file is read, to compare its checksum
    /// \throws FileError as `load`
    template <Voxel T>
    std::int64_t read(std::span<T> out) {
        const auto count = std::min(left(), static_cast<std::int64_t>(out.size()));
        if (count == 0) return 0;
        detail::with_memory(info().path, [&] {
            stream_.read_values(out.data(), count);
            done_ += count;
            if (left() == 0) stream_.verify();
        });
        return count;
    }

private:
    detail::VoxelStream stream_;
    std::int64_t done_ = 0;
};

}  // namespace roi
