// NIfTI-1, NIfTI-2 and Analyze 7.5 as one format of the list: .nii, .nii.gz, .hdr with .img.
#pragma once

#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/nifti/names.hpp>
#include <roi/io/detail/nifti/open.hpp>
#include <roi/io/detail/nifti/write.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace roi::detail {

inline constexpr ImageFormat nifti_format{
    .name = "NIfTI",
    .endings = ".nii, .nii.gz, .hdr or .img (.gz)",
    .recognises =
        [](std::string_view path, std::span<const std::byte> start) {
            // The voxels of a pair have no mark; their header, which is looked for, has.
            return take_apart(path).kind == NameKind::voxels || is_header(start);
        },
    .open = [](const OpenRequest& request,
               ByteReader reader) { return NiftiOpener(request).open(std::move(reader)); },
    .has_name = [](std::string_view path) { return take_apart(path).kind != NameKind::other; },
    .create = [](SaveRequest request, const Metadata& metadata) -> std::unique_ptr<StoredVoxelWriter> {
        return std::make_unique<NiftiWriter>(std::move(request), metadata);
    },
};

}  // namespace roi::detail
