// Images to files: NIfTI-1 and NIfTI-2 as .nii, .nii.gz, .hdr with .img.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/io/detail/formats.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/voxel_encode.hpp>
#include <roi/io/gzip.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Which header to write.
enum class NiftiVersion { automatic = 0, one = 1, two = 2 };

/// How to write an image.
struct SaveOptions {
    Datatype datatype = Datatype::unknown;  ///< type on disk; unknown for the smallest without loss
    bool like_reference = false;            ///< store as the file did that the metadata come from, see `save`
    NiftiVersion version = NiftiVersion::automatic;  ///< automatic: 1, or 2 for what 1 cannot hold
    WarningHandler warning = nullptr;                ///< told of what is lost
    Progress progress = nullptr;                     ///< told how many volumes have been written
    StopRequest stop = nullptr;  ///< asked between volumes whether to stop; the old file then stays as it was
    int threads = 0;             ///< number of threads that read a source; 0 is `threads()`
    GzipBackend backend = GzipBackend::automatic;
};

namespace detail {

/// Encodes values on their way to a format's writer.
class ImageWriter {
public:
    ImageWriter(SaveRequest request, const Metadata& metadata) : format_(request.format) {
        if (request.grid.size() < 1 || request.frames < 1) {
            throw InvalidArgument(text("save: ", request.path, ": there are no voxels to write"));
        }
        const bool to_pipe = request.to.has_value();
        std::string endings;
        for (const ImageFormat& format : image_formats) {
            const bool named = to_pipe || format.has_name(request.path);
            if (format.create == nullptr) {
                if (!named) continue;
                throw InvalidArgument(text("save: ", request.path, ": ", format.name,
                                           " images are only read; save to a name that ends in ", endings));
            }
            if (named) {
                writer_ = format.create(std::move(request), metadata);
                return;
            }
            append_text(endings, text(endings.empty() ? "" : ", ", format.endings));
        }
        throw InvalidArgument(text("save: ", request.path, ": expected a name that ends in ", endings));
    }

    template <Voxel T>
    void write(std::span<const T> values) {
        if (format_.is_native<T>()) return writer_->write(std::as_bytes(values));
        const std::size_t bytes = size_of(format_.type);
        const std::size_t piece = (std::size_t{1} << 17) / bytes;
        scratch_.resize(std::min(piece, values.size()) * bytes);
        while (!values.empty()) {
            const auto now = values.first(std::min(piece, values.size()));
            encode(format_, now, scratch_.data());
            writer_->write({scratch_.data(), now.size() * bytes});
            values = values.subspan(now.size());
        }
    }

    /// Gives the files their names.
    void commit() { writer_->commit(); }

private:
    VoxelFormat format_;
    std::unique_ptr<StoredVoxelWriter> writer_;
    std::vector<std::byte> scratch_;
};

/// \throws Error stopped when the caller asks for it
inline void stop_saving(const StopRequest& stop, std::int64_t written, std::int64_t frames) {
    if (!stop || !stop()) return;
    throw Error(ErrorCode::stopped,
                text("save: stopped on request after ", written, " of ", frames, " volumes"));
}

/// \throws InvalidArgument for a number that is no type
inline void require_datatype(Datatype type) {
    if (type == Datatype::unknown || size_of(type) > 0) return;
    throw InvalidArgument(
        text("save: expected a voxel type of roi::Datatype, found the code ", static_cast<int>(type)));
}

[[nodiscard]] inline SaveRequest save_request(std::string path, const Grid& grid, std::int64_t frames,
                                              int rank, const SaveOptions& options) {
    require_datatype(options.datatype);
    return {.path = std::move(path),
            .grid = grid,
            .frames = frames,
            .rank = rank,
            .version = static_cast<int>(options.version),
            .backend = options.backend,
            .warning = options.warning,
            .to = std::nullopt};
}

/// Do all values lie on the scale of the file that they came from? Then `format` becomes that scale.
template <Voxel T>
[[nodiscard]] bool lies_on_scale(std::span<const T> values, const Storage& storage, VoxelFormat& format) {
    if constexpr (RealVoxel<T>) {
        if (const auto scale = scale_of_reference<T>(storage)) {
            format = *scale;
            return first_changed(format, values) == values.size();
        }
    }
    return false;
}

template <Voxel T>
void save_values(std::span<const T> values, SaveRequest request, const Metadata& metadata,
                 const SaveOptions& options) {
    const bool like_reference = options.like_reference && options.datatype == Datatype::unknown;
    const Datatype wanted = like_reference ? metadata.storage.datatype : options.datatype;
    auto plan = StoragePlan{};
    if (!like_reference || !lies_on_scale(values, metadata.storage, plan.format)) {
        plan = plan_storage(values, wanted, like_reference);
    }
    if (!plan.loss.empty() && options.warning) options.warning(text(request.path, ": ", plan.loss));
    request.format = plan.format;
    const std::int64_t frames = request.frames;
    ImageWriter writer(std::move(request), metadata);
    const std::size_t frame = frames > 0 ? values.size() / static_cast<std::size_t>(frames) : 0;
    for (std::int64_t t = 0; t < frames; ++t) {
        stop_saving(options.stop, t, frames);
        writer.write(values.subspan(static_cast<std::size_t>(t) * frame, frame));
        if (options.progress) options.progress(t + 1, frames);
    }
    writer.commit();
}

}  // namespace detail

/// Is this a name that `save` can write an image to?
[[nodiscard]] inline bool is_image_name(std::string_view path) {
    return std::any_of(
        std::begin(detail::image_formats), std::end(detail::image_formats),
        [&](const detail::ImageFormat& format) { return format.create && format.has_name(path); });
}

/// Writes a volume.
///
/// \param volume   what to write, with its grid and metadata: a `Volume`, or a view of one
/// \param path     ends in .nii, .nii.gz, .hdr or .img (.gz), in any letter case
/// \param options  type on disk, header version, who is told of losses and progress
/// \throws FileError unwritable with the reason; a file of that name then stays as it was
/// \throws Error of the code stopped
/// \throws InvalidArgument for another name, an empty image, or integers that `options.datatype` does not hold
///
/// By default nothing is lost: bool is stored as uint8, integers in the narrowest of uint8, int16, int32 and
/// their own type, real numbers in their own, unscaled. Integers and labels are never scaled. Real numbers
/// that an asked-for integer type does not hold are spread over it by nibabel's slope and intercept, and the
/// warning handler is told how much they change; nibabel does the same but without a word, and also to whole
/// numbers and labels. An image that still has the affine of its file gets its sform and qform back bit for
/// bit; otherwise both are written when the affine has no shear (nibabel leaves the qform out).
/// With `.like_reference` the type is that of the file that the metadata come from: with its slope and intercept where every
/// value lies on that scale, so that voxels which were only moved keep their stored numbers; else with new ones.
/// Texts longer than their header fields are cut, and the warning handler is told.
/// The file appears under its name only when complete. Of a pair, both files are complete on the disk before
/// the voxels and then the header are renamed; should the second fail, the first is taken back. Memory: two
/// buffers.
template <AnyVolume V>
void save(const V& volume, const std::string& path, const SaveOptions& options = {}) {
    const auto view = view_of(volume);
    detail::save_values(view.values(), detail::save_request(path, view.grid(), 1, 3, options),
                        view.metadata(), options);
}

/// Writes a run; as for a volume. One of vectors, `FrameAxis::vector` in its metadata, is stored as (x, y, z, 1, n).
template <AnyRun R>
void save(const R& run, const std::string& path, const SaveOptions& options = {}) {
    const auto view = view_of(run);
    detail::save_values(view.values(), detail::save_request(path, view.grid(), view.frames(), 4, options),
                        view.metadata(), options);
}

/// Writes a volume to a writer, of a pipe for example, as the bytes of one NIfTI file:
/// `save(map, ByteWriter(OpenDescriptor{1, "standard output"}))`. Otherwise as for a path.
template <AnyVolume V>
void save(const V& volume, ByteWriter to, const SaveOptions& options = {}) {
    const auto view = view_of(volume);
    auto request = detail::save_request(to.path(), view.grid(), 1, 3, options);
    request.to.emplace(std::move(to));
    detail::save_values(view.values(), std::move(request), view.metadata(), options);
}

/// Writes a run to a writer, as `save` does a volume.
template <AnyRun R>
void save(const R& run, ByteWriter to, const SaveOptions& options = {}) {
    const auto view = view_of(run);
    auto request = detail::save_request(to.path(), view.grid(), view.frames(), 4, options);
    request.to.emplace(std::move(to));
    detail::save_values(view.values(), std::move(request), view.metadata(), options);
}

/// Writes a run volume by volume, without ever holding it; nothing appears under the name before `commit`.
///
/// Values are stored in their own type, or in `options.datatype` where that holds every value of `T`. With
/// `options.like_reference` they are stored on the scale of the file of integers that the metadata come from, where there is
/// one, and must lie on it.
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
        : RunWriter(detail::save_request(path, grid, frames, 4, options), metadata, options) {}

    /// Writes to a writer, of a pipe for example, as `save` does.
    RunWriter(ByteWriter to, const Grid& grid, std::int64_t frames, const Metadata& metadata = {},
              const SaveOptions& options = {})
        : RunWriter(with_writer(detail::save_request(to.path(), grid, frames, 4, options), std::move(to)),
                    metadata, options) {}

    /// Writes the next volume.
    /// \throws InvalidArgument when it has another number of voxels, or all volumes are written
    /// \throws FileError unwritable with the reason
    void write(std::span<const T> values) {
        if (static_cast<std::int64_t>(values.size()) != frame_size_ || written_ == frames_) {
            throw InvalidArgument(text("save: ", path_, ": expected ", frames_, " volumes of ", frame_size_,
                                       " voxels, found volume ", written_ + 1, " of ", values.size()));
        }
        detail::stop_saving(stop_, written_, frames_);
        if constexpr (RealVoxel<T>) {
            if (scale_) require_on_scale(values);
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
    static detail::SaveRequest with_writer(detail::SaveRequest request, ByteWriter to) {
        request.to.emplace(std::move(to));
        return request;
    }

    static detail::SaveRequest with_type(detail::SaveRequest request, const SaveOptions& options,
                                         const std::optional<detail::VoxelFormat>& scale) {
        if (scale) {
            request.format = *scale;
        } else {
            request.format.type = type(options);
        }
        return request;
    }

    static std::optional<detail::VoxelFormat> scale(const Metadata& metadata, const SaveOptions& options) {
        if (!options.like_reference || options.datatype != Datatype::unknown) return std::nullopt;
        return detail::scale_of_reference<T>(metadata.storage);
    }

    void require_on_scale(std::span<const T> values) const {
        const auto at = detail::first_changed(*scale_, values);
        if (at == values.size()) return;
        throw InvalidArgument(text("save: ", path_, ": volume ", written_, ": ", name_of(scale_->type),
                                   " with slope ", scale_->slope, " and intercept ", scale_->intercept,
                                   " does not hold ", values[at],
                                   "; leave out like_reference to store values as they are"));
    }

    RunWriter(detail::SaveRequest request, const Metadata& metadata, const SaveOptions& options)
        : path_(request.path),
          frame_size_(request.grid.size()),
          frames_(request.frames),
          scale_(scale(metadata, options)),
          writer_(with_type(std::move(request), options, scale_), metadata),
          progress_(options.progress),
          stop_(options.stop) {}

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
    std::optional<detail::VoxelFormat> scale_;  ///< of the reference; must come before the writer
    detail::ImageWriter writer_;
    Progress progress_;
    StopRequest stop_;
};

}  // namespace roi
