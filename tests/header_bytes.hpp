// NIfTI and gzip bytes packed by hand, right or wrong; needs no test framework, so that fuzzing can use it.
#pragma once

#include <zlib.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// Bytes of one header, field by field, in the byte order asked for.
class HeaderBytes {
public:
    /// A NIfTI-1 or NIfTI-2 header, single file, int16, 4 x 3 x 2 voxels, no transforms.
    explicit HeaderBytes(int version = 1, bool big_endian = false)
        : big_(big_endian), version_(version), bytes_(version == 2 ? 544 : 352, '\0') {
        using namespace std::string_view_literals;
        if (version == 2) {
            put<std::int32_t>(0, 540);
            bytes_.replace(4, 8, "n+2\0\r\n\x1a\n"sv);
            put<std::int64_t>(168, 544);
            put<double>(176, 1.0);
        } else {
            put<std::int32_t>(0, 348);
            bytes_.replace(344, 4, "n+1\0"sv);
            put<float>(108, 352.0f);
            put<float>(112, 1.0f);
        }
        datatype(4);
        dimensions({3, 4, 3, 2, 1, 1, 1, 1});
        pixdim({1, 1, 1, 1, 1, 1, 1, 1});
    }

    template <class Number>
    HeaderBytes& put(std::size_t offset, Number value) {
        std::array<char, sizeof(Number)> raw{};
        std::memcpy(raw.data(), &value, sizeof value);
        const bool swap = big_ != (std::endian::native == std::endian::big);
        for (std::size_t i = 0; i < raw.size(); ++i) {
            bytes_[offset + i] = raw[swap ? raw.size() - 1 - i : i];
        }
        return *this;
    }

    HeaderBytes& datatype(std::int16_t code) { return put(version_ == 2 ? 12 : 70, code); }

    HeaderBytes& dimensions(const std::array<std::int64_t, 8>& dim) {
        for (std::size_t i = 0; i < 8; ++i) {
            version_ == 2 ? put<std::int64_t>(16 + 8 * i, dim[i])
                          : put<std::int16_t>(40 + 2 * i, static_cast<std::int16_t>(dim[i]));
        }
        return *this;
    }

    HeaderBytes& pixdim(const std::array<double, 8>& size) {
        for (std::size_t i = 0; i < 8; ++i) {
            version_ == 2 ? put<double>(104 + 8 * i, size[i])
                          : put<float>(76 + 4 * i, static_cast<float>(size[i]));
        }
        return *this;
    }

    HeaderBytes& scaling(double slope, double intercept) {
        if (version_ == 2) return put<double>(176, slope).put<double>(184, intercept);
        return put<float>(112, static_cast<float>(slope)).put<float>(116, static_cast<float>(intercept));
    }

    HeaderBytes& magic(std::string_view text) {
        bytes_.replace(version_ == 2 ? 4 : 344, text.size(), text);
        return *this;
    }

    /// The header with its four flag bytes.
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

    /// Voxels in this byte order.
    template <class Number>
    [[nodiscard]] std::string voxels(const std::vector<Number>& values) const {
        HeaderBytes out(*this);
        out.bytes_.assign(values.size() * sizeof(Number), '\0');
        for (std::size_t i = 0; i < values.size(); ++i) out.put(i * sizeof(Number), values[i]);
        return out.bytes_;
    }

private:
    bool big_;
    int version_;
    std::string bytes_;
};

/// The voxels 0, 1, 2, ... as int16.
inline std::vector<std::int16_t> counting(std::int64_t count) {
    std::vector<std::int16_t> out(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int16_t>(i);
    return out;
}

/// One gzip member, by zlib.
inline std::string gzip(std::string_view plain, int level = 6) {
    z_stream stream{};
    deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace test
