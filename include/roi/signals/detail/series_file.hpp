// Keeps a run on disk so that it comes volume by volume and is looked at voxel by voxel.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace roi::detail {

/// A file without a name in `TMPDIR`, or else /tmp: it is gone with the last that holds it, whatever happens.
class NamelessFile {
public:
    NamelessFile() {
        const char* const wanted = std::getenv("TMPDIR");
        folder_ = wanted && *wanted ? wanted : "/tmp";
        std::string name = folder_;
        name += "/roi-XXXXXX";
        number_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (number_ < 0) fail("no file can be made");
        (void)::unlink(name.c_str());
    }
    NamelessFile(const NamelessFile&) = delete;
    NamelessFile& operator=(const NamelessFile&) = delete;
    ~NamelessFile() { (void)::close(number_); }

    void write(const void* from, std::size_t size, std::int64_t at) {
        const auto* bytes = static_cast<const std::byte*>(from);
        while (size > 0) {
            const auto count = ::pwrite(number_, bytes, size, static_cast<off_t>(at));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) fail("what a run is kept in while it is cleaned cannot be written");
            bytes += count;
            size -= static_cast<std::size_t>(count);
            at += count;
        }
    }
    void read(void* to, std::size_t size, std::int64_t at) const {
        auto* bytes = static_cast<std::byte*>(to);
        while (size > 0) {
            const auto count = ::pread(number_, bytes, size, static_cast<off_t>(at));
            if (count < 0 && errno == EINTR) continue;
            if (count == 0) errno = EIO;
            if (count <= 0) fail("what a run is kept in while it is cleaned cannot be read");
            bytes += count;
            size -= static_cast<std::size_t>(count);
            at += count;
        }
    }

private:
    [[noreturn]] void fail(const char* what) const {
        throw FileError(ErrorCode::unwritable, folder_,
                        text(what, ": ", std::generic_category().message(errno),
                             "; set TMPDIR to a folder with room for the run"));
    }

    std::string folder_;
    int number_ = -1;
};

/// A run as blocks of voxels, each with all its volumes.
/// \tparam T  of its values
template <class T>
class SeriesFile {
public:
    /// \param voxels, volumes  of the run
    /// \param most             values of a block: of all volumes of some voxels
    SeriesFile(std::int64_t voxels, std::int64_t volumes, std::int64_t most)
        : voxels_(voxels),
          volumes_(volumes),
          width_(std::clamp<std::int64_t>(most / std::max<std::int64_t>(volumes, 1), 1,
                                          std::max<std::int64_t>(voxels, 1))) {}

    [[nodiscard]] std::int64_t blocks() const { return (voxels_ + width_ - 1) / width_; }
    /// Voxels of a block.
    [[nodiscard]] std::int64_t width(std::int64_t block) const {
        return std::min(width_, voxels_ - block * width_);
    }

    void write_volume(std::int64_t volume, std::span<const T> values) {
        for (std::int64_t block = 0; block < blocks(); ++block) {
            file_.write(values.data() + block * width_, bytes(width(block)), place(block, volume));
        }
    }
    void read_volume(std::int64_t volume, std::span<T> values) const {
        for (std::int64_t block = 0; block < blocks(); ++block) {
            file_.read(values.data() + block * width_, bytes(width(block)), place(block, volume));
        }
    }
    /// The values of a block, volume after volume.
    [[nodiscard]] std::vector<T> block(std::int64_t block) const {
        std::vector<T> out(static_cast<std::size_t>(volumes_ * width(block)));
        file_.read(out.data(), out.size() * sizeof(T), place(block, 0));
        return out;
    }
    /// Puts values in the place of the first volumes of a block.
    void put(std::int64_t block, const std::vector<T>& values) {
        file_.write(values.data(), values.size() * sizeof(T), place(block, 0));
    }

private:
    [[nodiscard]] static std::size_t bytes(std::int64_t values) {
        return static_cast<std::size_t>(values) * sizeof(T);
    }
    [[nodiscard]] std::int64_t place(std::int64_t block, std::int64_t volume) const {
        return (block * width_ * volumes_ + volume * width(block)) * static_cast<std::int64_t>(sizeof(T));
    }

    std::int64_t voxels_, volumes_, width_;
    NamelessFile file_;
};

}  // namespace roi::detail
