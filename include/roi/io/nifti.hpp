// Images from and to NIfTI files: .nii, .nii.gz, .hdr with .img; NIfTI-1, NIfTI-2 and Analyze 7.5.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/io/detail/image_writer.hpp>
#include <roi/io/detail/nifti_open.hpp>
#include <roi/io/detail/voxel_decode.hpp>
#include <roi/io/detail/voxel_encode.hpp>
#include <roi/io/detail/voxel_stream.hpp>
#include <roi/io/gzip.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace roi {

/// How to read an image.
struct LoadOptions {
    WarningHandler warning = nullptr;  ///< told of oddities that were worked around, one line each
    Progress progress = nullptr;       ///< told how many volumes have been read
    GzipBackend backend = GzipBackend::automatic;
};

/// Reads everything about an image but its voxels.
///
/// \param path     the file, or either one of a .hdr/.img pair
/// \param options  who is told of oddities
/// \throws FileError as `load`; a plain file that is too short for its voxels is refused here already
///
/// Reads a few hundred bytes and the extensions.
[[nodiscard]] inline ImageInfo read_header(const std::string& path, const LoadOptions& options = {}) {
    return detail::with_memory(
        path, [&] { return detail::ImageOpener(path, options.backend, options.warning).open().info; });
}

namespace detail {

[[nodiscard]] inline VoxelStream open_voxels(const std::string& path, const LoadOptions& options) {
    return with_memory(
        path, [&] { return VoxelStream(ImageOpener(path, options.backend, options.warning).open()); });
}

}  // namespace detail

/// Reads a single volume.
///
/// \param path     .nii, .nii.gz, or either file of a .hdr/.img pair, compressed or not; gzip is told by
///                 content
/// \param options  who is told of oddities and progress
/// \returns        values as slope * stored + intercept: nearest for float and double, exact for integers; for
///                 bool everything but 0 is true, NaN included
/// \throws FileError not_found, unreadable, bad_format, unsupported (a type, a rank, an integer `T` that does
///         not hold a value), truncated, corrupt; a run of several volumes is unsupported and for `load4d`
///
/// Memory: the volume and less than half a megabyte. Equals nibabel's `load(path).get_fdata()` and its `affine`;
/// ranks 1 and 2 have counts of 1 along the missing axes.
template <Voxel T>
[[nodiscard]] Volume<T> load(const std::string& path, const LoadOptions& options = {}) {
    auto stream = detail::open_voxels(path, options);
    const auto& info = stream.info();
    if (info.frames != 1) {
        throw FileError(ErrorCode::unsupported, info.path,
                        text("expected one volume, found ", info.frames,
                             "; read it with roi::load4d, or volume by volume with roi::open"));
    }
    auto volume =
        detail::allocate_for(info.path, info.grid.size() * static_cast<std::int64_t>(sizeof(T)),
                             [&] { return Volume<T>(info.grid, detail::Uninitialized{}, info.metadata); });
    detail::with_memory(info.path, [&] {
        stream.read_values(volume.data(), volume.size());
        stream.verify();
    });
    if (options.progress) options.progress(1, 1);
    return volume;
}

/// Reads a run; a single volume counts as a run of one. Otherwise as `load`.
///
/// Memory: the run and less than half a megabyte; the volumes are decoded straight into their places.
template <Voxel T>
[[nodiscard]] Volume4D<T> load4d(const std::string& path, const LoadOptions& options = {}) {
    auto stream = detail::open_voxels(path, options);
    const auto& info = stream.info();
    auto run = detail::allocate_for(
        info.path, info.grid.size() * info.frames * static_cast<std::int64_t>(sizeof(T)),
        [&] { return Volume4D<T>(info.grid, info.frames, detail::Uninitialized{}, info.metadata); });
    detail::with_memory(info.path, [&] {
        for (std::int64_t t = 0; t < run.frames(); ++t) {
            const auto volume = run.frame(t).values();
            detail::map_before_writing(volume.data(), volume.size_bytes());
            stream.read_values(volume.data(), info.grid.size());
            if (options.progress) options.progress(t + 1, run.frames());
        }
        stream.verify();
    });
    return run;
}

/// The volumes of a file, one after the other: a source for `scan` and `smooth`.
///
/// Reading and conversion are separate, so that they can run on different threads. Memory: what the caller
/// keeps of raw volumes, and the stream's buffer. Moves only; open the file again for a second pass.
template <RealVoxel T = float>
class NiftiSource {
public:
    using value_type = T;
    struct Workspace {};

    explicit NiftiSource(const std::string& path, const LoadOptions& options = {})
        : stream_(detail::open_voxels(path, options)), progress_(options.progress) {}

    [[nodiscard]] const ImageInfo& info() const { return stream_.info(); }
    [[nodiscard]] const Grid& grid() const { return info().grid; }
    [[nodiscard]] const Metadata& metadata() const { return info().metadata; }
    [[nodiscard]] std::int64_t frames() const { return info().frames; }
    [[nodiscard]] bool reads_ahead() const { return true; }

    /// Reads the stored bytes of the next volume; after the last, also the rest of the file, to check it.
    /// \throws FileError truncated or corrupt
    /// \throws InvalidArgument when all volumes have been taken
    void pull(RawFrame& raw) {
        if (next_ == frames()) {
            throw InvalidArgument(text(info().path, ": all ", next_,
                                       " volumes have been read; open the file again to read it twice"));
        }
        if (raw.bytes.size() != stream_.frame_bytes()) {
            raw.bytes = detail::allocate_for(info().path, stream_.frame_bytes(), [&] {
                return detail::Buffer<std::byte>(stream_.frame_bytes(), detail::Uninitialized{});
            });
            detail::map_before_writing(raw.bytes.data(), raw.bytes.span().size());
        }
        stream_.read(raw.bytes.span());
        raw.index = next_++;
        if (next_ == frames()) detail::with_memory(info().path, [this] { stream_.verify(); });
        if (progress_) progress_(next_, frames());
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
    std::int64_t next_ = 0;
};

/// Opens a file to take its volumes one by one; only the header is read yet.
/// \throws FileError as `load`
template <RealVoxel T = float>
[[nodiscard]] NiftiSource<T> open(const std::string& path, const LoadOptions& options = {}) {
    return NiftiSource<T>(path, options);
}

/// Which header to write.
enum class NiftiVersion { automatic = 0, one = 1, two = 2 };

/// How to write an image.
struct SaveOptions {
    Datatype datatype = Datatype::unknown;           ///< type on disk; unknown for the smallest without loss
    bool like_reference = false;                     ///< store as the file did that the metadata come from
    NiftiVersion version = NiftiVersion::automatic;  ///< automatic: 1, or 2 for what 1 cannot hold
    WarningHandler warning = nullptr;                ///< told of what is lost
    Progress progress = nullptr;                     ///< told how many volumes have been written
    GzipBackend backend = GzipBackend::automatic;
};

namespace detail {

template <Voxel T>
void save_values(std::span<const T> values, HeaderContent content, const Metadata& metadata,
                 const std::string& path, const SaveOptions& options) {
    const bool like_reference = options.like_reference && options.datatype == Datatype::unknown;
    const Datatype wanted = like_reference ? metadata.storage.datatype : options.datatype;
    const auto plan = plan_storage(values, wanted, like_reference);
    if (!plan.loss.empty() && options.warning) options.warning(text(path, ": ", plan.loss));
    content.format = plan.format;
    content.version = static_cast<int>(options.version);
    const std::int64_t frames = content.frames;
    ImageWriter writer(path, std::move(content), metadata, options.backend, options.warning);
    const std::size_t frame = frames > 0 ? values.size() / static_cast<std::size_t>(frames) : 0;
    for (std::int64_t t = 0; t < frames; ++t) {
        writer.write(values.subspan(static_cast<std::size_t>(t) * frame, frame));
        if (options.progress) options.progress(t + 1, frames);
    }
    writer.commit();
}

}  // namespace detail

/// Writes a volume.
///
/// \param volume   what to write, with its grid and metadata
/// \param path     ends in .nii, .nii.gz, .hdr or .img (.gz), in any letter case
/// \param options  type on disk, header version, who is told of losses and progress
/// \throws FileError unwritable with the reason; a file of that name then stays as it was
/// \throws InvalidArgument for another name, an empty image, or integers that `options.datatype` does not hold
///
/// By default nothing is lost: bool is stored as uint8, integers in the narrowest of uint8, int16, int32 and
/// their own type, real numbers in their own, unscaled. Integers and labels are never scaled. Real numbers
/// that an asked-for integer type does not hold are spread over it by nibabel's slope and intercept, and the
/// warning handler is told how much they change; nibabel does the same but without a word, and also to whole
/// numbers and labels. An image that still has the affine of its file gets its sform and qform back bit for
/// bit; otherwise both are written when the affine has no shear (nibabel leaves the qform out).
/// Texts longer than their header fields are cut, and the warning handler is told.
/// The file appears under its name only when complete. Of a pair, both files are complete on the disk before
/// the voxels and then the header are renamed; should the second fail, the first is taken back. Memory: two
/// buffers.
template <Voxel T>
void save(const Volume<T>& volume, const std::string& path, const SaveOptions& options = {}) {
    detail::save_values(volume.values(), {.grid = volume.grid(), .frames = 1, .rank = 3}, volume.metadata(),
                        path, options);
}

/// Writes a run; as for a volume.
template <Voxel T>
void save(const Volume4D<T>& run, const std::string& path, const SaveOptions& options = {}) {
    detail::save_values(run.values(), {.grid = run.grid(), .frames = run.frames(), .rank = 4}, run.metadata(),
                        path, options);
}

/// Writes a run volume by volume, without ever holding it; nothing appears under the name before `commit`.
///
/// Values are stored in their own type, or in `options.datatype` where that holds every value of `T`.
template <Voxel T>
class RunWriter {
public:
    /// \param path      as for `save`
    /// \param grid      of every volume
    /// \param frames    number of volumes that will be written
    /// \param metadata  header fields
    /// \param options   type on disk, header version, who is told of progress
    /// \throws FileError unwritable
    /// \throws InvalidArgument as `save`
    RunWriter(const std::string& path, const Grid& grid, std::int64_t frames, const Metadata& metadata = {},
              const SaveOptions& options = {})
        : path_(path),
          frame_size_(grid.size()),
          frames_(frames),
          writer_(path,
                  {.grid = grid,
                   .frames = frames,
                   .rank = 4,
                   .format = {.type = type(options)},
                   .version = static_cast<int>(options.version)},
                  metadata, options.backend, options.warning),
          progress_(options.progress) {}

    /// Writes the next volume.
    /// \throws InvalidArgument when it has another number of voxels, or all volumes are written
    /// \throws FileError unwritable with the reason
    void write(std::span<const T> values) {
        if (static_cast<std::int64_t>(values.size()) != frame_size_ || written_ == frames_) {
            throw InvalidArgument(text("save: ", path_, ": expected ", frames_, " volumes of ", frame_size_,
                                       " voxels, found volume ", written_ + 1, " of ", values.size()));
        }
        writer_.write(values);
        ++written_;
        if (progress_) progress_(written_, frames_);
    }

    /// Gives the file its name.
    /// \throws InvalidArgument when volumes are missing; FileError unwritable with the reason
    void commit() {
        if (written_ != frames_) {
            throw InvalidArgument(
                text("save: ", path_, ": expected ", frames_, " volumes, found ", written_));
        }
        writer_.commit();
    }

private:
    static Datatype type(const SaveOptions& options) {
        if (options.datatype == Datatype::unknown) return datatype_of<T>();
        detail::ValueRange<T> all{.low = std::numeric_limits<T>::lowest(),
                                  .high = std::numeric_limits<T>::max(),
                                  .any = true,
                                  .all_whole = IntegerVoxel<T>,
                                  .all_single = sizeof(T) <= sizeof(float)};
        if (!detail::holds_exactly(options.datatype, all)) {
            throw InvalidArgument(text("save: ", name_of(options.datatype), " does not hold every ",
                                       name_of(datatype_of<T>()),
                                       "; write volumes of the type that should be stored"));
        }
        return options.datatype;
    }

    std::string path_;
    std::int64_t frame_size_;
    std::int64_t frames_;
    std::int64_t written_ = 0;
    detail::ImageWriter writer_;
    Progress progress_;
};

}  // namespace roi
