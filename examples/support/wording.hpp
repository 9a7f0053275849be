// What the library says to whoever programs, in the words of whoever types a command.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace examples {

namespace wording {

struct Phrase {
    std::string_view said, instead;
};

/// What the library advises, and what a shell has in its place.
inline constexpr std::array phrases{
    Phrase{"resample_to(image, other.grid())", "roi resample IMAGE --like OTHER -o FILE"},
    Phrase{"; read it with roi::load4d, or volume by volume with roi::open",
           "; roi frames takes one of them, roi mean their mean"},
    Phrase{"; read it volume by volume with roi::open", ""},
    Phrase{"; load it as float or double", ""},
    Phrase{"; read it as std::int64_t, also with roi::load_labels<std::int64_t>", ""},
    Phrase{"; read it as std::uint64_t", ""},
    Phrase{"; where NaN is the background of labels, read it with roi::load_labels", ""},
    Phrase{"grow(mask, mm) needs no structure", "roi grow --distance MM needs none"},
    Phrase{", or choose .separator = ';'", ""},
    Phrase{", or read it with .header = false, which names them column_1, column_2, column_3", ""},
    Phrase{"say which with .header, or name the columns", "say which with --header, or name the columns"},
    Phrase{"say so with .header = false", "--header no says so"},
    Phrase{"resample the mask with resample_to, or use `grow`, which takes any grid",
           "resample the mask with roi resample, or use roi grow, which takes any grid"},
    Phrase{"resample both images with resample_to", "resample both images with roi resample"},
    Phrase{
        "say by .t_r of ConcatOptions which holds, or correct metadata().time_step of the one that is wrong",
        "roi concat --t-r S joins them with the one that holds"},
    Phrase{"the labels of `runs` are", "the rows of --chunks are"},
    Phrase{"joined, `runs` says", "joined, --chunks says"},
    Phrase{"; ask for fewer, or for a larger percentile", "; --high-variance-confounds takes fewer"},
    Phrase{"choose Formulas::quote", "use --formulas quote"},
    Phrase{"ask for the same (.tfce, .cluster_p)", "ask for the same (--tfce or --log-p-tfce; --cluster-p)"},
    Phrase{"use Interpolation::nearest, or set the intent to 0", "use --interpolation nearest"},
    Phrase{"use Interpolation::nearest, or say with `.values` what they are", "give --interpolation nearest"},
};

inline bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// The length of `name: ` at the start, a function of the library that speaks; 0 where there is none. A path has a dot.
inline std::size_t speaker(std::string_view message) {
    const auto end = std::find_if_not(message.begin(), message.end(), is_word);
    const auto length = static_cast<std::size_t>(end - message.begin());
    return length > 1 && message.substr(length, 2) == ": " ? length + 2 : 0;
}

}  // namespace wording

/// A message in the words of a shell: options instead of members, commands instead of functions.
[[nodiscard]] inline std::string in_words_of_a_shell(std::string message) {
    for (const auto& [said, instead] : wording::phrases) {
        const auto at = message.find(said);
        if (at != std::string::npos) message.replace(at, said.size(), instead);
    }
    // `min_size` is an option of a function, --min-size one of a command.
    for (auto first = message.find('`'); first != std::string::npos; first = message.find('`', first)) {
        const auto last = message.find('`', first + 1);
        if (last == std::string::npos) break;
        auto name = message.substr(first + 1, last - first - 1);
        if (name.empty() || !std::all_of(name.begin(), name.end(), wording::is_word)) {
            first = last + 1;
            continue;
        }
        std::replace(name.begin(), name.end(), '_', '-');
        message.replace(first, last - first + 1, "--" + name);
    }
    return message;
}

/// The same without the name of the function that speaks.
[[nodiscard]] inline std::string for_a_shell(std::string message) {
    message.erase(0, wording::speaker(message));
    return in_words_of_a_shell(std::move(message));
}

/// What a failure says, to somebody at a shell. A name of a file that begins it may look like that of a function.
[[nodiscard]] inline std::string said(const std::exception& error) {
    if (dynamic_cast<const roi::FileError*>(&error)) return in_words_of_a_shell(error.what());
    if (dynamic_cast<const roi::Error*>(&error)) return for_a_shell(error.what());
    return error.what();
}

/// What `read` makes of a file. What is wrong in it is said with the name of the file.
template <class Read>
[[nodiscard]] decltype(auto) in_file(const std::string& file, Read&& read) {
    try {
        return read();
    } catch (const roi::InvalidArgument& error) {
        auto problem = for_a_shell(error.what());
        if (problem.compare(0, file.size(), file) == 0) throw;
        throw roi::InvalidArgument(roi::text(file, ": ", problem));
    }
}

}  // namespace examples
