// gzip by zlib, which is always there.
#pragma once

#include <zlib.h>

#include <roi/io/detail/gzip_codec.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

namespace roi::detail {

inline constexpr int zlib_gzip_window = 15 + 16;  // largest window, gzip wrapper

/// zlib counts in unsigned int; larger spans are worked through in pieces.
[[nodiscard]] inline uInt zlib_size(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

class ZlibInflater final : public Inflater {
public:
    ZlibInflater() {
        if (inflateInit2(&stream_, zlib_gzip_window) != Z_OK) throw std::bad_alloc();
    }
    ZlibInflater(const ZlibInflater&) = delete;
    ZlibInflater& operator=(const ZlibInflater&) = delete;
    ~ZlibInflater() override { inflateEnd(&stream_); }

    void restart() override { inflateReset(&stream_); }

    [[nodiscard]] InflateStep step(std::span<const std::byte> in, std::span<std::byte> out) override {
        const uInt in_size = zlib_size(in.size());
        const uInt out_size = zlib_size(out.size());
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
        stream_.avail_in = in_size;
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = out_size;
        const int status = inflate(&stream_, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) throw std::bad_alloc();

        InflateStep step;
        step.consumed = in_size - stream_.avail_in;
        step.produced = out_size - stream_.avail_out;
        step.finished = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
            step.problem = stream_.msg ? stream_.msg : "invalid data";
        }
        return step;
    }

private:
    z_stream stream_{};
};

class ZlibDeflater final : public Deflater {
public:
    ZlibDeflater() : buffer_(std::size_t{1} << 17) {
        if (deflateInit2(&stream_, 1, Z_DEFLATED, zlib_gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ZlibDeflater(const ZlibDeflater&) = delete;
    ZlibDeflater& operator=(const ZlibDeflater&) = delete;
    ~ZlibDeflater() override { deflateEnd(&stream_); }

    void write(std::span<const std::byte> in, bool last, const Sink& sink) override {
        do {
            const uInt size = zlib_size(in.size());
            const bool end = last && size == in.size();
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
            stream_.avail_in = size;
            in = in.subspan(size);
            do {
                stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
                stream_.avail_out = static_cast<uInt>(buffer_.size());
                deflate(&stream_, end ? Z_FINISH : Z_NO_FLUSH);
                sink({buffer_.data(), buffer_.size() - stream_.avail_out});
            } while (stream_.avail_out == 0);
        } while (!in.empty());
    }

private:
    z_stream stream_{};
    std::vector<std::byte> buffer_;
};

}  // namespace roi::detail
