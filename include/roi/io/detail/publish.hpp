// Several files get their names together: all of them, or none.
#pragma once

#include <sys/file.h>

#include <roi/io/detail/file.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// Does the lock of an open file belong to us now? It goes with the last descriptor of the file, also when a process is
/// killed, so a file whose lock is free was left behind.
[[nodiscard]] inline bool take_lock(const FileDescriptor& file) {
    return ::flock(file.number(), LOCK_EX | LOCK_NB) == 0;
}

/// Opens and locks a file or folder of ours that a process left behind; closed when it is not there, still in use or somebody
/// else's, with the errno ENOENT, EWOULDBLOCK or ESTALE, or another one when the system does not say.
[[nodiscard]] inline FileDescriptor open_abandoned(const std::string& path, mode_t type) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    struct stat opened {
    }, named{};
    if (!file.is_open() || ::fstat(file.number(), &opened) != 0) {
        const int error = errno;
        (void)file.close();
        errno = error;
        return file;
    }
    int error = (opened.st_mode & S_IFMT) == type && opened.st_uid == ::geteuid() ? 0 : ESTALE;
    if (error == 0 && (!take_lock(file) || ::lstat(path.c_str(), &named) != 0)) error = errno;
    if (error == 0 && (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)) error = ESTALE;
    if (error != 0) (void)file.close();
    errno = error;
    return file;
}

/// Is this what the system says of a file that is not there?
[[nodiscard]] inline bool no_such_file(int error) { return error == ENOENT || error == ENOTDIR; }

/// Brings the names in a folder to the disk, where the system can.
inline void sync_folder(const std::string& folder) {
    const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.is_open()) (void)::fsync(opened.number());
}

[[nodiscard]] inline std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Adds the folder of a path and those around it up to `top`: a name is on the disk when all of theirs are.
inline void add_folders(const std::string& path, const std::string& top, std::vector<std::string>& folders) {
    for (auto folder = folder_of(path);; folder = folder_of(folder)) {
        if (std::find(folders.begin(), folders.end(), folder) != folders.end()) return;
        folders.push_back(folder);
        const bool below = folder.size() > top.size() && folder.compare(0, top.size(), top) == 0;
        if (!below) return;
    }
}

/// The path that a name stands for once its symbolic links are followed, the last of which may lead to nothing yet.
[[nodiscard]] inline std::string followed(std::string path) {
    constexpr int most_links = 40;  // as Linux has it
    for (int links = 0; links < most_links; ++links) {
        std::array<char, 4096> buffer;
        const auto count = ::readlink(path.c_str(), buffer.data(), buffer.size());
        if (count < 0 || count == static_cast<ssize_t>(buffer.size())) return path;
        const std::string link(buffer.data(), static_cast<std::size_t>(count));
        path = link.empty() || link[0] == '/' ? link : text(folder_of(path), "/", link);
    }
    return path;  // a loop, which opening it will name
}

/// Is there a file that a new one called `target`, links followed, replaces?
/// \param path  what messages call it
/// \param old   what the system says of it, where there is one
/// \throws FileError unwritable when the name belongs to something that must not be replaced: a folder, a device, a file
///         without write permission
[[nodiscard]] inline bool is_replaced(const std::string& path, const std::string& target, struct stat& old) {
    const auto refuse = [&](std::string_view problem) {
        throw FileError(ErrorCode::unwritable, path, text(problem, ": ", reason(errno)));
    };
    if (::stat(target.c_str(), &old) != 0) {
        if (errno != ENOENT) refuse("cannot be examined");  // for example a name that is too long
        return false;
    }
    if (S_ISDIR(old.st_mode)) {
        throw FileError(ErrorCode::unwritable, path, "expected the name of a file, found a folder");
    }
    if (!S_ISREG(old.st_mode)) {
        throw FileError(ErrorCode::unwritable, path, "only regular files are replaced, found a device");
    }
    if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) {
        refuse("the file that is there may not be replaced");
    }
    return true;
}

/// One file of several: what is called `from` gets the name `to`; without a `from`, `to` is removed.
struct Replacement {
    std::string from;
    std::string to;
    std::string backup;     ///< a second name for the file that `to` was, until all is done
    std::size_t place = 0;  ///< which of the journals lists it

    std::int64_t number = 0;  ///< of the file `from`, which tells it from what others put there later
    bool had_old = false;     ///< there was a file of the name `to`
    bool linked = false;      ///< it has its second name already
    bool begun = false;       ///< it may no longer be what it was
    bool failed = false;      ///< it could not be put back
};

/// A list of what is about to be replaced, on the disk until it is: who finds one whose writer is gone undoes it.
///
/// Written as "roi 1", then for each file "old" or "new", its number on the disk, its name and its backup's, then "end",
/// each ended by a zero byte; names are relative to a folder, and never lead out of it.
class Journal {
public:
    static constexpr std::string_view first = "roi 1", last = "end";

    [[nodiscard]] static bool is_inside(const std::string& folder, const std::string& path) {
        return path.size() > folder.size() + 1 && path.compare(0, folder.size(), folder) == 0 &&
               path[folder.size()] == '/' && path.find("/../", folder.size()) == std::string::npos;
    }

    /// \returns false when the system lets none be written
    [[nodiscard]] static bool write(const std::string& path, const std::string& folder,
                                    const std::vector<Replacement>& files, std::size_t place,
                                    FileDescriptor& held) {
        std::string content;
        const auto add = [&content](std::string_view part) { content.append(part).push_back('\0'); };
        add(first);
        for (const auto& file : files) {
            if (file.place != place) continue;
            add(file.had_old ? "old" : "new");
            add(text(file.number));
            add(std::string_view(file.to).substr(folder.size() + 1));
            add(std::string_view(file.backup).substr(folder.size() + 1));
        }
        add(last);
        (void)::unlink(path.c_str());
        held = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!held.is_open()) return false;
        (void)take_lock(held);
        const auto count = ::write(held.number(), content.data(), content.size());
        const bool whole =
            count == static_cast<ssize_t>(content.size()) && (::fsync(held.number()) == 0 || errno == EINVAL);
        if (!whole) (void)::unlink(path.c_str());
        return whole;
    }

    /// Undoes what a list says whose writer was killed or could not undo it: every old file gets its name back.
    /// \returns false, with errno, when some could not; the list then stays
    [[nodiscard]] static bool undo(const std::string& path, const std::string& folder) {
        const auto file = open_abandoned(path, S_IFREG);
        // Only what is known not to be there, or not to be ours, is passed over.
        if (!file.is_open()) return no_such_file(errno) || errno == ESTALE || would_block(errno);
        std::string content(std::size_t{1} << 20, '\0');
        content.resize(read_bytes(file, path, std::as_writable_bytes(std::span(content))));
        std::vector<std::string> parts;
        for (std::size_t at = 0, end; (end = content.find('\0', at)) != std::string::npos; at = end + 1) {
            parts.push_back(content.substr(at, end - at));
        }
        const bool whole =
            parts.size() >= 2 && parts.size() % 4 == 2 && parts.front() == first && parts.back() == last;
        std::vector<std::string> folders;
        for (std::size_t i = 1; whole && i + 1 < parts.size(); i += 4) {
            const auto to = folder + "/" + parts[i + 2], backup = folder + "/" + parts[i + 3];
            if (!is_inside(folder, to) || !is_inside(folder, backup)) continue;
            struct stat status {};
            const bool there = ::lstat(to.c_str(), &status) == 0;
            if (!there && !no_such_file(errno)) return false;
            const bool replaced = there && text(std::int64_t(status.st_ino)) == parts[i + 1];
            const bool kept = ::lstat(backup.c_str(), &status) == 0;
            if (!kept && !no_such_file(errno)) return false;
            if (parts[i] == "new") {
                if (replaced && ::unlink(to.c_str()) != 0) return false;
            } else if (kept) {
                if ((!there || replaced) && ::rename(backup.c_str(), to.c_str()) != 0) return false;
                (void)::unlink(backup.c_str());
            }
            add_folders(to, folder, folders);
        }
        // Old names first, then the end of the list that would give them.
        for (const auto& each : folders) sync_folder(each);
        return ::unlink(path.c_str()) == 0 || errno == ENOENT;
    }
};

/// Gives several files their names: all of them, or, when one of them cannot get it, none.
///
/// The old files get second names first (hard links, or where there are none, by moving them aside), a journal says
/// which, then names are changed one by one. When one fails, the old files are put back; where even that fails the
/// error names every file and what it is, and the journal stays for the next run to undo.
class Publication {
public:
    /// Where the journal of a folder lies; the files of the place are in that folder or below it.
    struct Place {
        std::string journal;
        std::string folder;
        FileDescriptor held = {};  ///< the journal, as long as it counts
    };

    /// \param files   each with the number of its place
    /// \param places  a journal for each folder; there is none where a link leads one of the files out of its folder
    Publication(std::vector<Replacement> files, std::vector<Place> places)
        : files_(std::move(files)), places_(std::move(places)) {}

    /// Has `run` failed and left files that need their backups still?
    [[nodiscard]] bool keeps_backups() const { return keeps_backups_; }

    /// \throws FileError unwritable, with the reason
    void run() {
        bool journaled = files_.size() > 1;
        for (auto& file : files_) {
            // Backups lie beside the file or beside the journal.
            journaled = journaled && Journal::is_inside(places_[file.place].folder, file.to);
            struct stat status {};
            if (!file.from.empty()) {
                if (::lstat(file.from.c_str(), &status) != 0) refuse(file, errno);
                file.number = static_cast<std::int64_t>(status.st_ino);
            }
            file.had_old = ::lstat(file.to.c_str(), &status) == 0;
            if (!file.had_old && !no_such_file(errno)) refuse(file, errno);
            if (file.had_old && S_ISDIR(status.st_mode)) {
                forget_backups();
                throw FileError(
                    ErrorCode::unwritable, file.to,
                    "cannot be put in place: a folder has this name; remove it, or choose another");
            }
            if (!file.had_old || files_.size() == 1) continue;
            (void)::unlink(file.backup.c_str());  // of a run that was killed
            file.linked = ::link(file.to.c_str(), file.backup.c_str()) == 0;
        }
        if (journaled) write_journals();
        // Nothing may fail for want of memory once the first name is given.
        for (const auto& file : files_) add_folders(file.to, places_[file.place].folder, folders_);
        for (const auto& place : places_) journal_folders_.push_back(folder_of(place.journal));
        for (auto& file : files_) {
            if (!replace(file)) take_back(file, errno, journaled);
        }
        for (const auto& folder : folders_) sync_folder(folder);
        // All files are new from here on: a journal that stays would undo them.
        if (journaled && !forget_journals()) take_back(files_.back(), errno, journaled);
        forget_backups();
    }

private:
    /// What cannot be examined could not be put back either.
    [[noreturn]] void refuse(const Replacement& file, int error) const {
        forget_backups();
        throw FileError(ErrorCode::unwritable, file.to, text("cannot be examined: ", reason(error)));
    }

    void write_journals() {
        std::vector<std::string> around;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            auto& place = places_[i];
            if (!Journal::write(place.journal, place.folder, files_, i, place.held)) {
                const int error = errno;
                for (std::size_t before = 0; before < i; ++before)
                    (void)::unlink(places_[before].journal.c_str());
                forget_backups();
                throw FileError(ErrorCode::unwritable, place.journal,
                                text("cannot be written: ", reason(error)));
            }
            add_folders(place.journal, place.folder, around);
        }
        for (const auto& folder : around) sync_folder(folder);
    }

    /// Before any backup that they name is gone, also on the disk.
    [[nodiscard]] bool forget_journals() {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            if (::unlink(places_[i].journal.c_str()) != 0) {
                if (::ftruncate(places_[i].held.number(), 0) != 0) return false;
                (void)::fsync(places_[i].held.number());
            }
            sync_folder(journal_folders_[i]);
            some_forgotten_ = true;
        }
        return true;
    }

    /// Sets errno when it fails.
    [[nodiscard]] bool replace(Replacement& file) const {
        if (file.from.empty() && !file.had_old) return true;
        if (file.had_old && !file.linked && files_.size() > 1) {
            if (::rename(file.to.c_str(), file.backup.c_str()) != 0) return false;
            file.begun = true;
        }
        if (file.from.empty()) {
            const bool gone = ::unlink(file.to.c_str()) == 0 || errno == ENOENT;
            file.begun = file.begun || gone;
            return gone;
        }
        const bool moved = ::rename(file.from.c_str(), file.to.c_str()) == 0;
        file.begun = file.begun || moved;
        return moved;
    }

    /// A system that renames no more may still take names away and give them.
    [[nodiscard]] static bool put_back(const Replacement& file) {
        if (!file.had_old) return ::unlink(file.to.c_str()) == 0 || errno == ENOENT;
        if (::rename(file.backup.c_str(), file.to.c_str()) == 0) return true;
        if (::unlink(file.to.c_str()) != 0 && errno != ENOENT) return false;
        if (::link(file.backup.c_str(), file.to.c_str()) != 0) return false;
        (void)::unlink(file.backup.c_str());
        return true;
    }

    [[noreturn]] void take_back(const Replacement& culprit, int error, bool journaled) {
        bool whole = true;
        for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
            file->failed = file->begun && !put_back(*file);
            whole = whole && !file->failed;
        }
        if (whole) {
            for (const auto& folder : folders_) sync_folder(folder);
            for (std::size_t i = 0; journaled && i < places_.size(); ++i) {
                if (::unlink(places_[i].journal.c_str()) == 0) sync_folder(journal_folders_[i]);
            }
            forget_backups();
            throw FileError(ErrorCode::unwritable, culprit.to,
                            text("cannot be put in place: ", reason(error)));
        }
        keeps_backups_ = true;
        std::string states;
        for (const auto& file : files_) {
            struct stat status {};
            const bool there = ::lstat(file.to.c_str(), &status) == 0;
            append_text(states, text("; ", file.to,
                                     file.failed ? there ? " is new" : " is missing" : " is as it was"));
            if (file.failed && file.had_old)
                append_text(states, text(", its old content is in ", file.backup));
        }
        throw FileError(
            ErrorCode::unwritable, culprit.to,
            text("cannot be put in place: ", reason(error), ", nor can the files that were be put back",
                 states,
                 journaled && !some_forgotten_ ? "; the next run that writes there puts the old ones back"
                                               : ""));
    }

    void forget_backups() const noexcept {
        for (const auto& file : files_) {
            if (file.linked || file.begun) (void)::unlink(file.backup.c_str());
        }
    }

    std::vector<Replacement> files_;
    std::vector<Place> places_;
    std::vector<std::string> journal_folders_;
    std::vector<std::string> folders_;  ///< that hold the names, and those around them
    bool keeps_backups_ = false;
    bool some_forgotten_ = false;  ///< the next run does not put their files back
};

}  // namespace roi::detail
