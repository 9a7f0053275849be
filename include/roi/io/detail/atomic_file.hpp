// A file that appears under its name only when it is complete.
#pragma once

#include <roi/io/detail/file.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <random>

namespace roi::detail {

/// Writes to `.name.roi-XXXXXX.tmp` in the folder of `path` and renames it when told to.
///
/// Until then, and after any failure, a file of that name stays as it was and the temporary is removed; a
/// killed process may leave the temporary behind. A symbolic link is followed: the file it points to is
/// replaced. On request the old file is kept as `.name.roi-XXXXXX.old` until a second file is in place too.
class AtomicFile {
public:
    /// \throws FileError unwritable when the folder takes no new file, or the name belongs to something that
    ///         must not be replaced: a folder, a device, a file without write permission
    explicit AtomicFile(std::string path) : path_(std::move(path)), target_(resolved(path_)) {
        refuse_target();
        const auto slash = target_.rfind('/');
        folder_ = slash == std::string::npos ? "." : slash == 0 ? "/" : target_.substr(0, slash);
        // Room for our own letters within the 255 bytes that a file name may have.
        const std::string name = target_.substr(slash == std::string::npos ? 0 : slash + 1).substr(0, 230);
        std::random_device random;
        for (int attempt = 0;; ++attempt) {
            stem_ = text(folder_, "/.", name, ".roi-", letters(random()));
            temporary_ = stem_ + ".tmp";
            file_ = FileDescriptor(
                ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions_));
            if (file_.is_open()) return;
            if (errno != EEXIST || attempt == 100) {
                const int error = errno;
                temporary_.clear();
                fail("no file can be made in its folder", error);
            }
        }
    }

    AtomicFile(AtomicFile&& other) noexcept
        : path_(std::move(other.path_)),
          target_(std::move(other.target_)),
          folder_(std::move(other.folder_)),
          stem_(std::move(other.stem_)),
          temporary_(std::exchange(other.temporary_, {})),
          old_(std::exchange(other.old_, {})),
          replaces_nothing_(other.replaces_nothing_),
          permissions_(other.permissions_),
          file_(std::move(other.file_)) {}
    AtomicFile& operator=(AtomicFile&&) = delete;

    ~AtomicFile() {
        discard();
        forget_old();
    }

    [[nodiscard]] const std::string& path() const { return path_; }

    /// \throws FileError unwritable with the reason, for example a full disk
    void write(std::span<const std::byte> bytes) {
        constexpr std::size_t most = std::size_t{1} << 30;
        while (!bytes.empty()) {
            const auto count = ::write(file_.number(), bytes.data(), std::min(bytes.size(), most));
            if (count >= 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(count));
            } else if (errno != EINTR) {
                fail("cannot be written", errno);
            }
        }
    }

    /// Brings everything to the disk and closes the temporary; `publish` then only has to rename.
    void finish() {
        if (!file_.is_open()) return;
        // Some file systems cannot sync and say so with EINVAL; that is no failure to write.
        if (::fsync(file_.number()) != 0 && errno != EINVAL) fail("cannot be brought to the disk", errno);
        if (const int error = file_.close()) fail("cannot be closed", error);
    }

    /// Gives the file its name, replacing what was there.
    void publish() {
        finish();
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be put in place", errno);
        temporary_.clear();
        const FileDescriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (folder.is_open()) (void)::fsync(folder.number());
    }

    /// As `publish`, but the old file stays at hand until `forget_old` or `restore_old`.
    ///
    /// It gets a second name, which costs no copy; where the file system has no second names, it is replaced
    /// for good.
    void publish_keeping_old() {
        finish();
        old_ = stem_ + ".old";
        if (::link(target_.c_str(), old_.c_str()) != 0) {
            replaces_nothing_ = errno == ENOENT;
            old_.clear();
        }
        publish();
    }

    void forget_old() noexcept {
        if (!old_.empty()) (void)::unlink(old_.c_str());
        old_.clear();
    }

    /// Puts the old file back, or removes the new one where there was none.
    void restore_old() noexcept {
        if (!old_.empty()) {
            (void)::rename(old_.c_str(), target_.c_str());
        } else if (replaces_nothing_) {
            (void)::unlink(target_.c_str());
        }
        old_.clear();
    }

    /// Removes the temporary, if it is still there.
    void discard() noexcept {
        (void)file_.close();
        if (!temporary_.empty()) (void)::unlink(temporary_.c_str());
        temporary_.clear();
    }

private:
    static std::string resolved(const std::string& path) {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
        struct Free {
            void operator()(char* text) const { std::free(text); }
        };
        const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
        return real ? std::string(real.get()) : path;
    }

    void refuse_target() {
        struct stat status {};
        if (::stat(target_.c_str(), &status) != 0) {
            if (errno != ENOENT) fail("cannot be examined", errno);  // for example a name that is too long
            return;
        }
        if (S_ISDIR(status.st_mode)) {
            throw FileError(ErrorCode::unwritable, path_, "expected the name of a file, found a folder");
        }
        if (!S_ISREG(status.st_mode)) {
            throw FileError(ErrorCode::unwritable, path_, "only regular files are replaced, found a device");
        }
        if (::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
            fail("the file that is there may not be replaced", errno);
        }
        permissions_ = status.st_mode & 0777;
    }

    static std::string letters(unsigned number) {
        constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz012345";
        std::string out;
        for (int i = 0; i < 6; ++i, number /= 32) out += alphabet[number % 32];
        return out;
    }

    [[noreturn]] void fail(std::string_view problem, int error) {
        discard();
        throw FileError(ErrorCode::unwritable, path_, text(problem, ": ", reason(error)));
    }

    std::string path_;
    std::string target_;
    std::string folder_;
    std::string stem_;
    std::string temporary_;
    std::string old_;
    bool replaces_nothing_ = false;
    mode_t permissions_ = 0666;
    FileDescriptor file_;
};

}  // namespace roi::detail
