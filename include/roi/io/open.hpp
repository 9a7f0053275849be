// Image files as a source: their volumes one by one, without the run in memory.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/on_calling_thread.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/voxel_decode.hpp>
#include <roi/io/detail/voxel_stream.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/read_header.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// The volumes of a file, one after the other: a source for `scan` and `smooth`.
///
/// Reading and conversion are separate, so that they can run on different threads. Memory: what the caller
/// keeps of raw volumes, and the stream's buffer. Moves only; open the file again for a second pass.
template <RealVoxel T = float>
class ImageSource {
public:
    using value_type = T;
    struct Workspace {};

    explicit ImageSource(const std::string& path, const LoadOptions& options = {})
        : stream_(detail::open_voxels(path, options)), progress_(options.progress), opens_again_(true) {}
    explicit ImageSource(ByteReader reader, const LoadOptions& options = {})
        : stream_(detail::open_voxels(std::move(reader), options)), progress_(options.progress) {}

    [[nodiscard]] const ImageInfo& info() const { return stream_.info(); }
    [[nodiscard]] const Grid& grid() const { return info().grid; }
    [[nodiscard]] const Metadata& metadata() const { return info().metadata; }
    [[nodiscard]] std::int64_t frames() const { return info().frames; }
    [[nodiscard]] bool reads_ahead() const { return true; }
    /// What messages call a volume: the file, and the number where there are several.
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return frames() == 1 ? info().path : text("volume ", frame, " of ", info().path);
    }

    /// What messages call the source.
    [[nodiscard]] const std::string& source_name() const { return info().path; }

    /// Are all values 0 or 1, or NaN outside, as those of a mask? The file is read once more, up to the first value that is neither; of what can
    /// be read only once, such as a pipe, nothing is known.
    [[nodiscard]] bool only_zeros_and_ones() const {
        const auto lasts = [](const std::string& path) {
            std::error_code problem;
            return std::filesystem::is_regular_file(path, problem);
        };
        if (!opens_again_ || !lasts(info().header_path) || !lasts(info().voxel_path)) return false;
        try {
            auto again = detail::open_voxels(info().path, LoadOptions{});
            std::vector<T> values;
            detail::ZerosAndOnes look;
            for (auto left = grid().size() * frames(); left > 0;) {
                values.resize(static_cast<std::size_t>(std::min<std::int64_t>(left, 1 << 14)));
                again.template read_values<T>(values.data(), static_cast<std::int64_t>(values.size()));
                if (!look.look_at(std::span<const T>(values))) return false;
                left -= static_cast<std::int64_t>(values.size());
            }
            return look.result();
        } catch (const FileError&) {
            return false;  // said when its volumes are taken
        }
    }

    /// Reads the stored bytes of the next volume; after the last, also the rest of the file, to check it.
    /// \throws FileError truncated or corrupt, with the number of the volume
    /// \throws InvalidArgument when all volumes have been taken
    void pull(RawFrame& raw) {
        if (next_ == frames()) {
            throw InvalidArgument(text(info().path, ": all ", next_,
                                       " volumes have been read; open the file again to read it twice"));
        }
        if (raw.bytes.size() != stream_.frame_bytes()) {
            raw.bytes = detail::allocate_for(info().path, stream_.frame_bytes(), 1, [&] {
                return detail::Buffer<std::byte>(stream_.frame_bytes(), detail::Uninitialized{});
            });
            // What comes through a pipe may claim more than follows.
            if (stream_.is_counted()) {
                detail::map_before_writing(raw.bytes.data(), raw.bytes.span().size());
            }
        }
        try {
            stream_.read(raw.bytes.span());
        } catch (const FileError& error) {
            if (frames() == 1) throw;
            throw error.within(text("volume ", next_));
        }
        stream_.template look_at<T>(raw.bytes.data(), grid().size());
        stream_.template look_at_digits<T>(raw.bytes.data(), grid().size());
        raw.index = next_++;
        if (next_ == frames()) detail::with_memory(info().path, [this] { stream_.verify(); });
        if (progress_) {
            detail::on_calling_thread([tell = progress_, done = next_, all = frames()] { tell(done, all); });
        }
    }

    /// Says which values `T` does not hold, where opening the file named nobody to be told of it.
    void warn(const WarningHandler& warning) const { stream_.warn_of_lost(warning); }

    /// For whoever takes no volume after this one: are the others there? They are read, and dropped, only where the file
    /// itself does not say so.
    /// \throws FileError as `pull`
    void verify_rest() {
        if (next_ == frames() || stream_.ends_as_claimed()) return;
        for (RawFrame dropped; next_ < frames();) pull(dropped);
    }

    /// The values of a pulled volume: in `out`, or in `raw` where the file holds them as they are.
    [[nodiscard]] std::span<const T> convert(const RawFrame& raw, std::span<T> out, Workspace&) const {
        const auto size = static_cast<std::size_t>(grid().size());
        if (stream_.format().template is_native<T>()) {
            return {reinterpret_cast<const T*>(raw.bytes.data()), size};
        }
        (void)detail::decode(stream_.format(), raw.bytes.data(), grid().size(), out.data());
        return out.first(size);
    }

    /// As `convert`, the values of some voxels.
    [[nodiscard]] std::span<const T> convert_range(const RawFrame& raw, VoxelRange range, std::span<T> out,
                                                   Workspace&) const {
        const auto bytes_each = static_cast<std::int64_t>(size_of(stream_.format().type));
        const std::byte* const stored = raw.bytes.data() + range.first * bytes_each;
        const auto size = static_cast<std::size_t>(range.size());
        if (stream_.format().template is_native<T>()) return {reinterpret_cast<const T*>(stored), size};
        (void)detail::decode(stream_.format(), stored, range.size(), out.data());
        return out.first(size);
    }

    /// Unscaled integers of up to 16 bits in this machine's byte order are values as they are; see `StoredSource`.
    template <class Visit>
    bool visit_stored(Visit&& visit) const {
        bool visited = false;
        visit_type(stream_.format().type, [&]<class V>(V value) {
            if constexpr (std::is_integral_v<V> && sizeof(V) <= 2) {
                if (!stream_.format().template is_native<V>()) return;
                visit(value);
                visited = true;
            }
        });
        return visited;
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const {
        return {reinterpret_cast<const V*>(raw.bytes.data()), static_cast<std::size_t>(grid().size())};
    }

private:
    detail::VoxelStream stream_;
    Progress progress_;
    bool opens_again_ = false;  // by its path
    std::int64_t next_ = 0;
};

/// Opens a file to take its volumes one by one; only the header is read yet.
///
/// \tparam T  of the values: float holds 7 digits, enough for measured images; `open<double>` keeps all of a file of double
///            or of whole numbers of 32 bits, as tests of large means and arithmetic to the last digit want. Numbers that lose
///            digits, or become infinite or 0, are said, by `.warning` here or of the scan.
/// \throws FileError as `load`
template <RealVoxel T = float>
[[nodiscard]] ImageSource<T> open(const std::string& path, const LoadOptions& options = {}) {
    return ImageSource<T>(path, options);
}

/// Opens what a reader gives, of a pipe for example: `open(ByteReader(OpenDescriptor{0, "standard input"}))`.
/// \throws FileError as `load`
template <RealVoxel T = float>
[[nodiscard]] ImageSource<T> open(ByteReader reader, const LoadOptions& options = {}) {
    return ImageSource<T>(std::move(reader), options);
}

}  // namespace roi
