// From the bytes of a NIfTI or Analyze file to a checked description of the image and a stream at its first voxel.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/detail/nifti/affine.hpp>
#include <roi/io/detail/nifti/header.hpp>
#include <roi/io/detail/nifti/names.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/image_info.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// Extensions beyond this many bytes are left out: they are kept in memory, and a packed file may claim any
/// number.
inline constexpr std::int64_t most_extension_bytes = std::int64_t{64} << 20;

template <std::size_t Size>
[[nodiscard]] std::string text_field(const char (&field)[Size]) {
    return std::string(field, std::find(field, field + Size, '\0'));
}

/// The fields that travel with an image.
[[nodiscard]] inline Metadata read_metadata(const RawHeader& header, const HeaderTransform& transform,
                                            const ImageDimensions& size) {
    const auto& fields = header.fields;
    Metadata out;
    out.description = text_field(fields.descrip);
    out.aux_file = text_field(fields.aux_file);
    out.intent = {fields.intent_code,
                  text_field(fields.intent_name),
                  {fields.intent_p1, fields.intent_p2, fields.intent_p3}};
    out.space_unit = static_cast<SpaceUnit>(fields.xyzt_units & 7);
    out.time_unit = static_cast<TimeUnit>(fields.xyzt_units & 0x38);
    // A volume has no time axis, whatever stands where runs have their repetition time.
    if (fields.dim[0] >= 4) out.time_step = fields.pixdim[4];
    out.frame_axis = size.frame_axis;
    out.time_offset = fields.toffset;
    out.sform_code = transform.sform_code;
    out.qform_code = transform.qform_code;
    out.forms = FileForms{transform.affine, transform.qform, {}};
    if (transform.sform_code != 0 && transform.affine != transform.file_affine) {
        out.forms->file_sform = transform.file_affine;
    }
    out.slices = {static_cast<std::uint8_t>(fields.dim_info), fields.slice_start, fields.slice_end,
                  fields.slice_code, fields.slice_duration};
    out.display_min = fields.cal_min;
    out.display_max = fields.cal_max;
    out.unused = header.unused;
    return out;
}

/// Reads a header and checks all that it claims against the bytes that exist.
class NiftiOpener {
public:
    explicit NiftiOpener(const OpenRequest& request) : request_(request), path_(request.path) {}

    /// \param reader  of the file `request.path`, at its first byte
    /// \throws FileError for anything that is not a complete, supported image
    [[nodiscard]] OpenedImage open(ByteReader reader) {
        const auto name = request_.alone ? ImageName{} : take_apart(path_);
        const bool given_voxels = name.kind == NameKind::voxels;
        std::optional<ByteReader> opened, voxels;
        (given_voxels ? voxels : opened).emplace(std::move(reader));
        if (given_voxels) opened.emplace(find_partner(path_), request_.backend);
        ByteReader& header = *opened;
        const std::string header_path = header.path();
        std::array<std::byte, 540> bytes{};
        const auto kind = read_header_bytes(header, bytes);
        header_ = unpack(bytes, kind);
        const bool single = is_single(name.kind, header_path);

        const Datatype type = voxel_type(header_path, header_);
        const auto size = dimensions(header_path, header_, type);
        const Scaling scale = header_scaling(header_path, header_);
        const auto offset = voxel_offset(header_path, bytes, header_, single);
        const auto transform = header_transform(header_path, header_);

        OpenedImage out;
        ImageInfo& info = out.info;
        info.path = path_;
        info.header_path = header_path;
        info.format = header_.version == 0 ? "Analyze 7.5" : text("NIfTI-", header_.version);
        info.version = header_.version;
        info.big_endian = header_.big_endian;
        info.rank = size.rank;
        info.dimensions = size.axes;
        info.grid = Grid(Shape(size.counts[0], size.counts[1], size.counts[2]), transform.affine);
        info.file_affine = transform.file_affine;
        info.frames = size.frames;
        info.run = size.run;
        info.datatype = type;
        info.slope = scale.slope;
        info.intercept = scale.intercept;
        info.voxel_offset = offset;
        info.metadata = read_metadata(header_, transform, size);
        info.metadata.storage = {type, scale.slope, scale.intercept};
        warn_of_oddities(header_path);
        for (const auto& oddity : transform.oddities) request_.warn(oddity);

        out.format = {type, header_.swapped(), scale.slope, scale.intercept};
        out.frame_bytes = size.frame_bytes;
        out.warning = request_.warning;
        try {
            if (single) {
                // What is no image at all is told before what its extensions say.
                require_bytes(header, offset, size.bytes);
                info.metadata.extensions = read_extensions(header, offset);
                voxels = std::move(opened);
            } else {
                if (header_.version > 0) {
                    info.metadata.extensions = read_extensions(header, header.most_bytes());
                }
                if (!voxels) voxels.emplace(find_partner(header_path), request_.backend);
                require_bytes(*voxels, offset, size.bytes);
                if (!voxels->compressed() && voxels->file_size() - offset > size.bytes) {
                    request_.warn(
                        text("its voxels are in ", voxels->path(), ", which holds ",
                             voxels->file_size() - offset - size.bytes,
                             " bytes more than the header expects; do both files come from one save?"));
                }
            }
            info.voxel_path = voxels->path();
            info.compressed = voxels->compressed();
            voxels->skip(offset - voxels->position(), "bytes before the voxels");
            out.voxels = std::move(voxels);
        } catch (const FileError& error) {
            if (!request_.header_only) throw;
            info.voxel_problem = error.what();
        }
        return out;
    }

private:
    static HeaderKind read_header_bytes(ByteReader& reader, std::span<std::byte, 540> bytes) {
        reader.read_exactly(bytes.first(348), "NIfTI header");
        const auto kind = recognise(reader.path(), bytes);
        if (kind.version == 2) reader.read_exactly(bytes.subspan(348), "rest of the NIfTI-2 header");
        return kind;
    }

    /// Do the voxels follow in the same file? The magic decides, but for a name that has no partner.
    bool is_single(NameKind kind, const std::string& header_path) {
        if (header_.version == 0 && kind != NameKind::header && kind != NameKind::voxels) {
            throw FileError(
                ErrorCode::bad_format, header_path,
                "expected the magic bytes of a NIfTI file, found none; an Analyze 7.5 image needs "
                "names that end in .hdr and .img");
        }
        if (header_.single_file) {
            if (kind == NameKind::voxels) {
                throw FileError(ErrorCode::bad_format, header_path,
                                text("the header says that it holds the voxels itself, so ", path_,
                                     " does not belong to it; open the header"));
            }
            return true;
        }
        if (request_.alone) {
            throw FileError(
                ErrorCode::bad_format, header_path,
                "the voxels are in a second file; only images in one file can be read from a pipe");
        }
        if (kind == NameKind::single) {
            request_.warn(
                "the magic bytes say that the voxels are in a second file; read from this one, as its name "
                "says");
            return true;
        }
        if (kind == NameKind::other) {
            throw FileError(
                ErrorCode::bad_format, header_path,
                "the voxels are in a second file, which is found only for names that end in .hdr");
        }
        return false;
    }

    /// Reads the blocks between the header and `end`; what is no block ends the list with a warning.
    [[nodiscard]] std::vector<Extension> read_extensions(ByteReader& reader, std::int64_t end) {
        std::vector<Extension> out;
        std::array<std::byte, 4> flag{};
        if (reader.read_or_end(flag) < 4 || flag[0] == std::byte{0}) return out;
        std::int64_t total = 0;
        while (end - reader.position() >= 8) {
            std::array<std::byte, 8> head{};
            if (read_up_to(reader, head) < head.size()) break;
            const std::int64_t size = number_at<std::int32_t>(head, 0, header_.swapped());
            const int code = number_at<std::int32_t>(head, 4, header_.swapped());
            const std::int64_t left = end - reader.position();
            if (size < 8 || size - 8 > left) {
                // Some writers set the flag and leave zeros.
                if (size != 0 || code != 0) request_.warn("an extension with an impossible size is left out");
                break;
            }
            total += size + static_cast<std::int64_t>(sizeof(Extension));
            if (total > most_extension_bytes) {
                request_.warn(text("extensions beyond ", most_extension_bytes, " bytes are left out"));
                break;
            }
            Extension extension{code, {}};
            if (!read_growing(reader, extension.bytes, size - 8)) {
                request_.warn("an extension is cut off and left out");
                break;
            }
            out.push_back(std::move(extension));
        }
        return out;
    }

    static std::size_t read_up_to(ByteReader& reader, std::span<std::byte> out) {
        std::size_t done = 0;
        while (done < out.size()) {
            const std::size_t count = reader.read_or_end(out.subspan(done));
            if (count == 0) break;
            done += count;
        }
        return done;
    }

    /// Takes memory only as bytes arrive, whatever the size field claims.
    static bool read_growing(ByteReader& reader, std::vector<std::byte>& out, std::int64_t size) {
        constexpr std::int64_t step = 1 << 20;
        while (size > 0) {
            const auto piece = static_cast<std::size_t>(std::min(size, step));
            const std::size_t start = out.size();
            out.resize(start + piece);
            if (read_up_to(reader, std::span(out).subspan(start)) < piece) return false;
            size -= static_cast<std::int64_t>(piece);
        }
        return true;
    }

    void warn_of_oddities(const std::string& header_path) {
        const auto& fields = header_.fields;
        const auto expected = header_.version == 2 ? 540 : 348;
        if (fields.sizeof_hdr != expected) {
            request_.warn(text("sizeof_hdr: expected ", expected, ", found ", fields.sizeof_hdr));
        }
        if (header_.version == 0 && file_exists(take_apart(header_path).stem + ".mat")) {
            request_.warn("SPM's .mat file beside it is not read; the affine comes from the header alone");
        }
    }

    const OpenRequest& request_;
    const std::string& path_;
    RawHeader header_;
};

}  // namespace roi::detail
