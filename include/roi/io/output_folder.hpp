// Several files that appear in a folder together: all of them, or none.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/detail/nifti/names.hpp>
#include <roi/io/detail/publish.hpp>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace roi {

/// Files of a folder that get their names together.
///
///     roi::OutputFolder folder("results");
///     roi::save(map, folder / "t_values.nii.gz");
///     roi::save(atlas, folder / "mask_atlas.nii.gz");
///     folder.publish();
///
/// Until `publish` the folder's own files stay as they are, and without it nothing is left behind. Files wait in a hidden
/// folder `.roi-unfinished-0`. When one of them cannot get its name, for whatever reason, the old files are put back; where
/// the system lets even that fail, the error names every file and what it is, and the next `OutputFolder` there puts
/// the old ones back, as it does after a run that was killed. Published files have the permissions of the files that
/// they replace; symbolic links are followed. One object belongs to one thread at a time.
class OutputFolder {
public:
    /// Makes the folder, and its parents, when it is not there; undoes and removes what a killed run left in it.
    /// \throws FileError unwritable when it cannot be made or written
    explicit OutputFolder(const std::string& path) : target_(path) {
        detail::require_path(path, ErrorCode::unwritable);
        if (!target_.has_filename()) target_ = target_.parent_path();  // "results/"
        std::error_code error;
        for (auto missing = target_; !missing.empty() && std::filesystem::status(missing, error).type() ==
                                                             std::filesystem::file_type::not_found;
             missing = missing.parent_path()) {
            made_.push_back(missing);
        }
        error.clear();
        std::filesystem::create_directories(target_, error);
        if (!error) make_hidden(error);
        if (error) {
            const auto reason = error.message();
            remove_made();
            throw FileError(ErrorCode::unwritable, path, text("results cannot be written there: ", reason));
        }
    }

    ~OutputFolder() {
        try {
            std::error_code ignored;
            if (!hidden_.empty() && !kept_) std::filesystem::remove_all(hidden_, ignored);
            if (!published_) remove_made();
        } catch (...) {
            // No memory for a path: what is left is removed by the next run.
        }
    }

    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    [[nodiscard]] std::string path() const { return target_.string(); }

    /// Where to write the file that will be called `name`, which may lie in a folder: "figures/mean.svg". The name of a
    /// header or of its voxels (.hdr, .img) stands for both.
    /// \throws InvalidArgument for a name that leads out of the folder; FileError unwritable, also where a folder, a device
    ///         or a file without write permission has that name
    [[nodiscard]] std::string operator/(const std::string& name) {
        const auto plain = inside(name);
        const auto given = (target_ / plain).string();
        struct stat old {};
        (void)detail::is_replaced(given, detail::followed(given), old);
        const auto where = hidden_ / "files" / plain;
        std::error_code error;
        std::filesystem::create_directories(where.parent_path(), error);
        if (error) {
            throw FileError(ErrorCode::unwritable, where.parent_path().string(),
                            text("the folder cannot be made: ", error.message()));
        }
        const auto image = detail::take_apart(plain.string());
        if (image.kind == detail::NameKind::header || image.kind == detail::NameKind::voxels) {
            add(names_, image.stem + detail::partner_suffix(image) + image.gzip_suffix);
        }
        add(names_, plain.string());
        std::erase(gone_, plain.string());
        return where.string();
    }

    /// Leaves a file out, and on `publish` takes away one of that name that an earlier run has put there.
    /// \throws InvalidArgument for a name that leads out of the folder
    void remove(const std::string& name) {
        std::error_code ignored;
        const auto plain = inside(name);
        std::filesystem::remove(hidden_ / "files" / plain, ignored);
        std::erase(names_, plain.string());
        add(gone_, plain.string());
    }

    /// Gives every file its name; files that were asked for and not written are not there.
    /// \throws FileError unwritable, with the reason; all files are as they were then, or the error says which are not
    void publish() {
        OutputFolder* const alone[] = {this};
        publish_together(alone);
    }

private:
    friend class OutputFiles;
    static constexpr int most_writers = 1000;

    static void publish_together(std::span<OutputFolder* const> folders) {
        std::vector<detail::Replacement> files;
        std::vector<detail::Publication::Place> places;
        for (const auto* folder : folders) {
            folder->collect(files, places.size());
            places.push_back(
                {.journal = (folder->hidden_ / "journal").string(), .folder = folder->target_.string()});
        }
        for (auto* folder : folders) {
            for (const auto& made : folder->made_) detail::sync_folder(detail::folder_of(made.string()));
            folder->kept_ = true;  // until it is known that nothing in it is needed to undo
        }
        detail::Publication publication(std::move(files), std::move(places));
        try {
            publication.run();
        } catch (...) {
            for (auto* folder : folders) {
                // Kept also when the system does not say whether it is needed.
                std::error_code ignored;
                const auto journal = std::filesystem::symlink_status(folder->hidden_ / "journal", ignored);
                folder->kept_ =
                    publication.keeps_backups() || journal.type() != std::filesystem::file_type::not_found;
            }
            throw;
        }
        for (auto* folder : folders) {
            folder->kept_ = false;
            folder->published_ = true;
        }
    }

    /// Adds what gets a name in this folder, and what loses it.
    void collect(std::vector<detail::Replacement>& files, std::size_t place) const {
        for (const auto& name : names_) {
            const auto from = (hidden_ / "files" / name).string();
            std::error_code error;
            const auto type = std::filesystem::status(from, error).type();
            if (type == std::filesystem::file_type::not_found) continue;
            if (error) {
                throw FileError(ErrorCode::unwritable, (target_ / name).string(),
                                text("what was written cannot be examined: ", error.message()));
            }
            files.push_back(prepared(from, name, files.size(), place));
        }
        for (const auto& name : gone_) {
            files.push_back({.from = {},
                             .to = (target_ / name).string(),
                             .backup = backup(files.size()),
                             .place = place});
        }
    }

    [[nodiscard]] static std::filesystem::path inside(const std::string& name) {
        auto plain = std::filesystem::path(name).lexically_normal();
        if (name.empty() || plain.is_absolute() || *plain.begin() == ".." || !plain.has_filename()) {
            throw InvalidArgument(
                text("output folder: expected the name of a file inside it, found \"", name, "\""));
        }
        return plain;
    }

    static void add(std::vector<std::string>& names, std::string name) {
        std::erase(names, name);
        names.push_back(std::move(name));
    }

    [[nodiscard]] std::string backup(std::size_t index) const {
        return (hidden_ / text("old-", index)).string();
    }

    /// The file of the name is known by its lock, as temporaries are; a free one was left behind.
    void make_hidden(std::error_code& error) {
        for (int number = 0; number < most_writers; ++number) {
            const auto path = target_ / text(".roi-unfinished-", number);
            auto left = detail::open_abandoned(path.string(), S_IFDIR);
            if (left.is_open()) {
                if (!detail::Journal::undo((path / "journal").string(), target_.string())) {
                    error = std::error_code(errno, std::generic_category());
                    return;
                }
                std::filesystem::remove_all(path, error);
                (void)left.close();
                error.clear();
            }
            if (!hidden_.empty()) {
                if (number > number_ + 3) return;  // others that were left behind
                continue;
            }
            if (::mkdir(path.c_str(), 0777) != 0) {
                if (errno == EEXIST) continue;
                error = std::error_code(errno, std::generic_category());
                return;
            }
            lock_ = detail::FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            struct stat ours {
            }, named{};
            const bool locked = !lock_.is_open() || detail::take_lock(lock_) || !detail::would_block(errno);
            if (lock_.is_open() && (!locked || ::fstat(lock_.number(), &ours) != 0 ||
                                    ::lstat(path.c_str(), &named) != 0 || ours.st_ino != named.st_ino)) {
                continue;  // somebody took it for one left behind, before it had its lock
            }
            hidden_ = path;
            number_ = number;
        }
        if (hidden_.empty()) error = std::make_error_code(std::errc::device_or_resource_busy);
    }

    /// On the disk, with the permissions of the file that it replaces.
    [[nodiscard]] detail::Replacement prepared(const std::string& from, const std::string& name,
                                               std::size_t index, std::size_t place) const {
        const auto to = detail::followed((target_ / name).string());
        std::error_code error;
        const auto folder = std::filesystem::path(to).parent_path();
        if (!folder.empty()) std::filesystem::create_directories(folder, error);
        if (error) {
            throw FileError(ErrorCode::unwritable, folder.string(),
                            text("the folder cannot be made: ", error.message()));
        }
        const detail::FileDescriptor file(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat old {};
        if (file.is_open() && detail::is_replaced((target_ / name).string(), to, old)) {
            if (::fchown(file.number(), old.st_uid, old.st_gid) != 0) {
                if (::fchown(file.number(), static_cast<uid_t>(-1), old.st_gid) != 0) errno = 0;
            }
            if (::fchmod(file.number(), old.st_mode & 0777) != 0 && errno != EPERM && errno != ENOTSUP) {
                throw FileError(ErrorCode::unwritable, to,
                                text("its permissions cannot be kept: ", detail::reason(errno)));
            }
        }
        if (!file.is_open() || (::fsync(file.number()) != 0 && errno != EINVAL)) {
            throw FileError(ErrorCode::unwritable, to,
                            text("cannot be brought to the disk: ", detail::reason(errno)));
        }
        return {.from = from, .to = to, .backup = backup(index), .place = place};
    }

    /// Takes back the folders that the constructor made, as long as they are empty.
    void remove_made() {
        std::error_code ignored;
        for (const auto& folder : made_) std::filesystem::remove(folder, ignored);
    }

    std::filesystem::path target_;
    std::filesystem::path hidden_;
    int number_ = 0;
    detail::FileDescriptor lock_;
    std::vector<std::filesystem::path> made_;  // innermost first
    std::vector<std::string> names_;
    std::vector<std::string> gone_;
    bool kept_ = false;
    bool published_ = false;
};

/// Files anywhere that get their names together: what `OutputFolder` is for the files of one folder.
///
///     roi::OutputFiles files;
///     roi::save(map, files.add(path_of_map));
///     roi::write_table(table, files.add(path_of_table));
///     files.publish();
///
/// Folders are made where there are none. Symbolic links are followed first, so a file waits beside the one that it
/// replaces. A kill between the names of two folders is undone in each folder by the next `OutputFiles` or `OutputFolder`
/// there.
class OutputFiles {
public:
    OutputFiles() = default;
    OutputFiles(const OutputFiles&) = delete;
    OutputFiles& operator=(const OutputFiles&) = delete;

    /// Where to write the file that will be called `path`; as with `OutputFolder`, a pair has one name.
    /// \throws FileError unwritable when it cannot be written there, or something has that name which is not replaced
    [[nodiscard]] std::string add(const std::string& path) {
        detail::require_path(path, ErrorCode::unwritable);
        const std::filesystem::path target = detail::followed(path);
        if (!target.has_filename()) {
            throw FileError(ErrorCode::unwritable, path, "expected the name of a file, found a folder");
        }
        struct stat old {};
        (void)detail::is_replaced(path, target.string(), old);
        const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
        return folder_of(folder) / target.filename().string();
    }

    /// Gives every file its name; files that were asked for and not written are not there.
    /// \throws FileError unwritable, with the reason; all files are as they were then, or the error says which are not
    void publish() {
        std::vector<OutputFolder*> all;
        for (const auto& folder : folders_) all.push_back(folder.get());
        OutputFolder::publish_together(all);
        folders_.clear();
    }

private:
    /// The same folder by another name is the same: its files then have one journal.
    [[nodiscard]] OutputFolder& folder_of(const std::filesystem::path& path) {
        for (const auto& folder : folders_) {
            std::error_code ignored;
            if (std::filesystem::equivalent(folder->path(), path, ignored)) return *folder;
        }
        folders_.push_back(std::make_unique<OutputFolder>(path.string()));
        return *folders_.back();
    }

    std::vector<std::unique_ptr<OutputFolder>> folders_;
};

}  // namespace roi
