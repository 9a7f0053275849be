// Where the files of one subject lie in a folder of the Haxby 2001 data set.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// Names in a folder, sorted, or why there are none.
[[nodiscard]] inline std::string folder_content(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error) return text("that folder cannot be listed (", error.message(), ")");
    if (names.empty()) return "that folder is empty";
    std::sort(names.begin(), names.end());
    return text("that folder holds: ", listed(names));
}

inline constexpr const char* haxby_download = "cmake/FetchHaxby.cmake downloads the data set";

}  // namespace detail

/// A file that not every copy of the data set has: using it as a path throws when it is not there.
class HaxbyFile {
public:
    HaxbyFile() = default;

    /// \param path     where the file is, or would be
    /// \param purpose  what messages call it
    HaxbyFile(std::string path, std::string purpose) : path_(std::move(path)), purpose_(std::move(purpose)) {}

    /// Where the file is, or would be.
    [[nodiscard]] const std::string& path() const { return path_; }

    /// Is the file there now?
    [[nodiscard]] bool exists() const {
        std::error_code ignored;
        return std::filesystem::exists(path_, ignored);
    }

    /// The path of a file that exists.
    /// \throws FileError  not_found, saying what its folder holds instead
    operator const std::string&() const {
        if (exists()) return path_;
        const auto folder = std::filesystem::path(path_).parent_path().string();
        throw FileError(ErrorCode::not_found, path_,
                        text("there is no ", purpose_, "; ", detail::folder_content(folder), "; ",
                             detail::haxby_download));
    }

private:
    std::string path_;
    std::string purpose_;
};

/// Files of one subject of the Haxby 2001 data set, under the names that nilearn's `fetch_haxby` gives them.
struct HaxbySubject {
    int number = 0;
    std::string folder;           ///< the subject's own folder
    std::string bold;             ///< the run, 40 x 64 x 64 voxels and 1452 volumes in the full data set
    std::string labels;           ///< table with columns `labels` and `chunks`, one row per volume
    HaxbyFile mask_vt;            ///< ventral temporal cortex, `mask4_vt`
    HaxbyFile mask_face;          ///< `mask8b_face_vt`
    HaxbyFile mask_house;         ///< `mask8b_house_vt`
    HaxbyFile mask_face_little;   ///< `mask8_face_vt`
    HaxbyFile mask_house_little;  ///< `mask8_house_vt`
    HaxbyFile anat;               ///< anatomy; subject 6 has none
    HaxbyFile mask;               ///< brain, one file beside the subjects' folders
    Seconds repetition_time{2.5};
};

/// Finds the files of one subject in a folder that holds `subj1`, `subj2` and so on.
///
/// \param folder   folder of the data set
/// \param subject  1 to 6
/// \returns        paths; every image may be `.nii.gz` or `.nii`, the first is taken when both exist
/// \throws InvalidArgument  when there is no such subject in the data set
/// \throws FileError        not_found, when the folder, the subject, its run or its labels are missing,
///                          saying what is there instead
///
/// Opens no file. As nilearn's `fetch_haxby(subjects=[subject])` on data that were downloaded before: the
/// masks and the anatomy are only missed on use, and nothing is ever downloaded.
[[nodiscard]] inline HaxbySubject haxby(const std::string& folder, int subject) {
    namespace fs = std::filesystem;
    if (subject < 1 || subject > 6) {
        throw InvalidArgument(text("haxby: subjects are 1 to 6, found ", subject));
    }
    const auto missing = [](const fs::path& path, const std::string& problem) {
        return FileError(ErrorCode::not_found, path.string(), text(problem, "; ", detail::haxby_download));
    };
    std::error_code ignored;
    const fs::path top(folder);
    if (!fs::is_directory(top, ignored)) {
        throw missing(top, fs::exists(top, ignored)
                               ? "expected the folder of the Haxby data set, found a file"
                               : "there is no such folder");
    }
    const auto own = top / text("subj", subject);
    if (!fs::is_directory(own, ignored)) {
        std::vector<std::string> others;
        for (int other = 1; other <= 6; ++other) {
            auto name = text("subj", other);
            if (fs::is_directory(top / name, ignored)) others.push_back(std::move(name));
        }
        throw missing(top, text("there is no folder subj", subject, " in it; ",
                                others.empty() ? detail::folder_content(folder)
                                               : "the subjects there are: " + joined(others)));
    }

    const auto image = [&ignored](const fs::path& place, const char* name) {
        const auto packed = (place / name).concat(".nii.gz");
        const auto plain = (place / name).concat(".nii");
        return (!fs::exists(packed, ignored) && fs::exists(plain, ignored) ? plain : packed).string();
    };
    HaxbySubject out;
    out.number = subject;
    out.folder = own.string();
    out.bold = HaxbyFile(image(own, "bold"), "run");
    out.labels = HaxbyFile((own / "labels.txt").string(), "table of labels");
    out.mask_vt = {image(own, "mask4_vt"), "mask of ventral temporal cortex"};
    out.mask_face = {image(own, "mask8b_face_vt"), "mask of face-selective voxels"};
    out.mask_house = {image(own, "mask8b_house_vt"), "mask of house-selective voxels"};
    out.mask_face_little = {image(own, "mask8_face_vt"), "little mask of face-selective voxels"};
    out.mask_house_little = {image(own, "mask8_house_vt"), "little mask of house-selective voxels"};
    out.anat = {image(own, "anat"), subject == 6 ? "anatomy (subject 6 has none)" : "anatomy"};
    out.mask = {image(top, "mask"), "mask of the brain"};
    return out;
}

}  // namespace roi
