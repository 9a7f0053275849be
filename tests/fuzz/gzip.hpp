// Fuzz body: any bytes as a gzip stream, decoded by every library in pieces of every size.
#pragma once

#include <roi/io/gzip.hpp>

#include "scratch.hpp"
#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace fuzz {

/// What a file decodes to, and how that ended.
struct Decoded {
    std::string bytes;
    bool whole = false;
    roi::ErrorCode problem{};
};

inline Decoded decode(const std::string& path, roi::GzipBackend backend, std::size_t chunk,
                      std::size_t piece) {
    Decoded out;
    out.whole = succeeds([&] {
        try {
            roi::ByteReader reader(path, backend, chunk);
            std::vector<std::byte> buffer(piece);
            while (const std::size_t count = reader.read(buffer)) {
                out.bytes.append(reinterpret_cast<const char*>(buffer.data()), count);
                demand(static_cast<std::int64_t>(out.bytes.size()) <= reader.most_bytes(),
                       "deflate expands by at most 1032");
            }
            demand(reader.position() == static_cast<std::int64_t>(out.bytes.size()), "positions count bytes");
        } catch (const roi::FileError& error) {
            out.problem = error.code();
            throw;
        }
    });
    demand(out.whole || out.problem == roi::ErrorCode::corrupt || out.problem == roi::ErrorCode::truncated,
           "bytes are whole, corrupt or truncated");
    return out;
}

/// The bytes as they are, which both libraries must decode alike.
inline void gzip_decode(const Scratch& scratch, Input data, std::size_t chunk, std::size_t piece) {
    const auto path = scratch.write("packed", text_of(data));
    const auto zlib = decode(path, roi::GzipBackend::zlib, chunk, piece);
    const auto at_once = decode(path, roi::GzipBackend::zlib, 1 << 13, 1 << 15);
    demand(zlib.whole == at_once.whole && zlib.problem == at_once.problem,
           "how a stream is cut does not decide what it is");
    if (zlib.whole) demand(zlib.bytes == at_once.bytes, "how a stream is cut does not change its bytes");
    const auto other = decode(path, roi::GzipBackend::automatic, chunk, piece);
    const auto other_at_once = decode(path, roi::GzipBackend::automatic, 1 << 13, 1 << 15);
    demand(other.whole == other_at_once.whole, "how a stream is cut does not decide what it is (automatic)");
    if (other.whole) demand(other.bytes == other_at_once.bytes, "pieces do not change bytes (automatic)");
    if (zlib.whole) demand(other.whole, "what zlib decodes the other library decodes");
    if (zlib.whole && other.whole) demand(zlib.bytes == other.bytes, "both libraries give the same bytes");
}

/// The bytes as content, which must come back.
inline void gzip_round_trip(const Scratch& scratch, Input data, std::size_t chunk, std::size_t piece) {
    for (const auto backend : {roi::GzipBackend::zlib, roi::GzipBackend::automatic}) {
        std::string packed;
        const auto sink = [&](std::span<const std::byte> ready) {
            packed.append(reinterpret_cast<const char*>(ready.data()), ready.size());
        };
        const auto deflater = roi::detail::make_deflater(backend);
        auto left = std::as_bytes(data);
        do {
            const auto now = left.first(std::min(piece, left.size()));
            left = left.subspan(now.size());
            deflater->write(now, left.empty(), sink);
        } while (!left.empty());
        const auto path = scratch.write("packed", packed);
        for (const auto reader : {roi::GzipBackend::zlib, roi::GzipBackend::automatic}) {
            const auto back = decode(path, reader, chunk, piece);
            demand(back.whole && back.bytes == text_of(data), "what is packed comes back");
        }
    }
}

/// The first two bytes choose the sizes of the pieces and what the others are.
inline void gzip(Input data) {
    static const Scratch scratch;
    if (data.size() < 2) return;
    constexpr std::array<std::size_t, 4> sizes{2, 7, 61, 4096};
    const std::size_t chunk = sizes[data[0] & 3];
    const std::size_t piece = sizes[data[0] >> 2 & 3] - 1;
    if ((data[0] & 16) != 0) {
        gzip_round_trip(scratch, data.subspan(2), chunk, piece);
    } else {
        gzip_decode(scratch, data.subspan(2), chunk, piece);
    }
}

}  // namespace fuzz
