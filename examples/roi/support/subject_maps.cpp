#include "subject_maps.hpp"

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/read_header.hpp>

#include "images.hpp"
#include "usage_error.hpp"
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <system_error>

namespace command {

namespace fs = std::filesystem;

namespace {

/// The name of an image without its ending; empty for what is none, or is the second file of a pair.
std::string stem_of_image(const std::string& name) {
    if (name.empty() || name.front() == '.') return {};
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the number that a text begins with, without zeros before it.
std::string_view number_at(std::string_view& text) {
    const auto end =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    auto digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

/// Before another in the order of names whose numbers count by value.
bool before(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto of_a = number_at(a), of_b = number_at(b);
            if (of_a.size() != of_b.size()) return of_a.size() < of_b.size();
            if (of_a != of_b) return of_a < of_b;
        } else if (a.front() != b.front()) {
            return a.front() < b.front();
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() && !b.empty();
}

/// The numbers in a path, without zeros before them.
std::vector<std::string> numbers_in(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        if (is_digit(path.front())) {
            out.emplace_back(number_at(path));
        } else {
            path.remove_prefix(1);
        }
    }
    return out;
}

/// The numbers in each of some paths by which they differ: that of a condition is in all of its list.
std::vector<std::vector<std::string>> telling_numbers(const std::vector<std::string>& paths) {
    std::vector<std::vector<std::string>> out;
    for (const auto& path : paths) out.push_back(numbers_in(path));
    const auto as_many = [&](const auto& numbers) { return numbers.size() == out.front().size(); };
    if (out.size() < 2 || !std::all_of(out.begin(), out.end(), as_many)) return out;
    for (std::size_t place = out.front().size(); place-- > 0;) {
        const auto same = [&](const auto& numbers) { return numbers[place] == out.front()[place]; };
        if (!std::all_of(out.begin() + 1, out.end(), same)) continue;
        for (auto& numbers : out) numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return out;
}

/// Says where names that tell no subject have the same numbers in another order: as a shell has them by letters, a folder by
/// value.
void warn_of_order(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    auto of_a = telling_numbers(a), of_b = telling_numbers(b);
    std::size_t first = a.size(), differ = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (of_a[i] == of_b[i]) continue;
        first = std::min(first, i);
        ++differ;
    }
    std::sort(of_a.begin(), of_a.end());
    std::sort(of_b.begin(), of_b.end());
    if (differ == 0 || of_a != of_b) return;
    if (const auto tell = session.warning()) {
        tell(roi::text("the numbers in the names of ", differ, " of ", a.size(), " pairs differ, as of pair ",
                       first + 1, ", ", a[first], " and ", b[first],
                       ", and are the same in another order: a folder's maps stand in the order of their "
                       "numbers, those of a shell's * in that of letters"));
    }
}

/// Which of the participants a map is of: sub-... of its path, or the last part of it that begins with one's name.
/// Empty where nothing says it.
std::string participant_of(const std::string& map, const roi::Column& participants) {
    if (auto subject = subject_of(map); !subject.empty()) {
        // Tables may leave out sub-.
        const auto is_his = [&](const std::string& id) { return "sub-" + id == subject; };
        const auto found = std::find_if(participants.begin(), participants.end(), is_his);
        return found == participants.end() ? subject : *found;
    }
    for (auto rest = fs::path(map); rest.has_filename(); rest = rest.parent_path()) {
        const auto name = rest.filename().string();
        std::string longest;
        for (const auto& id : participants) {
            if (id.size() <= longest.size() || !name.starts_with(id)) continue;
            if (name.size() > id.size() && std::isalnum(static_cast<unsigned char>(name[id.size()])) != 0)
                continue;
            longest = id;
        }
        if (!longest.empty()) return longest;
    }
    return {};
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

roi::Table read_table_of_maps(Session& session, const std::string& path,
                              const std::vector<std::string>& maps) {
    auto table = roi::read_table(path);
    if (!table.contains("participant_id")) return table;
    const auto& participants = table["participant_id"];
    std::multiset<std::string> rows, owners;
    std::size_t first = maps.size();
    // One file may hold the maps of all.
    const bool each_has_one = static_cast<std::size_t>(participants.size()) == maps.size();
    for (std::size_t i = 0; each_has_one && i < maps.size(); ++i) {
        const auto& participant = participants[static_cast<std::int64_t>(i)];
        auto owner = participant_of(maps[i], participants);
        if (owner != participant) first = std::min(first, i);
        rows.insert(participant);
        owners.insert(std::move(owner));
    }
    if (each_has_one && first == maps.size()) return table;
    if (each_has_one && (rows == owners || !subject_of(maps[first]).empty())) {
        throw roi::InvalidArgument(roi::text(
            path, ": row ", first + 1, " is of ", participants[static_cast<std::int64_t>(first)],
            ", but map ", first + 1, ", ", maps[first], ", is of ", participant_of(maps[first], participants),
            "; give rows and maps of the same subjects in the same order"));
    }
    if (const auto tell = session.warning()) {
        tell(roi::text(path,
                       ": participant_id is not in the names of the maps, so rows are taken for them in "
                       "their order; call them sub-... to have it compared"));
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

void require_pairs(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() != b.size()) return;  // files may hold several maps
    std::size_t first = a.size(), differ = 0;
    std::multiset<std::string> of_a, of_b;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto one = subject_of(a[i]), other = subject_of(b[i]);
        if (one.empty() || other.empty()) return warn_of_order(session, a, b);
        of_a.insert(one);
        of_b.insert(other);
        if (one == other) continue;
        first = std::min(first, i);
        ++differ;
    }
    if (first == a.size()) return;
    const auto pair =
        roi::text(differ, " of ", a.size(), a.size() == 1 ? " pair" : " pairs", differ == 1 ? " is" : " are",
                  " not of one subject: pair ", first + 1, " is of ", subject_of(a[first]), " and ",
                  subject_of(b[first]), ", ", a[first], " and ", b[first]);
    if (of_a == of_b) {
        throw roi::InvalidArgument(pair +
                                   "; --a and --b are of the same subjects: give them in the same order");
    }
    if (const auto tell = session.warning()) tell(pair);
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
