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
#include <iterator>
#include <map>
#include <optional>
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

/// A digit or a letter; what is not ASCII is part of letters, in UTF-8.
bool is_alnum(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
}

using Words = std::vector<std::string>;

/// A text in small letters.
std::string in_small_letters(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

/// The words of letters and digits in a text, in small letters and numbers without zeros before them.
/// \param apart  are letters and digits that touch words of their own?
Words words_in(std::string_view text, bool apart) {
    Words out;
    while (!text.empty()) {
        const auto begins = text.front();
        const auto goes_on = [&](char c) {
            return is_alnum(c) == is_alnum(begins) && (!apart || is_digit(c) == is_digit(begins));
        };
        auto rest = std::find_if_not(text.begin(), text.end(), goes_on);
        auto word = text.substr(0, static_cast<std::size_t>(rest - text.begin()));
        text.remove_prefix(word.size());
        if (!is_alnum(begins)) continue;
        const bool number = std::all_of(word.begin(), word.end(), is_digit);
        out.push_back(number ? std::string(number_at(word)) : in_small_letters(word));
    }
    return out;
}

/// Are all of them different?
bool are_different(Words values) {
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) == values.end();
}

/// How many of some values are in another list too, each as often as there.
std::size_t shared_by(Words a, Words b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    Words both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both.size();
}

/// The words of paths by their places, as many as all paths have, that are not the same in all.
std::vector<Words> columns_of(const std::vector<std::string>& paths, bool apart) {
    std::vector<Words> out;
    for (const auto& path : paths) {
        const auto words = words_in(path, apart);
        if (&path == &paths.front() || words.size() < out.size()) out.resize(words.size());
        for (std::size_t place = 0; place < out.size(); ++place) out[place].push_back(words[place]);
    }
    std::erase_if(out, [](const Words& column) {  // of the condition, or of the study
        return std::all_of(column.begin(), column.end(),
                           [&](const auto& word) { return word == column.front(); });
    });
    return out;
}

/// What is left of paths without what all of them begin and end with.
Words rests_of(const std::vector<std::string>& paths) {
    const auto& first = paths.front();
    auto begin = first.size(), end = begin;
    for (const auto& path : paths) {
        const auto front = std::mismatch(first.begin(), first.end(), path.begin(), path.end()).first;
        begin = std::min(begin, static_cast<std::size_t>(front - first.begin()));
        const auto back = std::mismatch(first.rbegin(), first.rend(), path.rbegin(), path.rend()).first;
        end = std::min(end, static_cast<std::size_t>(back - first.rbegin()));
    }
    Words out;
    for (const auto& path : paths) {
        const auto length = path.size() - std::min(path.size(), begin + end);
        out.push_back(roi::joined(words_in(std::string_view(path).substr(begin, length), true), " "));
    }
    return out;
}

/// What may be the subjects of pairs, of either list: words that are another in every name, or several words together.
std::vector<std::pair<Words, Words>> subjects_of_pairs(const std::vector<std::string>& a,
                                                       const std::vector<std::string>& b) {
    std::vector<std::pair<Words, Words>> out;
    const auto add = [&](Words of_a, Words of_b) {
        if (are_different(of_a) && are_different(of_b)) out.emplace_back(std::move(of_a), std::move(of_b));
    };
    for (const bool apart : {true, false}) {
        const auto of_a = columns_of(a, apart), of_b = columns_of(b, apart);
        std::vector<Words> alone_a = of_a, alone_b = of_b;
        for (auto* const columns : {&alone_a, &alone_b})
            std::erase_if(*columns, [](const Words& column) { return !are_different(column); });
        const bool in_turn = alone_a.size() == alone_b.size();
        for (std::size_t i = 0; i < alone_a.size(); ++i) {
            for (std::size_t j = 0; j < alone_b.size(); ++j) {
                if (!in_turn || i == j) out.emplace_back(alone_a[i], alone_b[j]);
            }
        }
        // A site and a number in it: words most of which both lists have as often.
        Words together_a(a.size()), together_b(a.size());
        for (std::size_t i = 0; of_a.size() == of_b.size() && i < of_a.size(); ++i) {
            if (2 * shared_by(of_a[i], of_b[i]) <= a.size()) continue;
            for (std::size_t k = 0; k < a.size(); ++k) {
                together_a[k] += of_a[i][k] + ' ';
                together_b[k] += of_b[i][k] + ' ';
            }
        }
        add(together_a, together_b);
    }
    add(rests_of(a), rests_of(b));
    return out;
}

/// Says where the names of pairs that tell no subject are likely of different ones: the same in another order, as a shell has
/// them by letters and a folder by the value of their numbers, or most of them the same and not those of a pair.
void warn_of_order(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() < 2) return;
    std::size_t most = 0;
    std::vector<std::size_t> differ;  // pairs
    for (const auto& [of_a, of_b] : subjects_of_pairs(a, b)) {
        if (of_a == of_b) return;  // whatever else differs, as a session does
        const auto shared = shared_by(of_a, of_b);
        if (shared <= most || 2 * shared <= a.size()) continue;
        most = shared;
        differ.clear();
        for (std::size_t k = 0; k < a.size(); ++k) {
            if (of_a[k] != of_b[k]) differ.push_back(k);
        }
    }
    if (differ.empty()) return;
    const auto first = differ.front();
    session.warn(
        roi::text(differ.size(), " of ", a.size(), differ.size() == 1 ? " pairs has" : " pairs have",
                  " names that differ, as of pair ", first + 1, ", ", a[first], " and ", b[first],
                  most == a.size()
                      ? ", and are the same in another order: a folder's maps stand in the order of their "
                        "numbers, those of "
                        "a shell's * in that of letters"
                      : roi::text(", though ", most,
                                  " of them are in both lists: a pair is of one subject, or of two that were "
                                  "matched")));
}

bool is_number(std::string_view id) { return !id.empty() && std::all_of(id.begin(), id.end(), is_digit); }

/// Are they equal, but for zeros before numbers?
bool same_but_for_zeros(std::string_view a, std::string_view b) { return !before(a, b) && !before(b, a); }

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

roi::Table read_table_of_maps(Session& session, const std::string& path, const std::vector<std::string>& maps,
                              std::int64_t volumes) {
    auto table = roi::read_table(path);
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

void require_pairs(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() != b.size()) return;  // files may hold several maps
    std::size_t first = a.size(), differ = 0;
    std::multiset<std::string> of_a, of_b;
    warn_of_same_subjects(session, {&a});
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
