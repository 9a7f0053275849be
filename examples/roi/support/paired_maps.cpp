#include "paired_maps.hpp"

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include "name_words.hpp"
#include "subject_maps.hpp"
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace command {

namespace {

/// What the names of either list have at one place, or at several together.
struct Column {
    Words a, b;

    friend bool operator==(const Column& one, const Column& other) {
        return one.a == other.a && one.b == other.b;
    }
};

/// Are all of them different?
bool are_different(Words values) {
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) == values.end();
}

/// Could a subject's name be there: is it another in every name?
bool tells_subjects(const Column& column) { return are_different(column.a) && are_different(column.b); }

/// Are all of them the same, as the name of a condition or of a study?
bool are_alike(const Words& values) {
    return std::all_of(values.begin(), values.end(),
                       [&](const auto& value) { return value == values.front(); });
}

bool no_numbers(const Words& words) { return std::none_of(words.begin(), words.end(), is_number); }

/// How many values both lists have, each as often as there.
std::size_t shared_in(Column column) {
    std::sort(column.a.begin(), column.a.end());
    std::sort(column.b.begin(), column.b.end());
    Words both;
    std::set_intersection(column.a.begin(), column.a.end(), column.b.begin(), column.b.end(),
                          std::back_inserter(both));
    return both.size();
}

/// In how many pairs it is the same.
std::size_t equal_pairs(const Column& column) {
    std::size_t out = 0;
    for (std::size_t k = 0; k < column.a.size(); ++k) out += column.a[k] == column.b[k] ? 1u : 0u;
    return out;
}

/// Most values of either list are in the other too.
bool mostly_shared(const Column& column) { return 2 * shared_in(column) > column.a.size(); }

Column together(const std::vector<const Column*>& columns, std::size_t pairs) {
    Column out{Words(pairs), Words(pairs)};
    for (const auto* const column : columns) {
        for (std::size_t k = 0; k < pairs; ++k) {
            out.a[k] += column->a[k] + ' ';
            out.b[k] += column->b[k] + ' ';
        }
    }
    return out;
}

/// Takes off what all of some lists begin and end with.
template <class List>
std::vector<List> without_shared_ends(std::vector<List> lists) {
    const auto first = lists.front();
    auto begin = first.size(), end = begin;
    for (const auto& list : lists) {
        const auto front = std::mismatch(first.begin(), first.end(), list.begin(), list.end()).first;
        begin = std::min(begin, static_cast<std::size_t>(front - first.begin()));
        const auto back = std::mismatch(first.rbegin(), first.rend(), list.rbegin(), list.rend()).first;
        end = std::min(end, static_cast<std::size_t>(back - first.rbegin()));
    }
    for (auto& list : lists) {
        const auto left = list.size() - std::min(list.size(), begin + end);
        list = List(list.begin() + static_cast<std::ptrdiff_t>(begin),
                    list.begin() + static_cast<std::ptrdiff_t>(begin + left));
    }
    return lists;
}

/// Names by their words, without those that all begin and end with.
std::vector<Words> names_of(const std::vector<std::string>& paths, bool apart) {
    std::vector<Words> out;
    for (const auto& path : paths) out.push_back(words_in(path, apart));
    return without_shared_ends(std::move(out));
}

/// Names without the letters that all begin and end with, as the s of s1 and sb.
Words rests_of(const std::vector<std::string>& paths) {
    Words out;
    for (const auto& rest : without_shared_ends(paths)) out.push_back(roi::joined(words_in(rest, true), " "));
    return out;
}

std::size_t most_words(const std::vector<Words>& names) {
    std::size_t out = 0;
    for (const auto& name : names) out = std::max(out, name.size());
    return out;
}

/// The words of names at a place, counted from either end; nothing for names that are shorter.
Words at(const std::vector<Words>& names, std::size_t place, bool from_end) {
    Words out;
    for (const auto& name : names) {
        const bool has = place < name.size();
        out.push_back(!has ? std::string() : name[from_end ? name.size() - 1 - place : place]);
    }
    return out;
}

/// What may tell the subjects of pairs: alone, or together with others.
struct Columns {
    std::vector<Column> places;  ///< the same place in both lists
    std::vector<Column> anyhow;  ///< other places, or whole names: alone only
};

/// What is not the same in all names of either list, by place. A name may have a word more than others at either end, and
/// letters and digits that touch may be one word or two.
Columns columns_of(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    Columns out;
    const auto add = [](std::vector<Column>& columns, Column column) {
        if (are_alike(column.a) || are_alike(column.b)) return;
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
            columns.push_back(std::move(column));
    };
    for (const bool apart : {true, false}) {
        const auto of_a = names_of(a, apart), of_b = names_of(b, apart);
        const auto words_a = most_words(of_a), words_b = most_words(of_b);
        for (const bool from_end : {false, true}) {
            for (std::size_t place = 0; place < std::min(words_a, words_b); ++place) {
                const Column column{at(of_a, place, from_end), at(of_b, place, from_end)};
                add(out.places, column);
                // SPM puts letters before names, sw in one list and w in the other. Digits are no letters of a number.
                if (apart && no_numbers(column.a) && no_numbers(column.b))
                    add(out.places, {without_shared_ends(column.a), without_shared_ends(column.b)});
            }
        }
        // A date or a session before the subject in one list only.
        std::vector<Words> alone_a, alone_b;
        for (std::size_t place = 0; place < std::max(words_a, words_b); ++place) {
            if (auto words = at(of_a, place, false); are_different(words))
                alone_a.push_back(std::move(words));
            if (auto words = at(of_b, place, false); are_different(words))
                alone_b.push_back(std::move(words));
        }
        const bool in_turn = alone_a.size() == alone_b.size();
        for (std::size_t i = 0; i < alone_a.size(); ++i) {
            for (std::size_t j = 0; j < alone_b.size(); ++j) {
                if (!in_turn || i == j) add(out.anyhow, {alone_a[i], alone_b[j]});
            }
        }
    }
    add(out.anyhow, {rests_of(a), rests_of(b)});
    return out;
}

/// What likely tells the subjects of pairs, by what most names of either list have in the other too: what is the same in most
/// pairs, else in most names. Nothing where no words do.
Column subjects_of(const Columns& columns, std::size_t pairs) {
    Column out;
    std::pair<std::size_t, std::size_t> most;  // equal pairs, and names
    const auto consider = [&](Column column) {
        if (!tells_subjects(column) || !mostly_shared(column)) return;
        const std::pair found{equal_pairs(column), shared_in(column)};
        if (found <= most) return;
        most = found;
        out = std::move(column);
    };
    std::vector<const Column*> shared;
    for (const auto& column : columns.places) {
        if (mostly_shared(column)) shared.push_back(&column);
    }
    for (const auto& column : columns.anyhow) consider(column);
    consider(together(shared, pairs));
    // A site and a number in it, beside others that both lists have, as places in a list of scans.
    for (std::size_t i = 0; i < shared.size(); ++i) {
        consider(*shared[i]);
        for (std::size_t j = i + 1; j < shared.size(); ++j) {
            consider(together({shared[i], shared[j]}, pairs));
            for (std::size_t k = j + 1; k < shared.size(); ++k)
                consider(together({shared[i], shared[j], shared[k]}, pairs));
        }
    }
    return out;
}

/// Says where the names of pairs that tell no subject are likely of different ones: the same in another order, as a shell has
/// them by letters and a folder by the value of their numbers, or most of them the same and not those of a pair.
void warn_of_order(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.size() < 2) return;
    const auto columns = columns_of(a, b);
    // All that the names of every pair share: where it tells one pair from another, the rest may differ, as a session does.
    std::vector<const Column*> equal;
    for (const auto* const kind : {&columns.places, &columns.anyhow}) {
        for (const auto& column : *kind) {
            if (column.a == column.b) equal.push_back(&column);
        }
    }
    if (tells_subjects(together(equal, a.size()))) return;
    const auto subjects = subjects_of(columns, a.size());
    if (subjects.a.empty()) return;
    std::vector<std::size_t> differ;  // pairs
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (subjects.a[k] != subjects.b[k]) differ.push_back(k);
    }
    const auto first = differ.front();
    const auto shared = shared_in(subjects);
    session.warn(roi::text(
        differ.size(), " of ", a.size(), differ.size() == 1 ? " pairs has" : " pairs have",
        " names that differ, as of pair ", first + 1, ", ", a[first], " and ", b[first],
        shared == a.size()
            ? ", and are the same in another order: a folder's maps stand in the order of the numbers in "
              "their names, those of a shell's * in that of letters"
            : roi::text(", though ", shared,
                        " of them are in both lists: a pair is of one subject, or of two that were "
                        "matched")));
}

}  // namespace

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

}  // namespace command
