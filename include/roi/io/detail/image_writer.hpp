// The files of an image on their way to the disk.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/nifti_names.hpp>
#include <roi/io/detail/nifti_pack.hpp>
#include <roi/io/detail/voxel_encode.hpp>
#include <roi/io/gzip.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace roi::detail {

/// Header and voxels, in one file or two; nothing appears under its name before `commit`.
class ImageWriter {
public:
    /// \param warning  told of what the header cannot hold
    ImageWriter(const std::string& path, HeaderContent content, const Metadata& metadata, GzipBackend backend,
                const WarningHandler& warning)
        : format_(content.format) {
        const auto name = take_apart(path);
        if (name.kind == NameKind::other) {
            throw InvalidArgument(
                text("save: ", path, ": expected a name that ends in .nii, .nii.gz, .hdr or .img (.gz)"));
        }
        if (content.grid.size() < 1 || content.frames < 1) {
            throw InvalidArgument(text("save: ", path, ": there are no voxels to write"));
        }
        const auto compression = name.gzip_suffix.empty() ? Compression::none : Compression::gzip;
        content.single_file = name.kind == NameKind::single;
        const auto header = pack_header(content, metadata);
        if (warning) {
            for (const auto& loss : text_losses(metadata)) warning(text(path, ": ", loss));
        }
        voxels_.emplace(
            name.kind == NameKind::header ? name.stem + partner_suffix(name) + name.gzip_suffix : path,
            compression, backend);
        if (!content.single_file) {
            header_.emplace(
                name.kind == NameKind::header ? path : name.stem + partner_suffix(name) + name.gzip_suffix,
                compression, backend);
        }
        (header_ ? *header_ : *voxels_).write(header);
    }

    template <Voxel T>
    void write(std::span<const T> values) {
        if (format_.is_native<T>()) return voxels_->write(std::as_bytes(values));
        const std::size_t bytes = std::max<std::size_t>(1, size_of(format_.type));
        const std::size_t piece = (std::size_t{1} << 17) / bytes;
        scratch_.resize(std::min(piece, values.size()) * bytes);
        while (!values.empty()) {
            const auto now = values.first(std::min(piece, values.size()));
            encode(format_, now, scratch_.data());
            voxels_->write({scratch_.data(), now.size() * size_of(format_.type)});
            values = values.subspan(now.size());
        }
    }

    /// Gives the files their names. Of a pair, both are complete on the disk before the first is renamed; when
    /// the second cannot be, the first is taken back.
    void commit() {
        if (!header_) return voxels_->commit();
        voxels_->finish();
        header_->finish();
        voxels_->commit_keeping_old();
        try {
            header_->commit();
        } catch (...) {
            voxels_->restore_old();
            throw;
        }
        voxels_->forget_old();
    }

private:
    VoxelFormat format_;
    std::optional<ByteWriter> voxels_;
    std::optional<ByteWriter> header_;
    std::vector<std::byte> scratch_;
};

}  // namespace roi::detail
