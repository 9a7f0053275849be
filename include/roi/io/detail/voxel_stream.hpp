// The voxels of an opened image, read in order.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/on_calling_thread.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/voxel_decode.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// Runs `allocate`, and turns a lack of memory for `count` values of `each` bytes into an error that names the file.
template <class Allocate>
[[nodiscard]] auto allocate_for(const std::string& path, std::int64_t count, std::size_t each,
                                Allocate allocate) {
    try {
        return allocate();
    } catch (const std::bad_alloc&) {
        // A product that would not fit is spelled out.
        const auto size = static_cast<std::int64_t>(each);
        const bool fits = count <= std::numeric_limits<std::int64_t>::max() / size;
        throw FileError(ErrorCode::out_of_memory, path,
                        text("needs ", fits ? text(count * size) : text(count, " times ", size),
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
    /// Have the bytes that the header claims been counted? Those of a pipe cannot be.
    [[nodiscard]] bool is_counted() const {
        return image_.voxels->file_size() < std::numeric_limits<std::int64_t>::max();
    }

    /// Reads the next stored bytes.
    /// \throws FileError truncated, with the expected and found number of bytes, or corrupt
    void read(std::span<std::byte> out) {
        auto& voxels = *image_.voxels;
        const std::size_t count = voxels.read_or_end(out);
        if (count == out.size()) return;
        throw FileError(
            ErrorCode::truncated, voxels.path(),
            text("voxels: expected ", image_.frame_bytes * info().frames, " bytes, found ",
                 voxels.position() - info().voxel_offset,
                 voxels.cut_off() ? "; the gzip data end too early" : "; the file ends too early"));
    }

    /// What NaN means to a whole number.
    enum class NanRule { misfit, background };

    /// Reads `count` voxels as values.
    /// \throws FileError as `read`; unsupported when an integer type does not hold a value
    template <Voxel T>
    void read_values(T* out, std::int64_t count, NanRule nan = NanRule::misfit) {
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
            const bool good = decode(format(), scratch_.data(), now, out + done);
            if constexpr (RealVoxel<T>) look_at<T>(scratch_.data(), now);
            if constexpr (std::is_same_v<T, bool>) {
                masked_nan_ += count_nan(format(), scratch_.data(), now);
                masked_infinite_ += count_infinite(format(), scratch_.data(), now);
            }
            if (good) continue;
            if constexpr (IntegerVoxel<T>) {
                const bool background = nan == NanRule::background;
                // Those that do not fit were decoded to 0.
                if (background) label_nan_ += count_nan(format(), scratch_.data(), now);
                if (auto misfit = first_misfit<T>(format(), scratch_.data(), now, background))
                    refuse<T>(*misfit);
            }
        }
    }

    /// Counts what is said at the end of stored voxels that become real numbers of a type.
    template <RealVoxel T>
    void look_at(const std::byte* stored, std::int64_t count) {
        auto rounded = rounded_voxels<T>(format(), stored, count);
        if (rounded_.count == 0) rounded_.first = std::move(rounded.first);
        rounded_.count += rounded.count;
        beyond_ += count_beyond<T>(format(), stored, count);
        in_single_ = sizeof(T) == sizeof(float);
    }

    /// Looks for numbers that lose digits in a type that nobody may have chosen.
    template <RealVoxel T>
    void look_at_digits(const std::byte* stored, std::int64_t count) {
        shortened_ = shortened_ || any_with_more_digits<T>(format(), stored, count);
    }

    /// Says which values the type has changed, where nobody was named to be told when the file was opened.
    void warn_of_lost(const WarningHandler& warning) const {
        if (image_.warning || !warning) return;
        for (const auto& line : lost()) warning(line);
    }

    /// Does the file itself say that it holds all that the header claims? Of compressed data its last bytes are the length,
    /// of what is not compressed the length was compared when it was opened.
    [[nodiscard]] bool ends_as_claimed() {
        return image_.voxels->ends_at(info().voxel_offset + image_.frame_bytes * info().frames);
    }

    /// After the last voxel: reads on to the end of the file, so that damage there is noticed too.
    void verify() {
        auto& voxels = *image_.voxels;
        if (image_.warning) {
            for (const auto& line : lost()) say(line);
        }
        if (masked_nan_ > 0) {
            warn(masked_nan_, masked_nan_ == 1 ? " voxel is" : " voxels are", " NaN and ",
                 masked_nan_ == 1 ? "counts" : "count", " as outside");
        }
        if (masked_infinite_ > 0) {
            warn(masked_infinite_, masked_infinite_ == 1 ? " voxel is" : " voxels are", " infinite and ",
                 masked_infinite_ == 1 ? "counts" : "count", " as inside");
        }
        if (label_nan_ > 0) {
            warn(label_nan_, label_nan_ == 1 ? " voxel is" : " voxels are", " NaN and ",
                 label_nan_ == 1 ? "counts" : "count", " as background, label 0");
        }
        if (!voxels.verify_rest(most_trailing_bytes)) {
            warn("more than ", most_trailing_bytes,
                 " bytes follow the last voxel; they and the checksum were not looked at");
        } else if (voxels.trailing_garbage()) {
            warn("bytes that are not gzip follow the compressed data and were left alone");
        }
    }

private:
    void warn(const auto&... problem) const {
        if (image_.warning) say(text(info().path, ": ", problem...));
    }
    void say(const std::string& line) const {
        on_calling_thread([tell = image_.warning, line] { tell(line); });
    }

    /// What the type has changed, a line each.
    [[nodiscard]] std::vector<std::string> lost() const {
        std::vector<std::string> out;
        if (rounded_.count > 0) {
            out.push_back(text(info().path, ": ", rounded_.count,
                               rounded_.count == 1 ? " voxel is a whole number" : " voxels are whole numbers",
                               in_single_ ? " beyond 2^24 with more digits than float holds, "
                                          : " beyond 2^53 with more digits than double holds, ",
                               rounded_.count == 1 ? "" : "the first is ", rounded_.first,
                               "; the last ones are lost", in_single_ ? "; read them as double" : ""));
        }
        if (shortened_) {
            out.push_back(text(info().path, ": values of ", name_of(format().type),
                               " keep the 7 digits that float holds; open<double> keeps all"));
        }
        if (beyond_ > 0) {
            out.push_back(text(info().path, ": ", beyond_, beyond_ == 1 ? " voxel is" : " voxels are",
                               " beyond the range of float and became infinite or 0; read them as double"));
        }
        return out;
    }

    /// Never advises what would merge numbers: float has gaps beyond 2^24, double beyond 2^53.
    template <IntegerVoxel T>
    [[noreturn]] void refuse(const Misfit& found) const {
        const char* advice =
            found.fits_int64    ? "read it as std::int64_t, also with roi::load_labels<std::int64_t>"
            : found.fits_uint64 ? "read it as std::uint64_t"
            : std::isnan(found.value)
                ? "where NaN is the background of labels, read it with roi::load_labels"
                : "it holds no whole numbers that could be labels; load it as float or double";
        throw FileError(ErrorCode::unsupported, info().path,
                        text("expected values that ", name_of(datatype_of<T>()), " holds exactly, found ",
                             found.shown, "; ", advice));
    }

    OpenedImage image_;
    std::vector<std::byte> scratch_;
    RoundedVoxels rounded_;
    std::int64_t beyond_ = 0;
    bool shortened_ = false;
    bool in_single_ = false;  // were they made float?
    std::int64_t masked_nan_ = 0;
    std::int64_t masked_infinite_ = 0;
    std::int64_t label_nan_ = 0;
};

}  // namespace roi::detail
