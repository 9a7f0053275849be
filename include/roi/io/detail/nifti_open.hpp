// From a path to a checked description of the image and a stream that stands at its first voxel.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/detail/nifti_affine.hpp>
#include <roi/io/detail/nifti_header.hpp>
#include <roi/io/detail/nifti_names.hpp>
#include <roi/io/detail/voxel_decode.hpp>
#include <roi/io/gzip.hpp>

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

namespace roi {

/// What a file says about its image, before any voxel is read.
struct ImageInfo {
    std::string path;         ///< as given
    std::string header_path;  ///< the file that holds the header
    std::string voxel_path;   ///< the file that holds the voxels; the same for a single file
    int version = 1;          ///< 1 or 2 for NIfTI, 0 for Analyze 7.5
    bool big_endian = false;
    bool compressed = false;               ///< the voxels are gzip
    std::vector<std::int64_t> dimensions;  ///< as in the header; axes of length 1 after the third are dropped
    int rank = 3;                          ///< number of `dimensions`
    Grid grid;
    std::int64_t frames = 1;  ///< number of volumes
    Datatype datatype = Datatype::unknown;
    double slope = 1.0;  ///< value = slope * stored + intercept; 1 and 0 when the header asks for no scaling
    double intercept = 0.0;
    std::int64_t voxel_offset = 0;  ///< bytes before the first voxel in the (decoded) voxel file
    Metadata metadata;
};

}  // namespace roi

namespace roi::detail {

/// An image whose voxels come next from `voxels`.
struct OpenedImage {
    ImageInfo info;
    VoxelFormat format;
    std::int64_t frame_bytes = 0;
    ByteReader voxels;
    WarningHandler warning;
};

/// Extensions beyond this many bytes are left out: they are kept in memory, and a packed file may claim any
/// number.
inline constexpr std::int64_t most_extension_bytes = std::int64_t{64} << 20;

template <std::size_t Size>
[[nodiscard]] std::string text_field(const char (&field)[Size]) {
    return std::string(field, std::find(field, field + Size, '\0'));
}

/// The fields that travel with an image.
[[nodiscard]] inline Metadata read_metadata(const RawHeader& header, const Affine& affine) {
    const auto& fields = header.fields;
    Metadata out;
    out.description = text_field(fields.descrip);
    out.aux_file = text_field(fields.aux_file);
    out.intent = {fields.intent_code,
                  text_field(fields.intent_name),
                  {fields.intent_p1, fields.intent_p2, fields.intent_p3}};
    out.space_unit = static_cast<SpaceUnit>(fields.xyzt_units & 7);
    out.time_unit = static_cast<TimeUnit>(fields.xyzt_units & 0x38);
    // Volumes carry a filler of 0 or 1 where runs have their repetition time.
    const bool filler = fields.pixdim[4] == 0.0 || fields.pixdim[4] == 1.0;
    if (fields.dim[0] >= 4 || !filler) out.time_step = fields.pixdim[4];
    out.time_offset = fields.toffset;
    out.sform_code = is_transform(fields.sform_code) ? fields.sform_code : xform::unknown;
    out.qform_code = is_transform(fields.qform_code) ? fields.qform_code : xform::unknown;
    out.forms = FileForms{affine, stored_quaternion(fields)};
    out.slices = {static_cast<std::uint8_t>(fields.dim_info), fields.slice_start, fields.slice_end,
                  fields.slice_code, fields.slice_duration};
    out.display_min = fields.cal_min;
    out.display_max = fields.cal_max;
    return out;
}

/// Opens an image and checks all that its header claims against the bytes that exist.
class ImageOpener {
public:
    ImageOpener(std::string path, GzipBackend backend, const WarningHandler& warning)
        : path_(std::move(path)), backend_(backend), warning_(warning) {}

    /// \throws FileError for anything that is not a complete, supported image
    [[nodiscard]] OpenedImage open() {
        const auto name = take_apart(path_);
        const std::string header_path = name.kind == NameKind::voxels ? find_partner(path_) : path_;
        ByteReader reader(header_path, backend_);
        std::array<std::byte, 540> bytes{};
        const auto kind = read_header_bytes(reader, bytes);
        header_ = unpack(bytes, kind);
        const bool single = is_single(name.kind, header_path);

        const Datatype type = voxel_type(header_path, header_);
        const auto size = dimensions(header_path, header_, type);
        const Scaling scale = header_scaling(header_path, header_);
        const auto offset = voxel_offset(header_path, bytes, header_, single);
        const Affine affine = header_affine(header_path, header_);

        ImageInfo info;
        info.path = path_;
        info.header_path = header_path;
        info.version = header_.version;
        info.big_endian = header_.big_endian;
        info.rank = size.rank;
        info.dimensions.assign(header_.fields.dim + 1, header_.fields.dim + 1 + size.rank);
        info.grid = Grid(Shape(size.counts[0], size.counts[1], size.counts[2]), affine);
        info.frames = size.frames;
        info.datatype = type;
        info.slope = scale.slope;
        info.intercept = scale.intercept;
        info.voxel_offset = offset;
        info.metadata = read_metadata(header_, affine);
        info.metadata.storage = {type, scale.slope, scale.intercept};
        warn_of_oddities(header_path);

        const VoxelFormat format{type, header_.swapped(), scale.slope, scale.intercept};
        if (single) {
            require_bytes(reader, offset, size.bytes);
            info.metadata.extensions = read_extensions(reader, offset);
            return finish(std::move(info), format, size.frame_bytes, std::move(reader));
        }
        if (header_.version > 0) info.metadata.extensions = read_extensions(reader, reader.most_bytes());
        ByteReader voxels(name.kind == NameKind::voxels ? path_ : find_partner(header_path), backend_);
        require_bytes(voxels, offset, size.bytes);
        if (!voxels.compressed() && voxels.file_size() - offset > size.bytes) {
            warn(text("its voxels are in ", voxels.path(), ", which holds ",
                      voxels.file_size() - offset - size.bytes,
                      " bytes more than the header expects; do both files come from one save?"));
        }
        return finish(std::move(info), format, size.frame_bytes, std::move(voxels));
    }

private:
    [[nodiscard]] OpenedImage finish(ImageInfo info, const VoxelFormat& format, std::int64_t frame_bytes,
                                     ByteReader voxels) const {
        info.voxel_path = voxels.path();
        info.compressed = voxels.compressed();
        voxels.skip(info.voxel_offset - voxels.position(), "bytes before the voxels");
        return {std::move(info), format, frame_bytes, std::move(voxels), warning_};
    }

    static HeaderKind read_header_bytes(ByteReader& reader, std::span<std::byte, 540> bytes) {
        if (reader.file_size() == 0)
            throw FileError(ErrorCode::truncated, reader.path(), "the file is empty");
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
        if (kind == NameKind::single) {
            warn(
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

    /// Compares what the header claims with the bytes that exist, or for gzip can exist.
    static void require_bytes(const ByteReader& reader, std::int64_t offset, std::int64_t bytes) {
        const std::int64_t most = reader.most_bytes();
        if (offset <= most && bytes <= most - offset) return;
        const std::int64_t found = std::max<std::int64_t>(most - offset, 0);
        throw FileError(
            ErrorCode::truncated, reader.path(),
            reader.compressed()
                ? text("voxels: expected ", bytes, " bytes from byte ", offset, ", but ", reader.file_size(),
                       " compressed bytes hold at most ", most)
                : text("voxels: expected ", bytes, " bytes from byte ", offset, ", found ", found));
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
                if (size != 0 || code != 0) warn("an extension with an impossible size is left out");
                break;
            }
            total += size + static_cast<std::int64_t>(sizeof(Extension));
            if (total > most_extension_bytes) {
                warn(text("extensions beyond ", most_extension_bytes, " bytes are left out"));
                break;
            }
            Extension extension{code, {}};
            if (!read_growing(reader, extension.bytes, size - 8)) {
                warn("an extension is cut off and left out");
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
            warn(text("sizeof_hdr: expected ", expected, ", found ", fields.sizeof_hdr));
        }
        for (const int code : {int{fields.sform_code}, int{fields.qform_code}}) {
            if (code != 0 && !is_transform(code))
                warn(text("transform code ", code, " is unknown, taken as 0"));
        }
        if (header_.version > 0 && !is_transform(fields.sform_code) && !is_transform(fields.qform_code)) {
            warn("no sform and no qform: the affine is made up, x flipped, origin in the middle");
        }
        if (header_.version == 0 && file_exists(take_apart(header_path).stem + ".mat")) {
            warn("SPM's .mat file beside it is not read; the affine comes from the header alone");
        }
    }

    void warn(std::string_view problem) const {
        if (warning_) warning_(text(path_, ": ", problem));
    }

    std::string path_;
    GzipBackend backend_;
    const WarningHandler& warning_;
    RawHeader header_;
};

}  // namespace roi::detail
