#include "subject_maps.hpp"

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/read_header.hpp>

#include "images.hpp"
#include "name_words.hpp"
#include "usage_error.hpp"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>

namespace command {

namespace fs = std::filesystem;

namespace {

/// The name of an image without its ending; empty for what is none, or is the second file of a pair.
std::string stem_of_image(const std::string& name) {
    if (name.empty() || name.front() == '.') return {};
    const auto lower = in_small_letters(name);
    for (const std::string_view end : {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".mgh", ".mgz", ".mgh.gz"}) {
        if (lower.size() > end.size() && lower.ends_with(end))
            return name.substr(0, name.size() - end.size());
    }
    return {};
}

std::string subject_in(std::string_view name) {
    if (!name.starts_with("sub-")) return {};
    return std::string(name.substr(0, name.find_first_of("_.")));
}

/// Does a name hold a participant's, not as a part of a longer word? A number at the front only, because elsewhere it may be
/// that of anything, and by its value: many programs take zeros off.
bool names(std::string_view name, std::string_view id) {
    if (is_number(id)) {
        const auto end = std::find_if_not(name.begin(), name.end(), is_digit);
        const auto digits = name.substr(0, static_cast<std::size_t>(end - name.begin()));
        return !digits.empty() && same_but_for_zeros(digits, id) && (end == name.end() || !is_alnum(*end));
    }
    for (auto at = name.find(id); !id.empty() && at != std::string_view::npos; at = name.find(id, at + 1)) {
        const auto end = at + id.size();
        if (at > 0 && is_alnum(name[at - 1])) continue;
        if (end == name.size() || !is_alnum(name[end])) return true;
    }
    return false;
}

/// How many folders at the front of some paths are the same in all.
std::ptrdiff_t shared_folders(const std::vector<std::string>& paths) {
    const auto first = fs::path(paths.front()).parent_path();
    auto end = first.end();
    for (const auto& path : paths) {
        const auto folder = fs::path(path).parent_path();
        end = std::mismatch(first.begin(), end, folder.begin(), folder.end()).first;
    }
    return std::distance(first.begin(), end);
}

/// Which of some participants each map may be of: by sub-... of its path, or by the last part of it that holds the name of
/// one. None where nothing says it.
std::vector<std::vector<std::string>> participants_of(const std::vector<std::string>& maps,
                                                      const std::vector<std::string>& participants) {
    const auto known = [&](const std::string& id) {
        return std::find(participants.begin(), participants.end(), id) != participants.end();
    };
    const auto shared = shared_folders(maps);
    std::vector<std::vector<std::string>> out(maps.size());
    for (std::size_t i = 0; i < maps.size(); ++i) {
        if (const auto subject = subject_of(maps[i]); !subject.empty()) {
            // Tables may leave out sub-, and then zeros before a number.
            const auto label = subject.substr(4);
            const auto is_his = [&](const std::string& id) {
                return id == label || (is_number(id) && !known(label) && same_but_for_zeros(id, label));
            };
            const auto his = std::find_if(participants.begin(), participants.end(), is_his);
            out[i] = {known(subject) || his == participants.end() ? subject : *his};
            continue;
        }
        const fs::path path(maps[i]);
        std::vector<std::string> parts;
        for (const auto& part : path) parts.push_back(part.string());
        for (auto part = parts.rbegin(); out[i].empty() && part != parts.rend() - shared; ++part) {
            for (const auto& id : participants) {
                if (names(*part, id)) out[i].push_back(id);
            }
        }
        // Of S1 and S1-2 the longer.
        const auto ids = out[i];
        std::erase_if(out[i], [&](const std::string& id) {
            return std::any_of(ids.begin(), ids.end(), [&](const std::string& other) {
                return other.size() > id.size() && other.find(id) != std::string::npos;
            });
        });
    }
    return out;
}

/// One map a subject: every file of a folder counts as one.
void require_one_each(const std::string& folder, const std::vector<std::string>& files) {
    const auto name = [](const std::string& file) { return fs::path(file).filename().string(); };
    const auto with_subject = std::find_if(
        files.begin(), files.end(), [&](const std::string& file) { return !subject_in(name(file)).empty(); });
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto subject = subject_in(name(files[i]));
        if (subject.empty() && with_subject != files.end()) {
            throw roi::InvalidArgument(roi::text(
                "every image of ", folder, " counts as the map of a subject, but ", name(files[i]),
                " is called after none as ", name(*with_subject), " is; move it, or name the maps"));
        }
        if (i == 0) continue;
        const bool same_image = stem_of_image(name(files[i])) == stem_of_image(name(files[i - 1]));
        if (same_image || (!subject.empty() && subject == subject_in(name(files[i - 1])))) {
            throw roi::InvalidArgument(roi::text(
                "every image of ", folder, " counts as the map of a subject, but ", name(files[i - 1]),
                " and ", name(files[i]), " are of the same; move one, or name the maps"));
        }
    }
}

}  // namespace

std::string subject_of(const std::string& path) {
    const fs::path whole(path);
    auto subject = subject_in(whole.filename().string());
    if (!subject.empty()) return subject;
    for (const auto& part : whole.parent_path()) {
        if (auto of_folder = subject_in(part.string()); !of_folder.empty()) subject = std::move(of_folder);
    }
    return subject;
}

std::vector<std::string> maps_of(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    std::error_code ignored;
    for (const auto& path : paths) {
        if (!fs::is_directory(path, ignored)) {
            out.push_back(path);
            continue;
        }
        std::vector<std::string> inside;
        for (const auto& entry : fs::directory_iterator(path)) {
            if (!stem_of_image(entry.path().filename().string()).empty())
                inside.push_back(entry.path().string());
        }
        if (inside.empty()) {
            throw roi::FileError(roi::ErrorCode::not_found, path + "/",
                                 "there is no .nii, .nii.gz, .hdr, .mgh or .mgz in the folder");
        }
        std::sort(inside.begin(), inside.end(), [](const std::string& a, const std::string& b) {
            const auto of_a = subject_of(a), of_b = subject_of(b);
            if (before(of_a, of_b) || before(of_b, of_a)) return before(of_a, of_b);
            if (of_a != of_b) return of_a < of_b;
            return before(a, b) || (!before(b, a) && a < b);
        });
        require_one_each(path, inside);
        out.insert(out.end(), inside.begin(), inside.end());
    }
    return out;
}

roi::Table read_table_of_maps(Session& session, std::string_view which, const std::string& path,
                              const std::vector<std::string>& maps, std::int64_t volumes,
                              std::vector<std::string> asked) {
    auto table = session.read_table(which, path, std::move(asked));
    if (!table.contains("participant_id")) return table;
    const auto& column = table["participant_id"];
    // That is refused, by who asks for a column.
    if (column.size() != volumes) return table;
    const std::string by_order = ", so rows are taken for maps in their order";
    if (volumes != static_cast<std::int64_t>(maps.size())) {
        session.warn(
            roi::text(path, ": participant_id cannot be compared with names where a file holds several maps",
                      by_order));
        return table;
    }
    const std::vector<std::string> rows(column.begin(), column.end());
    const auto owners = participants_of(maps, rows);
    // A word that all of them have, as the name of a study, tells nothing.
    const bool alike = maps.size() > 1 && std::count(owners.begin(), owners.end(), owners[0]) == volumes;
    std::size_t first = maps.size(), unknown = 0;
    for (std::size_t i = 0; i < maps.size(); ++i) {
        if (std::find(owners[i].begin(), owners[i].end(), rows[i]) != owners[i].end()) continue;
        if (owners[i].empty() || (alike && subject_of(maps[i]).empty())) {
            first = std::min(first, i);
            ++unknown;
            continue;
        }
        throw roi::InvalidArgument(
            roi::text(path, ": row ", i + 1, " is of ", rows[i], ", but map ", i + 1, ", ", maps[i],
                      ", is of ", roi::joined(owners[i], " or "),
                      same_but_for_zeros(owners[i][0], rows[i])
                          ? "; write zeros before numbers in both or in neither"
                          : "; give rows and maps of the same subjects in the same order"));
    }
    if (alike && unknown > 0) unknown = maps.size();
    if (unknown == maps.size()) {
        session.warn(roi::text(path, ": participant_id is not in the names of the maps", by_order,
                               "; names such as ", rows[0], "_t.nii would say whose they are"));
    } else if (unknown > 0) {
        session.warn(roi::text(path, ": participant_id of ", unknown, " of ", maps.size(),
                               " rows is not in the name of the map, as of row ", first + 1, ", ",
                               rows[first], ", and ", maps[first], by_order));
    }
    return table;
}

void warn_of_runs(Session& session, std::initializer_list<const std::vector<std::string>*> lists) {
    const auto tell = session.warning();
    for (const auto* const files : lists) {
        if (!tell || files->size() < 2) continue;
        bool single = false;
        std::string run;
        std::int64_t volumes = 0;
        for (const auto& file : *files) {
            if (file == "-") return;  // can be read only once
            const auto frames = roi::read_header(file, {.warning = nullptr}).frames;
            single |= frames == 1;
            if (frames == 1 || !run.empty()) continue;
            run = file;
            volumes = frames;
        }
        if (single && !run.empty())
            tell(roi::text(run, " holds ", volumes, " volumes, each of which counts as a map"));
    }
}

void warn_of_same_subjects(Session& session, std::initializer_list<const std::vector<std::string>*> lists) {
    using Place = std::pair<const std::string*, const void*>;  // a map and its list
    std::map<std::string, Place> first_of;
    std::optional<Place> one, other;
    for (const auto* const list : lists) {
        for (const auto& map : *list) {
            const auto subject = subject_of(map);
            const auto [first, is_new] = first_of.emplace(subject, Place(&map, list));
            if (is_new || subject.empty() || other || *first->second.first == map) continue;
            one = first->second;
            other = Place(&map, list);
        }
    }
    // All may be of one subject: its runs.
    if (!other || first_of.size() < 2) return;
    session.warn(roi::text(*one->first, " and ", *other->first, " are of ", subject_of(*one->first),
                           ", and count as if of two subjects",
                           one->second != other->second ? "; maps of the same subjects are pairs" : ""));
}

void require_apart(const std::vector<std::string>& inputs,
                   std::initializer_list<std::pair<std::string_view, const std::string*>> outputs) {
    std::error_code ignored;
    for (const auto& input : inputs) {
        if (!fs::is_directory(input, ignored)) continue;
        for (const auto& [option, file] : outputs) {
            if (file->empty() || stem_of_image(fs::path(*file).filename().string()).empty()) continue;
            const auto folder = fs::path(*file).parent_path();
            if (!fs::equivalent(folder.empty() ? fs::path(".") : folder, input, ignored)) continue;
            throw UsageError(roi::text(option, ": ", *file, " would lie in ", input,
                                       ", every image of which is the map of a subject; write it elsewhere"));
        }
    }
}

}  // namespace command
