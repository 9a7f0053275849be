// PNG bytes of pixels, by libpng.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(ROI_WITH_PNG)
#include <png.h>
#endif

namespace roi::detail {

/// How many bytes a pixel has, in the order red, green, blue, opacity.
enum class PixelFormat { rgb = 3, rgba = 4 };

#if defined(ROI_WITH_PNG)

/// Encodes pixels whose rows follow each other from top to bottom.
///
/// Without filters and at a low level: flat areas and repeated rows compress well that way, and fast.
[[nodiscard]] inline std::vector<std::byte> encode_png(const std::uint8_t* pixels, std::int64_t width,
                                                       std::int64_t height, PixelFormat format) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = format == PixelFormat::rgb ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    image.flags = PNG_IMAGE_FLAG_FAST;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::vector<std::byte> out(size);
    if (png_image_write_to_memory(&image, out.data(), &size, 0, pixels, 0, nullptr) == 0) {
        throw Error(ErrorCode::unwritable,
                    text("png: a picture of ", width, " x ", height,
                         " pixels cannot be encoded: ", static_cast<const char*>(image.message)));
    }
    out.resize(size);
    return out;
}

#else

[[nodiscard]] inline std::vector<std::byte> encode_png(const std::uint8_t*, std::int64_t, std::int64_t,
                                                       PixelFormat) {
    throw Error(
        ErrorCode::unsupported,
        "plot: pictures need libpng, which this program was built without; install libpng-dev (apt) or "
        "libpng (vcpkg) and link the CMake target roi::plot, or compile with -DROI_WITH_PNG and link -lpng");
}

#endif

}  // namespace roi::detail
