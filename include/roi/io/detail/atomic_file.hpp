// A file that appears under its name only when it is complete.
#pragma once

#include <roi/io/detail/publish.hpp>

namespace roi::detail {

/// Writes to `.name.roi-000000.tmp` in the folder of `path` and renames it when told to.
///
/// Until then, and after any failure, a file of that name stays as it was and the temporary is removed. A killed process
/// leaves its temporary behind; the next one that writes this name knows it by its lock, which nobody holds any more,
/// and removes it. Several processes that write one name take temporaries numbered on. Symbolic links are followed: the
/// file that they lead to is replaced, or made. The new file has the old one's permissions, and its owner and group
/// where the system allows it.
class AtomicFile {
public:
    /// \throws FileError unwritable when the folder takes no new file, or the name belongs to something that
    ///         must not be replaced: a folder, a device, a file without write permission
    explicit AtomicFile(std::string path) : path_(std::move(path)) {
        require_path(path_, ErrorCode::unwritable);
        target_ = followed(path_);
        exists_ = is_replaced(path_, target_, old_);
        make_temporary();
        if (exists_) keep_permissions();
    }

    AtomicFile(AtomicFile&& other) noexcept
        : path_(std::move(other.path_)),
          target_(std::move(other.target_)),
          stem_(std::move(other.stem_)),
          temporary_(std::exchange(other.temporary_, {})),
          exists_(other.exists_),
          old_(other.old_),
          file_(std::move(other.file_)),
          lock_(std::move(other.lock_)) {}
    AtomicFile& operator=(AtomicFile&&) = delete;

    ~AtomicFile() { discard(); }

    [[nodiscard]] const std::string& path() const { return path_; }
    /// The file that will be replaced, links followed.
    [[nodiscard]] const std::string& target() const { return target_; }
    [[nodiscard]] const std::string& temporary() const { return temporary_; }

    /// \throws FileError unwritable with the reason, for example a full disk
    void write(std::span<const std::byte> bytes) {
        try {
            write_bytes(file_, path_, bytes);
        } catch (...) {
            discard();
            throw;
        }
    }

    /// Brings everything to the disk and closes the temporary; `publish` then only has to rename.
    void finish() {
        if (!file_.is_open()) return;
        // Some file systems cannot sync and say so with EINVAL; that is no failure to write.
        if (::fsync(file_.number()) != 0 && errno != EINVAL) fail("cannot be brought to the disk", errno);
        // The lock lasts as long as a descriptor does.
        lock_ = FileDescriptor(::fcntl(file_.number(), F_DUPFD_CLOEXEC, 3));
        if (const int error = file_.close()) fail("cannot be closed", error);
    }

    /// Gives the file its name, replacing what was there.
    void publish() {
        finish();
        const auto folder = folder_of(target_);  // nothing may fail for want of memory once the name is given
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be put in place", errno);
        temporary_.clear();
        sync_folder(folder);
    }

    /// Gives two files their names, or leaves both as they were.
    static void publish_pair(AtomicFile& first, AtomicFile& second) {
        first.finish();
        second.finish();
        std::vector<Replacement> files(2);
        files[0] = {.from = first.temporary_, .to = first.target_, .backup = first.stem_ + ".old"};
        files[1] = {.from = second.temporary_, .to = second.target_, .backup = second.stem_ + ".old"};
        try {
            std::vector<Publication::Place> places(1);
            places[0] = {.journal = second.stem_ + ".journal", .folder = folder_of(second.target_)};
            Publication(std::move(files), std::move(places)).run();
        } catch (...) {
            first.discard();
            second.discard();
            throw;
        }
        first.temporary_.clear();
        second.temporary_.clear();
    }

    /// Before a pair is written: puts the old files back that a killed run had begun to replace.
    /// \param second  path of the file that `publish_pair` is given as its second
    /// \throws FileError unwritable when they cannot be put back
    static void undo_unfinished_pair(const std::string& second) {
        const auto target = followed(second);
        for (int number = 0; number <= looked_at_beyond; ++number) {
            if (Journal::undo(stem_of(target, number) + ".journal", folder_of(target))) continue;
            throw FileError(ErrorCode::unwritable, second,
                            text("a save of this pair was cut short, and its old files cannot be put back: ",
                                 reason(errno)));
        }
    }

    /// Removes the temporary, if it is still there.
    void discard() noexcept {
        (void)file_.close();
        if (!temporary_.empty()) (void)::unlink(temporary_.c_str());
        temporary_.clear();
        (void)lock_.close();
    }

private:
    static constexpr int most_writers = 1000;   // of one name at once
    static constexpr int looked_at_beyond = 3;  // temporaries that are looked at for a writer that is gone

    static std::string stem_of(const std::string& target, int number) {
        const auto slash = target.rfind('/');
        // Room for our own letters within the 255 bytes that a file name may have.
        const auto name = target.substr(slash == std::string::npos ? 0 : slash + 1).substr(0, 230);
        const auto digits = text(number);
        return text(folder_of(target), "/.", name, ".roi-", std::string(6 - digits.size(), '0'), digits);
    }

    static bool remove_abandoned(const std::string& path) {
        return open_abandoned(path, S_IFREG).is_open() && ::unlink(path.c_str()) == 0;
    }

    void make_temporary() {
        for (int number = 0;; ++number) {
            stem_ = stem_of(target_, number);
            temporary_ = stem_ + ".tmp";
            // A second try where somebody took ours for one left behind, before it had its lock.
            for (int attempt = 0; attempt < 3; ++attempt) {
                file_ = FileDescriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                              exists_ ? 0600 : 0666));
                if (file_.is_open()) {
                    struct stat status {};
                    const bool locked = take_lock(file_) || !would_block(errno);
                    if (locked && ::fstat(file_.number(), &status) == 0 && status.st_nlink > 0) {
                        for (int next = 1; next <= looked_at_beyond; ++next) {
                            (void)remove_abandoned(stem_of(target_, number + next) + ".tmp");
                        }
                        return;
                    }
                    continue;
                }
                if (errno != EEXIST || number == most_writers) {
                    const int error = errno;
                    temporary_.clear();
                    fail("no file can be made in its folder", error);
                }
                if (!remove_abandoned(temporary_)) break;
            }
        }
    }

    /// Owner and group first: giving a file away takes some permissions from it.
    void keep_permissions() {
        if (::fchown(file_.number(), old_.st_uid, old_.st_gid) != 0) {
            // Only root gives files to others; a group that we belong to may be kept all the same.
            if (::fchown(file_.number(), static_cast<uid_t>(-1), old_.st_gid) != 0) errno = 0;
        }
        // Some file systems have no permissions to keep.
        if (::fchmod(file_.number(), old_.st_mode & 0777) != 0 && errno != EPERM && errno != ENOTSUP) {
            fail("its permissions cannot be kept", errno);
        }
    }

    [[noreturn]] void fail(std::string_view problem, int error) {
        discard();
        throw FileError(ErrorCode::unwritable, path_, text(problem, ": ", reason(error)));
    }

    std::string path_;
    std::string target_;
    std::string stem_;
    std::string temporary_;
    bool exists_ = false;
    struct stat old_ {};
    FileDescriptor file_;
    FileDescriptor lock_;
};

}  // namespace roi::detail
