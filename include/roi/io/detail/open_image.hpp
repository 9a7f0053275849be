// From a name or a reader to an opened image, whatever its format.
#pragma once

#include <unistd.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/formats.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/file_kind.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace roi::detail {

/// git-annex keeps files that are not here as links to nothing.
inline void explain_missing_annex(const std::string& path) {
    std::array<char, 4096> link;
    const auto count = ::readlink(path.c_str(), link.data(), link.size());
    if (count <= 0) return;
    if (std::string_view(link.data(), static_cast<std::size_t>(count)).find("annex/objects") ==
        std::string_view::npos) {
        return;
    }
    throw FileError(
        ErrorCode::not_found, path,
        "this is a link of git-annex whose content is not here; get it with git annex get, or datalad get");
}

[[nodiscard]] inline OpenedImage open_image(const OpenRequest& request, ByteReader reader) {
    const auto start = reader.peek(most_start_bytes);
    for (const ImageFormat& format : image_formats) {
        if (format.recognises(request.path, start)) return format.open(request, std::move(reader));
    }
    if (start.size() < 4) {
        throw FileError(
            ErrorCode::truncated, reader.path(),
            start.empty() ? "the file is empty" : "the file ends within its first number; get it again");
    }
    std::string names;
    for (const ImageFormat& format : image_formats) {
        append_text(names, text(names.empty() ? "" : " or ", format.name));
    }
    const FileKind kind = file_kind(start);
    if (kind.name.empty()) {
        throw FileError(ErrorCode::bad_format, reader.path(),
                        text("expected the header of a ", names, " image, found none"));
    }
    throw FileError(kind.is_data ? ErrorCode::unsupported : ErrorCode::bad_format, reader.path(),
                    text("expected a ", names, " image, found ", kind.name, "; ", kind.advice));
}

[[nodiscard]] inline OpenedImage open_image(const OpenRequest& request) {
    if (!request.path.empty() && request.path.find('\0') == std::string::npos &&
        ::access(request.path.c_str(), F_OK) != 0) {
        explain_missing_annex(request.path);
    }
    return open_image(request, ByteReader(request.path, request.backend));
}

}  // namespace roi::detail
