// NIfTI files on their way to the disk.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/nifti/names.hpp>
#include <roi/io/detail/nifti/pack.hpp>
#include <roi/io/gzip.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace roi::detail {

/// Header and voxels, in one file or two, or into a pipe.
class NiftiWriter final : public StoredVoxelWriter {
public:
    NiftiWriter(SaveRequest request, const Metadata& metadata) {
        const auto name = request.to ? ImageName{} : take_apart(request.path);
        const bool pair = name.kind == NameKind::header || name.kind == NameKind::voxels;
        const HeaderContent content{.grid = request.grid,
                                    .frames = request.frames,
                                    .rank = request.rank,
                                    .format = request.format,
                                    .single_file = !pair,
                                    .version = request.version};
        const auto header = pack_header(content, metadata);
        if (request.warning) {
            for (const auto& loss : header_losses(content, metadata)) {
                request.warning(text(request.path, ": ", loss));
            }
        }
        if (request.to) {
            voxels_.emplace(std::move(*request.to));
        } else {
            const auto compression = name.gzip_suffix.empty() ? Compression::none : Compression::gzip;
            const auto partner = pair ? name.stem + partner_suffix(name) + name.gzip_suffix : std::string();
            const bool is_header = name.kind == NameKind::header;
            if (pair) AtomicFile::undo_unfinished_pair(is_header ? request.path : partner);
            voxels_.emplace(is_header ? partner : request.path, compression, request.backend);
            if (pair) header_.emplace(is_header ? request.path : partner, compression, request.backend);
        }
        (header_ ? *header_ : *voxels_).write(header);
    }

    void write(std::span<const std::byte> bytes) override { voxels_->write(bytes); }

    void commit() override { header_ ? ByteWriter::commit_pair(*voxels_, *header_) : voxels_->commit(); }

private:
    std::optional<ByteWriter> voxels_;
    std::optional<ByteWriter> header_;
};

}  // namespace roi::detail
