#include "names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bids {

namespace {

/// The order of entities in a name, as the standard has it; `contrast` and `stat` as maps of models have them.
constexpr std::array order{"tpl",   "cohort", "sub",   "ses",       "sample",   "task",  "tracksys",
                           "acq",   "ce",     "trc",   "stain",     "rec",      "dir",   "run",
                           "mod",   "echo",   "flip",  "inv",       "mt",       "part",  "proc",
                           "hemi",  "space",  "split", "recording", "chunk",    "atlas", "seg",
                           "scale", "res",    "den",   "label",     "contrast", "stat",  "desc"};

std::size_t place_of(std::string_view key) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), key) - order.begin());
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

const std::string* Name::find(std::string_view key) const {
    for (const auto& [name, value] : entities) {
        if (name == key) return &value;
    }
    return nullptr;
}

std::string Name::get(std::string_view key) const {
    const auto* value = find(key);
    return value ? *value : std::string();
}

Name& Name::set(const std::string& key, const std::string& value) {
    for (auto& [name, old] : entities) {
        if (name != key) continue;
        old = value;
        return *this;
    }
    const auto after = std::find_if(entities.begin(), entities.end(), [&](const auto& entity) {
        return place_of(entity.first) > place_of(key);
    });
    entities.insert(after, {key, value});
    return *this;
}

Name& Name::remove(std::string_view key) {
    std::erase_if(entities, [&](const auto& entity) { return entity.first == key; });
    return *this;
}

Name Name::with(std::string other_suffix, std::string other_extension) const {
    return {entities, std::move(other_suffix), std::move(other_extension)};
}

std::string Name::text() const {
    std::string out;
    for (const auto& [key, value] : entities) out.append(key).append("-").append(value).append("_");
    return out.append(suffix).append(extension);
}

std::optional<Name> parse_name(std::string_view file) {
    Name out;
    const auto dot = std::min(file.find('.'), file.size());
    out.extension = file.substr(dot);
    auto rest = file.substr(0, dot);
    for (;;) {
        const auto end = rest.find('_');
        const auto part = rest.substr(0, std::min(end, rest.size()));
        const auto dash = part.find('-');
        if (end == std::string_view::npos) {
            if (part.empty() || dash != std::string_view::npos) return std::nullopt;
            out.suffix = part;
            return out;
        }
        if (dash == std::string_view::npos || dash == 0 || dash + 1 == part.size()) return std::nullopt;
        out.entities.emplace_back(part.substr(0, dash), part.substr(dash + 1));
        rest.remove_prefix(end + 1);
    }
}

bool applies(const Name& general, const Name& run) {
    return std::all_of(general.entities.begin(), general.entities.end(), [&](const auto& entity) {
        const auto* value = run.find(entity.first);
        return value && *value == entity.second;
    });
}

std::string label_of(std::string_view text) {
    std::string out;
    bool capital = false;
    for (const char c : text) {
        if (!is_letter_or_digit(c)) {
            capital = !out.empty();
            continue;
        }
        out += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        capital = false;
    }
    return out;
}

bool same_index(std::string_view a, std::string_view b) {
    const auto trimmed = [](std::string_view text) {
        const auto first = text.find_first_not_of('0');
        return first == std::string_view::npos ? text.substr(text.empty() ? 0 : text.size() - 1)
                                               : text.substr(first);
    };
    return trimmed(a) == trimmed(b);
}

}  // namespace bids
