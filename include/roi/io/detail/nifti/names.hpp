// Which files an image name stands for: one file, or a header and its voxels.
#pragma once

#include <sys/stat.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace roi::detail {

enum class NameKind { single, header, voxels, other };

/// An image name taken apart; `stem` + `suffix` + `gzip_suffix` is the name again.
struct ImageName {
    std::string stem;
    std::string suffix;       ///< ".nii", ".hdr", ".img" as written, upper case kept
    std::string gzip_suffix;  ///< ".gz" as written, or empty
    NameKind kind = NameKind::other;
};

[[nodiscard]] inline bool ends_with_ignoring_case(std::string_view name, std::string_view lower_case_end) {
    if (name.size() < lower_case_end.size()) return false;
    name.remove_prefix(name.size() - lower_case_end.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_case_end[i]) return false;
    }
    return true;
}

[[nodiscard]] inline ImageName take_apart(std::string_view path) {
    ImageName name;
    if (ends_with_ignoring_case(path, ".gz")) {
        name.gzip_suffix = path.substr(path.size() - 3);
        path.remove_suffix(3);
    }
    name.kind = ends_with_ignoring_case(path, ".nii")   ? NameKind::single
                : ends_with_ignoring_case(path, ".hdr") ? NameKind::header
                : ends_with_ignoring_case(path, ".img") ? NameKind::voxels
                                                        : NameKind::other;
    if (name.kind != NameKind::other) {
        name.suffix = path.substr(path.size() - 4);
        path.remove_suffix(4);
    }
    name.stem = path;
    return name;
}

/// The other half of a pair, in the same letter case: ".hdr" for ".img" and the reverse.
[[nodiscard]] inline std::string partner_suffix(const ImageName& name) {
    const bool upper = name.suffix[1] >= 'A' && name.suffix[1] <= 'Z';
    if (name.kind == NameKind::header) return upper ? ".IMG" : ".img";
    return upper ? ".HDR" : ".hdr";
}

[[nodiscard]] inline bool file_exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

/// The other half of a pair that exists: compressed as `path` is, else the other way.
/// \throws FileError not_found, naming what was looked for
[[nodiscard]] inline std::string find_partner(const std::string& path) {
    const ImageName name = take_apart(path);
    const std::string partner = name.stem + partner_suffix(name);
    const std::string same = partner + name.gzip_suffix;
    const std::string other = name.gzip_suffix.empty() ? partner + ".gz" : partner;
    for (const auto& candidate : {same, other}) {
        if (file_exists(candidate)) return candidate;
    }
    throw FileError(ErrorCode::not_found, path,
                    text("its ", name.kind == NameKind::header ? "voxels" : "header", " belong in ", same,
                         " or ", other, ", and neither exists"));
}

}  // namespace roi::detail
