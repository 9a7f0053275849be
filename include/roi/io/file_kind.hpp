// What a file is that is not what was expected, told by its first bytes, and what to do with it.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace roi {

/// A kind of file that is often taken for an image or a table.
struct FileKind {
    std::string_view name;    ///< with its article, as in "a bzip2 archive"; empty for no kind that is known
    std::string_view advice;  ///< what to do
    bool is_data = false;     ///< a valid file of another format, and not something in the place of one
};

namespace detail {

struct FileSignature {
    std::size_t offset;
    std::string_view bytes;
    FileKind kind;
};

/// The one table of foreign files; the first that fits counts.
[[nodiscard]] inline std::span<const FileSignature> file_signatures() {
    using namespace std::string_view_literals;
    static constexpr std::string_view
        lfs = "get the file itself with git lfs pull",
        annex = "get the file itself with git annex get, or datalad get",
        page = "the download gave a page in place of the file; look at it in a browser";
    static constexpr std::array<FileSignature, 34> table{{
        {0, "version https://git-lfs"sv, {"a pointer of Git LFS", lfs}},
        {0, "version https://hawser"sv, {"a pointer of Git LFS", lfs}},
        {0, "/annex/objects/"sv, {"a pointer of git-annex", annex}},
        {0, ".git/annex/objects/"sv, {"a pointer of git-annex", annex}},
        {0, "<!doctype html"sv, {"a web page", page}},
        {0, "<html"sv, {"a web page", page}},
        {0, "BZh"sv, {"a bzip2 archive", "unpack it with bunzip2, or pack it anew with gzip", true}},
        {0, "\xfd\x37zXZ\0"sv, {"an xz archive", "unpack it with unxz, or pack it anew with gzip", true}},
        {0,
         "\x28\xb5\x2f\xfd"sv,
         {"a zstd archive", "unpack it with unzstd, or pack it anew with gzip", true}},
        {0, "\x1f\x8b"sv, {"a gzip file in a gzip file", "unpack it once with gunzip", true}},
        {0, "\x5d\0\0"sv, {"an lzma archive", "unpack it with unlzma, or pack it anew with gzip", true}},
        {0, "PK\x03\x04"sv, {"a zip archive", "unpack it with unzip", true}},
        {0, "7z\xbc\xaf\x27\x1c"sv, {"a 7z archive", "unpack it first", true}},
        {257, "ustar"sv, {"a tar archive", "unpack it with tar", true}},
        {128, "DICM"sv, {"a DICOM file", "convert the series with dcm2niix", true}},
        {0, "CDF\x01"sv, {"a MINC 1 file", "convert it with mnc2nii", true}},
        {0, "CDF\x02"sv, {"a MINC 1 file", "convert it with mnc2nii", true}},
        {0, "\x89HDF\r\n\x1a\n"sv, {"an HDF5 file, as MINC 2 images are", "convert it with mnc2nii", true}},
        {0, "NRRD0"sv, {"an NRRD image", "convert it to .nii.gz", true}},
        {0, "ObjectType ="sv, {"a MetaImage header", "convert it to .nii.gz", true}},
        {0, "\x93NUMPY"sv, {"a NumPy array", "save it with nibabel", true}},
        {0, "MATLAB 5.0"sv, {"a MATLAB file", "save the image as .nii", true}},
        {0, "\x89PNG"sv, {"a PNG picture", "give the image that it was drawn from", true}},
        {0, "\xff\xd8\xff"sv, {"a JPEG picture", "give the image that it was drawn from", true}},
        {0, "II*\0"sv, {"a TIFF picture", "give the image that it was drawn from", true}},
        {0, "MM\0*"sv, {"a TIFF picture", "give the image that it was drawn from", true}},
        {0, "%PDF"sv, {"a PDF document", "give the image itself", true}},
        {0, "<?xml"sv, {"an XML file, as GIFTI surfaces are", "give a volume", true}},
        {0, "<gifti"sv, {"a GIFTI surface", "give a volume", true}},
        {0, "\xff\xfe"sv, {"text in UTF-16", "save it again as UTF-8"}},
        {0, "\xfe\xff"sv, {"text in UTF-16", "save it again as UTF-8"}},
        {0, "{"sv, {"JSON text, as a side-car is", "give the image that it belongs to"}},
        {0, "["sv, {"JSON text", "give the image that it belongs to"}},
        {0, "SIMPLE  ="sv, {"a FITS image", "convert it to .nii.gz", true}},
    }};
    return table;
}

}  // namespace detail

/// Tells what a file is by its first bytes: packed, another format, or something that came in its place.
///
/// \param start  the first bytes of a file, 512 or more where there are as many
/// \returns      what it is and what to do; an empty name for what is none of the known kinds
///
/// Letter case, blanks before the first word and `../` before a path do not matter. What is text from end to end is no
/// archive for its first three letters, nor for letters further on.
[[nodiscard]] inline FileKind file_kind(std::span<const std::byte> start) {
    const auto byte = [start](std::size_t i) { return std::to_integer<unsigned char>(start[i]); };
    const auto is_blank = [](unsigned c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const auto lower = [](unsigned c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    std::size_t first = 0;
    while (first < start.size() && is_blank(byte(first))) ++first;
    // Where links are missing, git keeps the path that one would lead to.
    std::size_t below = first;
    while (below + 2 < start.size() && byte(below) == '.' && byte(below + 1) == '.' &&
           byte(below + 2) == '/') {
        below += 3;
    }
    const auto is_text = [&](std::byte c) {
        const auto value = std::to_integer<unsigned>(c);
        return is_blank(value) || (value >= 0x20 && value != 0x7f);
    };
    const bool all_text = std::all_of(start.begin(), start.end(), is_text);
    for (const auto& signature : detail::file_signatures()) {
        // A few letters, or letters further on, may stand in any text; the formats that have them are binary.
        if (all_text && signature.kind.is_data && (signature.offset > 0 || signature.bytes.size() < 4))
            continue;
        for (const std::size_t from : {std::size_t{0}, first, below}) {
            const std::size_t offset = signature.offset + from;
            if (start.size() < offset + signature.bytes.size()) continue;
            bool same = true;
            for (std::size_t i = 0; i < signature.bytes.size(); ++i) {
                same =
                    same && lower(byte(offset + i)) == lower(static_cast<unsigned char>(signature.bytes[i]));
            }
            if (same) return signature.kind;
        }
    }
    if (start.empty()) return {"empty", "get the file again"};
    if (all_text) return {"text", "give the image itself"};
    if (std::all_of(start.begin(), start.end(), [](std::byte c) { return c == std::byte{0}; })) {
        return {"nothing but zeros", "the copy was cut short or the disk is damaged; get the file again"};
    }
    return {};
}

}  // namespace roi
