// The voxels of an opened image, read in order.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/nifti_open.hpp>
#include <roi/io/detail/voxel_decode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace roi::detail {

/// Runs `allocate`, and turns a lack of memory into an error that names the file.
template <class Allocate>
[[nodiscard]] auto allocate_for(const std::string& path, std::int64_t bytes, Allocate allocate) {
    try {
        return allocate();
    } catch (const std::bad_alloc&) {
        throw FileError(ErrorCode::out_of_memory, path,
                        text("needs ", bytes,
                             " bytes of memory, more than there are; read it volume by "
                             "volume with roi::open"));
    }
}

/// Runs `action`, and turns a lack of memory for anything small into an error that names the file.
template <class Action>
auto with_memory(const std::string& path, Action action) {
    try {
        return action();
    } catch (const std::bad_alloc&) {
        throw FileError(ErrorCode::out_of_memory, path, "there is not enough memory to read it");
    }
}

/// Bytes after the last voxel that are decoded to have their checksum compared.
inline constexpr std::int64_t most_trailing_bytes = std::int64_t{64} << 20;

/// Takes the voxels of an opened image off its stream, in order.
class VoxelStream {
public:
    explicit VoxelStream(OpenedImage image) : image_(std::move(image)) {}

    [[nodiscard]] const ImageInfo& info() const { return image_.info; }
    [[nodiscard]] const VoxelFormat& format() const { return image_.format; }
    [[nodiscard]] std::int64_t frame_bytes() const { return image_.frame_bytes; }

    /// Reads the next stored bytes.
    /// \throws FileError truncated, with the expected and found number of bytes, or corrupt
    void read(std::span<std::byte> out) {
        auto& voxels = image_.voxels;
        const std::size_t count = voxels.read_or_end(out);
        if (count == out.size()) return;
        throw FileError(
            ErrorCode::truncated, voxels.path(),
            text("voxels: expected ", image_.frame_bytes * info().frames, " bytes, found ",
                 voxels.position() - info().voxel_offset,
                 voxels.cut_off() ? "; the gzip data end too early" : "; the file ends too early"));
    }

    /// Reads `count` voxels as values.
    /// \throws FileError as `read`; unsupported when an integer type does not hold a value
    template <Voxel T>
    void read_values(T* out, std::int64_t count) {
        const auto size = static_cast<std::int64_t>(size_of(format().type));
        if (format().is_native<T>()) {
            read({reinterpret_cast<std::byte*>(out), static_cast<std::size_t>(count * size)});
            return;
        }
        // Pieces that stay in the cache between reading and converting.
        const std::int64_t piece = std::min<std::int64_t>(count, (1 << 17) / size);
        if (scratch_.size() < static_cast<std::size_t>(piece * size)) {
            scratch_.resize(static_cast<std::size_t>(piece * size));
        }
        for (std::int64_t done = 0; done < count; done += piece) {
            const auto now = std::min(piece, count - done);
            read({scratch_.data(), static_cast<std::size_t>(now * size)});
            if (decode(format(), scratch_.data(), now, out + done)) continue;
            if constexpr (IntegerVoxel<T>) refuse<T>(first_misfit<T>(format(), scratch_.data(), now));
        }
    }

    /// After the last voxel: reads on to the end of the file, so that damage there is noticed too.
    void verify() {
        auto& voxels = image_.voxels;
        const auto warn = [&](const auto&... problem) {
            if (image_.warning) image_.warning(text(info().path, ": ", problem...));
        };
        if (!voxels.verify_rest(most_trailing_bytes)) {
            warn("more than ", most_trailing_bytes,
                 " bytes follow the last voxel; they and the checksum were not looked at");
        } else if (voxels.trailing_garbage()) {
            warn("bytes that are not gzip follow the compressed data and were left alone");
        }
    }

private:
    template <IntegerVoxel T>
    [[noreturn]] void refuse(double value) const {
        throw FileError(ErrorCode::unsupported, info().path,
                        text("expected values that ", name_of(datatype_of<T>()), " holds exactly, found ",
                             value, "; load it as float or double"));
    }

    OpenedImage image_;
    std::vector<std::byte> scratch_;
};

}  // namespace roi::detail
