// What the library asks of a format of image files. A format is one header with such functions and one line in formats.hpp.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/voxel_decode.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/image_info.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace roi::detail {

/// First bytes of a file that are shown to every format.
inline constexpr std::size_t most_start_bytes = 1024;

/// What to open, and for what.
struct OpenRequest {
    std::string path;
    GzipBackend backend = GzipBackend::automatic;
    WarningHandler warning = nullptr;
    bool header_only = false;  ///< voxels that are not there are described, and are no error
    bool alone = false;        ///< the bytes come from a pipe or the like: there are no other files

    void warn(std::string_view problem) const {
        if (warning) warning(text(path, ": ", problem));
    }
};

/// An image whose voxels come next from `voxels`, which only a header alone lacks.
struct OpenedImage {
    ImageInfo info;
    VoxelFormat format;
    std::int64_t frame_bytes = 0;
    std::optional<ByteReader> voxels;
    WarningHandler warning = nullptr;
};

/// What is to be written, and where.
struct SaveRequest {
    std::string path;
    Grid grid;
    std::int64_t frames = 1;
    int rank = 3;          ///< 3 for a volume, 4 for a run, also one of a single volume
    VoxelFormat format{};  ///< of the stored voxels, in this machine's byte order
    int version = 0;       ///< of the format; 0 for the one that suffices
    GzipBackend backend = GzipBackend::automatic;
    WarningHandler warning = nullptr;  ///< told of what the format cannot hold
    std::optional<ByteWriter> to;      ///< where the bytes go instead of a file of the name `path`
};

/// Takes the stored bytes of an image, whose header it has written; nothing appears under a name before `commit`.
class StoredVoxelWriter {
public:
    virtual ~StoredVoxelWriter() = default;
    virtual void write(std::span<const std::byte> bytes) = 0;
    virtual void commit() = 0;
};

/// A format of image files. Formats are asked in the order of the list in formats.hpp.
struct ImageFormat {
    std::string_view name;
    std::string_view endings;  ///< of its file names, for messages
    /// Is the file, of this name and with these first (decoded) bytes, one of this format?
    bool (*recognises)(std::string_view path, std::span<const std::byte> start);
    /// Reads the header from a reader that stands at the file's first byte.
    OpenedImage (*open)(const OpenRequest& request, ByteReader reader);
    /// Does a name ask for this format?
    bool (*has_name)(std::string_view path);
    /// Starts to write an image; nothing for a format that is only read.
    std::unique_ptr<StoredVoxelWriter> (*create)(SaveRequest request, const Metadata& metadata);
};

/// Compares what a header claims with the bytes that exist, or for gzip can exist.
/// \throws FileError truncated
inline void require_bytes(const ByteReader& reader, std::int64_t offset, std::int64_t bytes) {
    const std::int64_t most = reader.most_bytes();
    if (offset <= most && bytes <= most - offset) return;
    const std::int64_t found = most > offset ? most - offset : 0;
    throw FileError(ErrorCode::truncated, reader.path(),
                    reader.compressed()
                        ? text("voxels: expected ", bytes, " bytes from byte ", offset, ", but ",
                               reader.file_size(), " compressed bytes hold at most ", most)
                        : text("voxels: expected ", bytes, " bytes from byte ", offset, ", found ", found));
}

}  // namespace roi::detail
