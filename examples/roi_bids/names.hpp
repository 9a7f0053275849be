// Names of files as BIDS makes them: entities, a suffix and an extension.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bids {

/// `sub-01_task-rest_bold.nii.gz`: entities in their order, `bold`, `.nii.gz`.
struct Name {
    std::vector<std::pair<std::string, std::string>> entities;
    std::string suffix;
    std::string extension;  ///< with its dot

    /// The value of an entity; nothing when the name has none.
    [[nodiscard]] const std::string* find(std::string_view key) const;
    [[nodiscard]] std::string get(std::string_view key) const;

    /// Sets an entity, a new one at the place that BIDS gives it.
    Name& set(const std::string& key, const std::string& value);
    Name& remove(std::string_view key);

    /// The name of another file of these entities.
    [[nodiscard]] Name with(std::string suffix, std::string extension) const;

    [[nodiscard]] std::string text() const;
};

/// Takes a name apart; nothing when it is none of BIDS.
[[nodiscard]] std::optional<Name> parse_name(std::string_view file);

/// Does what stands in `general` hold for `run`? Every entity of it is one of the run's, with the same value.
[[nodiscard]] bool applies(const Name& general, const Name& run);

/// A text as the value of an entity: letters and digits; what follows anything else begins with a capital.
[[nodiscard]] std::string label_of(std::string_view text);

/// Are two values of an entity equal, where `01` is `1`?
[[nodiscard]] bool same_index(std::string_view a, std::string_view b);

}  // namespace bids
