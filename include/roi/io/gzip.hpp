// Streams of bytes from and to files, gzip or plain; knows nothing of images.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/atomic_file.hpp>
#include <roi/io/detail/file.hpp>
#include <roi/io/detail/gzip_codec.hpp>
#include <roi/io/detail/gzip_zlib.hpp>
#if defined(ROI_WITH_ISAL)
#include <roi/io/detail/gzip_isal.hpp>
#endif

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Which library decodes and encodes gzip. Both give the same bytes on reading.
enum class GzipBackend {
    automatic,  ///< ISA-L when built with it, else zlib
    zlib,
    isal,  ///< only when built with it: the macro ROI_WITH_ISAL, which CMake defines where ISA-L is found
};

/// Is ISA-L built in?
[[nodiscard]] constexpr bool has_isal() {
#if defined(ROI_WITH_ISAL)
    return true;
#else
    return false;
#endif
}

namespace detail {

/// \throws InvalidArgument when ISA-L is asked for and not built in
template <class Zlib, class Isal, class Base>
[[nodiscard]] std::unique_ptr<Base> make_codec(GzipBackend backend) {
    if constexpr (!std::is_void_v<Isal>) {
        if (backend != GzipBackend::zlib) return std::make_unique<Isal>();
    }
    if (backend == GzipBackend::isal) {
        throw InvalidArgument("gzip: ISA-L is not built in; define ROI_WITH_ISAL and link isal, or use zlib");
    }
    return std::make_unique<Zlib>();
}

[[nodiscard]] inline std::unique_ptr<Inflater> make_inflater(GzipBackend backend) {
#if defined(ROI_WITH_ISAL)
    return make_codec<ZlibInflater, IsalInflater, Inflater>(backend);
#else
    return make_codec<ZlibInflater, void, Inflater>(backend);
#endif
}

[[nodiscard]] inline std::unique_ptr<Deflater> make_deflater(GzipBackend backend) {
#if defined(ROI_WITH_ISAL)
    return make_codec<ZlibDeflater, IsalDeflater, Deflater>(backend);
#else
    return make_codec<ZlibDeflater, void, Deflater>(backend);
#endif
}

}  // namespace detail

/// A file, pipe or terminal that the program has open already, by its number: 0 is the standard input, 1 the standard
/// output. It stays open.
struct OpenDescriptor {
    int number = -1;
    std::string name;  ///< for messages, as in "standard input"
};

/// Reads a file from front to back; a gzip file is told by its first two bytes, not by its name, and decoded.
///
/// Several gzip members in a row read as one stream, also empty ones; zero bytes after the last are padding.
/// Checksum and length of every member are compared when its end is reached. Memory: one buffer, whatever the
/// file claims. One object belongs to one thread at a time; different objects may read one file at once.
class ByteReader {
public:
    /// Bytes read from the file at once.
    static constexpr std::size_t default_chunk = std::size_t{1} << 18;

    /// \throws FileError not_found or unreadable; a folder, device or pipe is unreadable
    /// \throws InvalidArgument when `backend` is not built in
    explicit ByteReader(std::string path, GzipBackend backend = GzipBackend::automatic,
                        std::size_t chunk = default_chunk)
        : path_(std::move(path)) {
        auto opened = detail::open_for_reading(path_);
        file_ = std::move(opened.file);
        file_size_ = opened.size;
        start(backend, chunk);
    }

    /// Reads what is open already, also a pipe, from where it stands. The size of a pipe is not known: `file_size` and
    /// `most_bytes` are the largest numbers there are.
    /// \throws FileError unreadable
    explicit ByteReader(const OpenDescriptor& open, GzipBackend backend = GzipBackend::automatic,
                        std::size_t chunk = default_chunk)
        : path_(open.name) {
        auto opened = detail::share_for_reading(open.number, path_);
        file_ = std::move(opened.file);
        file_size_ = opened.size;
        start(backend, chunk);
    }

    ByteReader(ByteReader&&) = default;
    ByteReader& operator=(ByteReader&&) = default;

    /// Is the file compressed?
    [[nodiscard]] bool compressed() const { return inflater_ != nullptr; }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Size of the file itself in bytes; the largest number for a pipe.
    [[nodiscard]] std::int64_t file_size() const { return file_size_; }
    /// Bytes given out so far.
    [[nodiscard]] std::int64_t position() const { return position_; }
    /// Does the file end inside a gzip member? Known once a read came back short.
    [[nodiscard]] bool cut_off() const { return cut_off_; }
    /// Are there bytes after the last gzip member that belong to none? They are ignored, as gzip does.
    [[nodiscard]] bool trailing_garbage() const { return garbage_; }

    /// More bytes than this cannot come out: deflate expands by at most 1032.
    [[nodiscard]] std::int64_t most_bytes() const {
        constexpr std::int64_t ratio = 1032;
        if (!compressed()) return file_size_;
        return file_size_ > INT64_MAX / ratio ? INT64_MAX : file_size_ * ratio;
    }

    /// Says the end of a file that decoding it to the end gives so many bytes? Known without reading on: a plain file has
    /// that size, and a gzip member ends with its length. False also where the last of several members ends there, or
    /// something else, and of a pipe.
    [[nodiscard]] bool ends_at(std::int64_t bytes) const {
        if (file_size_ == INT64_MAX) return false;
        if (!compressed()) return bytes <= file_size_;
        return detail::last_number(file_, file_size_) == static_cast<std::uint32_t>(bytes);
    }

    /// Fills `out`; returns how many bytes were left to give, fewer than asked only at the end.
    ///
    /// \throws FileError corrupt when the data are not gzip or a checksum or length is wrong, unreadable when
    ///         the system reports an error, truncated when nothing is left of a member that has not ended
    std::size_t read(std::span<std::byte> out) {
        const std::size_t done = read_or_end(out);
        if (cut_off_ && done == 0 && !out.empty()) {
            throw FileError(ErrorCode::truncated, path_,
                            text("the gzip data end too early, after ", position_,
                                 " decoded bytes; the file is incomplete, get it again"));
        }
        return done;
    }

    /// Fills `out` completely.
    /// \throws FileError as `read`; truncated, with `what` and both byte counts, when there is less
    void read_exactly(std::span<std::byte> out, std::string_view what) {
        std::size_t done = 0;
        while (done < out.size()) {
            const std::size_t count = read_or_end(out.subspan(done));
            if (count == 0) {
                throw FileError(
                    ErrorCode::truncated, path_,
                    text(what, ": expected ", out.size(), " bytes, found ", done,
                         cut_off_ ? "; the gzip data end too early" : "; the file ends too early"));
            }
            done += count;
        }
    }

    /// As `read`, but a cut member counts as the end: 0 instead of an error.
    std::size_t read_or_end(std::span<std::byte> out) {
        std::size_t done = 0;
        if (peeked_at_ < peeked_.size()) {
            done = std::min(out.size(), peeked_.size() - peeked_at_);
            std::memcpy(out.data(), peeked_.data() + peeked_at_, done);
            peeked_at_ += done;
            out = out.subspan(done);
        }
        if (!out.empty()) done += decode(out);
        position_ += static_cast<std::int64_t>(done);
        return done;
    }

    /// Looks at up to `count` of the next bytes, which a later read gives again; fewer only where the file ends.
    /// Looking at more than was looked at before is allowed once all of that was read.
    /// \throws FileError corrupt or unreadable, as `read`
    [[nodiscard]] std::span<const std::byte> peek(std::size_t count) {
        if (peeked_at_ == peeked_.size()) {
            peeked_.resize(count);
            peeked_at_ = 0;
            std::size_t found = 0;
            while (found < count) {
                const std::size_t more = decode(std::span(peeked_).subspan(found));
                if (more == 0) break;
                found += more;
            }
            peeked_.resize(found);
        }
        return std::span(peeked_).subspan(peeked_at_);
    }

    /// Passes over `count` bytes.
    /// \throws FileError as `read_exactly`
    void skip(std::int64_t count, std::string_view what) {
        std::vector<std::byte> scratch(static_cast<std::size_t>(std::min<std::int64_t>(count, 1 << 16)));
        while (count > 0) {
            const auto size = std::min<std::int64_t>(count, static_cast<std::int64_t>(scratch.size()));
            read_exactly({scratch.data(), static_cast<std::size_t>(size)}, what);
            count -= size;
        }
    }

    /// Reads a compressed file to its end, so that every checksum is compared; does nothing on a plain one.
    ///
    /// \param most  bytes after which it gives up: a small file may go on for a thousand times its size
    /// \returns     whether the end was reached
    /// \throws FileError as `read`
    bool verify_rest(std::int64_t most = INT64_MAX) {
        if (!compressed()) return true;
        std::vector<std::byte> scratch(std::size_t{1} << 16);
        while (const std::size_t count = read(scratch)) {
            most -= static_cast<std::int64_t>(count);
            if (most < 0) return false;
        }
        return true;
    }

private:
    std::size_t decode(std::span<std::byte> out) {
        const std::size_t done = compressed() ? read_compressed(out) : read_plain(out);
        decoded_ += static_cast<std::int64_t>(done);
        return done;
    }

    void start(GzipBackend backend, std::size_t chunk) {
        // A byte more than a small file has, so that its end shows in the first read.
        const auto enough = static_cast<std::size_t>(std::min<std::int64_t>(file_size_, INT64_MAX - 1)) + 1;
        buffer_.resize(std::max<std::size_t>(std::min(chunk, enough), 2));
        refill();
        if (starts_member()) {
            inflater_ = detail::make_inflater(backend);
            in_member_ = true;
        } else if (backend == GzipBackend::isal && !has_isal()) {
            (void)detail::make_inflater(backend);
        }
    }

    std::size_t read_plain(std::span<std::byte> out) {
        const std::size_t buffered = std::min(out.size(), waiting());
        if (buffered > 0) std::memcpy(out.data(), buffer_.data() + begin_, buffered);
        begin_ += buffered;
        if (buffered == out.size()) return buffered;
        const auto rest = out.subspan(buffered);
        if (rest.size() >= buffer_.size()) return buffered + detail::read_bytes(file_, path_, rest);
        refill();
        const std::size_t more = std::min(rest.size(), waiting());
        if (more > 0) std::memcpy(rest.data(), buffer_.data() + begin_, more);
        begin_ += more;
        return buffered + more;
    }

    std::size_t read_compressed(std::span<std::byte> out) {
        std::size_t done = 0;
        while (done < out.size() && !ended_) {
            if (!in_member_ && !next_member()) break;
            if (waiting() == 0 && !file_ended_) refill();
            const auto step = inflater_->step({buffer_.data() + begin_, waiting()}, out.subspan(done));
            begin_ += step.consumed;
            done += step.produced;
            if (step.problem) {
                throw FileError(
                    ErrorCode::corrupt, path_,
                    text("the gzip data are corrupt (", step.problem, ") after ",
                         decoded_ + static_cast<std::int64_t>(done), " decoded bytes; get the file again"));
            }
            if (step.finished) {
                in_member_ = false;
            } else if (step.consumed == 0 && step.produced == 0 && waiting() == 0 && file_ended_) {
                ended_ = cut_off_ = true;
            }
        }
        return done;
    }

    /// Steps to the member after the one that ended; false when there is none.
    bool next_member() {
        for (;;) {
            while (waiting() > 0 && buffer_[begin_] == std::byte{0}) ++begin_;
            if (waiting() >= 2 || file_ended_) break;
            refill();
        }
        if (starts_member()) {
            inflater_->restart();
            return in_member_ = true;
        }
        garbage_ = waiting() > 0;
        ended_ = true;
        return false;
    }

    [[nodiscard]] std::size_t waiting() const { return end_ - begin_; }

    [[nodiscard]] bool starts_member() const {
        return waiting() >= 2 && buffer_[begin_] == std::byte{0x1f} && buffer_[begin_ + 1] == std::byte{0x8b};
    }

    /// Moves what is waiting to the front and reads behind it.
    void refill() {
        const std::size_t kept = waiting();
        if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
        const auto room = std::span(buffer_).subspan(kept);
        const std::size_t count = detail::read_bytes(file_, path_, room);
        begin_ = 0;
        end_ = kept + count;
        file_ended_ = count < room.size();
    }

    std::string path_;
    detail::FileDescriptor file_;
    std::int64_t file_size_ = 0;
    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0;  // what is waiting lies from here
    std::size_t end_ = 0;    // to here
    bool file_ended_ = false;
    std::unique_ptr<detail::Inflater> inflater_;
    bool in_member_ = false;
    bool ended_ = false;
    bool cut_off_ = false;
    bool garbage_ = false;
    std::int64_t position_ = 0;
    std::int64_t decoded_ = 0;
    std::vector<std::byte> peeked_;  // decoded, looked at and not yet read
    std::size_t peeked_at_ = 0;
};

/// Should a file be compressed?
enum class Compression { none, gzip };

/// Writes a file from front to back; it appears under its name only on `commit`.
///
/// Until then, and when anything fails, an older file of that name stays whole and nothing is left behind.
/// gzip is written at the fastest level, without name and time: equal input gives equal bytes, however it was
/// cut into writes, for the same library version. Memory: two buffers.
class ByteWriter {
public:
    /// \throws FileError unwritable with the reason
    /// \throws InvalidArgument when `backend` is not built in
    explicit ByteWriter(std::string path, Compression compression,
                        GzipBackend backend = GzipBackend::automatic)
        : deflater_(compression == Compression::gzip ? detail::make_deflater(backend) : nullptr),
          path_(std::move(path)),
          file_(std::in_place, path_) {
        buffer_.reserve(block);
    }

    /// Writes to what is open already, a pipe for example, which gets the bytes as they come and keeps them whatever
    /// happens later.
    /// \throws FileError unwritable
    explicit ByteWriter(const OpenDescriptor& open, Compression compression = Compression::none,
                        GzipBackend backend = GzipBackend::automatic)
        : deflater_(compression == Compression::gzip ? detail::make_deflater(backend) : nullptr),
          path_(open.name),
          pipe_(detail::share_for_writing(open.number, path_)) {
        buffer_.reserve(block);
    }

    ByteWriter(ByteWriter&&) = default;
    ByteWriter& operator=(ByteWriter&&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// \throws FileError unwritable with the reason, for example a full disk
    /// \throws InvalidArgument after `finish`
    template <std::convertible_to<std::string_view> Text>
    void write(const Text& text) {
        const std::string_view all = text;
        write(std::as_bytes(std::span(all.data(), all.size())));
    }
    void write(std::span<const std::byte> bytes) {
        if (finished_) throw InvalidArgument(text("write: ", path_, ": the file is finished already"));
        // Blocks of one size, because where the input is cut shows in the compressed bytes.
        while (!bytes.empty()) {
            if (buffer_.empty() && bytes.size() >= block) {
                flush(bytes.first(block), false);
                bytes = bytes.subspan(block);
                continue;
            }
            const std::size_t count = std::min(bytes.size(), block - buffer_.size());
            buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
            bytes = bytes.subspan(count);
            if (buffer_.size() < block) return;
            flush(buffer_, false);
            buffer_.clear();
        }
    }

    /// Writes what is left and brings it to the disk, still under the temporary name.
    void finish() {
        if (finished_) return;
        flush(buffer_, true);
        buffer_.clear();
        if (file_) file_->finish();
        finished_ = true;
    }

    /// Finishes and gives the file its name.
    /// \throws FileError unwritable with the reason
    void commit() {
        finish();
        if (file_) file_->publish();
    }

    /// As `commit` for two files: both get their names, or both old files stay.
    /// \throws FileError unwritable with the reason
    static void commit_pair(ByteWriter& first, ByteWriter& second) {
        first.finish();
        second.finish();
        if (first.file_ && second.file_) detail::AtomicFile::publish_pair(*first.file_, *second.file_);
    }

private:
    static constexpr std::size_t block = std::size_t{1} << 18;

    void flush(std::span<const std::byte> bytes, bool last) {
        if (deflater_) {
            deflater_->write(bytes, last, [this](std::span<const std::byte> ready) { put(ready); });
        } else {
            put(bytes);
        }
    }

    void put(std::span<const std::byte> bytes) {
        file_ ? file_->write(bytes) : detail::write_bytes(pipe_, path_, bytes);
    }

    std::unique_ptr<detail::Deflater> deflater_;
    std::string path_;
    std::optional<detail::AtomicFile> file_;
    detail::FileDescriptor pipe_;
    std::vector<std::byte> buffer_;
    bool finished_ = false;
};

}  // namespace roi
