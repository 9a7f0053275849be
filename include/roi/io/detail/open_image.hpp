// From a name or a reader to an opened image, whatever its format.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/formats.hpp>
#include <roi/io/detail/image_format.hpp>
#include <roi/io/file_kind.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace roi::detail {

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
    return open_image(request, ByteReader(request.path, request.backend));
}

}  // namespace roi::detail
