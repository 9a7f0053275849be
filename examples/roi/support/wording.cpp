#include "wording.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace command {

namespace {

struct Phrase {
    std::string_view said, instead;
};

/// What the library advises, and what a shell has in its place.
constexpr std::array phrases{
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
    Phrase{", or read it with .header = false, which names them 1, 2, 3", ""},
    Phrase{"resample the mask with resample_to, or use `grow`, which takes any grid",
           "resample the mask with roi resample, or use roi grow, which takes any grid"},
    Phrase{"correct metadata().time_step of the one that is wrong",
           "correct the header of the one that is wrong"},
    Phrase{"choose Formulas::quote", "use --formulas quote"},
    Phrase{"use Interpolation::nearest, or set the intent to 0", "use --interpolation nearest"},
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// The length of `name: ` at the start, a function of the library that speaks; 0 where there is none. A path has a dot.
std::size_t speaker(std::string_view message) {
    const auto end = std::find_if_not(message.begin(), message.end(), is_word);
    const auto length = static_cast<std::size_t>(end - message.begin());
    return length > 1 && message.substr(length, 2) == ": " ? length + 2 : 0;
}

}  // namespace

std::string for_a_shell(std::string message) {
    message.erase(0, speaker(message));
    return in_words_of_a_shell(std::move(message));
}

std::string in_words_of_a_shell(std::string message) {
    for (const auto& [said, instead] : phrases) {
        const auto at = message.find(said);
        if (at != std::string::npos) message.replace(at, said.size(), instead);
    }
    // `min_size` is an option of a function, --min-size one of a command.
    for (auto first = message.find('`'); first != std::string::npos; first = message.find('`', first)) {
        const auto last = message.find('`', first + 1);
        if (last == std::string::npos) break;
        auto name = message.substr(first + 1, last - first - 1);
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_word)) {
            first = last + 1;
            continue;
        }
        std::replace(name.begin(), name.end(), '_', '-');
        message.replace(first, last - first + 1, "--" + name);
    }
    return message;
}

}  // namespace command
