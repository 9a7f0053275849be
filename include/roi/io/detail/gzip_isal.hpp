// gzip by ISA-L, several times faster than zlib. Included only where ROI_WITH_ISAL says it is there.
#pragma once

#include <isa-l/igzip_lib.h>

#include <roi/io/detail/gzip_codec.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace roi::detail {

/// ISA-L counts in 32 bits; larger spans are worked through in pieces.
[[nodiscard]] inline std::uint32_t isal_size(std::size_t size) {
    return static_cast<std::uint32_t>(std::min(size, std::size_t{1} << 30));
}

/// The header of a member is read by a call of its own: `isal_inflate` forgets between two calls which fields of a
/// header are still to come, and goes by what happens to lie on the stack (seen in ISA-L 2.30).
class IsalInflater final : public Inflater {
public:
    IsalInflater() : state_(std::make_unique<inflate_state>()) { restart(); }

    void restart() override {
        isal_inflate_init(state_.get());
        state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
        header_ = {};
        isal_gzip_header_init(&header_);
        in_header_ = true;
        header_bytes_ = 0;
    }

    [[nodiscard]] InflateStep step(std::span<const std::byte> in, std::span<std::byte> out) override {
        const std::uint32_t in_size = isal_size(in.size());
        const std::uint32_t out_size = isal_size(out.size());
        state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(in.data()));
        state_->avail_in = in_size;
        state_->next_out = reinterpret_cast<std::uint8_t*>(out.data());
        state_->avail_out = out_size;
        int status = ISAL_DECOMP_OK;
        if (in_header_) {
            // The fourth byte holds flags, three of them reserved; ISA-L passes over them, zlib and the standard do not.
            constexpr std::size_t flags = 3;
            if (header_bytes_ <= flags && in.size() > flags - header_bytes_ &&
                (in[flags - header_bytes_] & std::byte{0xe0}) != std::byte{0}) {
                return {
                    .consumed = 0, .produced = 0, .finished = false, .problem = "unknown header flags set"};
            }
            status = isal_read_gzip_header(state_.get(), &header_);
            in_header_ = status != ISAL_DECOMP_OK;
        }
        if (!in_header_) status = isal_inflate(state_.get());

        InflateStep step;
        step.consumed = in_size - state_->avail_in;
        header_bytes_ += step.consumed;
        step.produced = out_size - state_->avail_out;
        step.finished = !in_header_ && state_->block_state == ISAL_BLOCK_FINISH && status >= 0;
        if (status < 0 || status == ISAL_NEED_DICT) step.problem = problem(status);
        return step;
    }

private:
    static const char* problem(int status) {
        switch (status) {
            case ISAL_INVALID_BLOCK:
                return "invalid block";
            case ISAL_INVALID_SYMBOL:
                return "invalid code";
            case ISAL_INVALID_LOOKBACK:
                return "invalid distance too far back";
            case ISAL_INVALID_WRAPPER:
                return "incorrect header check";
            case ISAL_UNSUPPORTED_METHOD:
                return "unknown compression method";
            case ISAL_INCORRECT_CHECKSUM:
                return "incorrect data check";
            default:
                return "invalid data";
        }
    }

    std::unique_ptr<inflate_state> state_;
    isal_gzip_header header_{};
    bool in_header_ = true;
    std::size_t header_bytes_ = 0;  // taken so far, while they matter
};

class IsalDeflater final : public Deflater {
public:
    IsalDeflater()
        : stream_(std::make_unique<isal_zstream>()),
          level_(ISAL_DEF_LVL1_DEFAULT),
          buffer_(std::size_t{1} << 17) {
        isal_deflate_init(stream_.get());
        stream_->level = 1;
        stream_->level_buf = level_.data();
        stream_->level_buf_size = static_cast<std::uint32_t>(level_.size());
        stream_->gzip_flag = IGZIP_GZIP;
    }

    void write(std::span<const std::byte> in, bool last, const Sink& sink) override {
        // ISA-L 2.30's kernel for long inputs hashes bits of the stream's own address where it starts a file, which
        // shows in the bytes of about one run in 400. A start that is flushed alone goes through the kernel for short
        // ones; it costs about ten bytes a file.
        constexpr std::size_t start = 8;
        if (!started_ && in.size() > start) {
            deflate(in.first(start), SYNC_FLUSH, false, sink);
            in = in.subspan(start);
        }
        started_ = true;
        do {
            const std::uint32_t size = isal_size(in.size());
            deflate(in.first(size), NO_FLUSH, last && size == in.size(), sink);
            in = in.subspan(size);
        } while (!in.empty());
    }

private:
    void deflate(std::span<const std::byte> in, std::uint16_t flush, bool last, const Sink& sink) {
        stream_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(in.data()));
        stream_->avail_in = static_cast<std::uint32_t>(in.size());
        stream_->flush = flush;
        stream_->end_of_stream = last;
        do {
            stream_->next_out = reinterpret_cast<std::uint8_t*>(buffer_.data());
            stream_->avail_out = static_cast<std::uint32_t>(buffer_.size());
            isal_deflate(stream_.get());
            sink({buffer_.data(), buffer_.size() - stream_->avail_out});
        } while (stream_->avail_out == 0);
    }

    std::unique_ptr<isal_zstream> stream_;
    std::vector<std::uint8_t> level_;
    std::vector<std::byte> buffer_;
    bool started_ = false;
};

}  // namespace roi::detail
