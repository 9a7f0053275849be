// What a JSON file says, as fields with names: the one place that knows a JSON library.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bids {

/// The members of an object; those of an object inside another are called `outer.inner`.
class JsonFields {
public:
    using Texts = std::vector<std::string>;
    using Numbers = std::vector<double>;
    using Value = std::variant<double, std::string, Numbers, Texts>;

    /// Sets a field, instead of one of that name.
    void set(const std::string& name, Value value) { fields_[name] = std::move(value); }

    /// Takes what `nearer` says instead of what stands here.
    void override_by(const JsonFields& nearer) {
        for (const auto& [name, value] : nearer.fields_) fields_[name] = value;
    }

    [[nodiscard]] std::optional<double> number(std::string_view name) const { return find<double>(name); }
    [[nodiscard]] std::string text(std::string_view name) const {
        return find<std::string>(name).value_or(std::string());
    }
    [[nodiscard]] Texts texts(std::string_view name) const { return find<Texts>(name).value_or(Texts()); }
    [[nodiscard]] Numbers numbers(std::string_view name) const {
        return find<Numbers>(name).value_or(Numbers());
    }
    /// The texts whose names begin so, by the rest of their names.
    [[nodiscard]] std::map<std::string, std::string> texts_under(const std::string& start) const {
        std::map<std::string, std::string> out;
        for (auto at = fields_.lower_bound(start); at != fields_.end(); ++at) {
            if (at->first.compare(0, start.size(), start) != 0) break;
            if (const auto* value = std::get_if<std::string>(&at->second)) {
                out[at->first.substr(start.size())] = *value;
            }
        }
        return out;
    }
    [[nodiscard]] bool has(std::string_view name) const { return fields_.count(std::string(name)) > 0; }

private:
    template <class T>
    [[nodiscard]] std::optional<T> find(std::string_view name) const {
        const auto at = fields_.find(std::string(name));
        if (at == fields_.end()) return std::nullopt;
        const auto* value = std::get_if<T>(&at->second);
        return value ? std::optional(*value) : std::nullopt;
    }

    std::map<std::string, Value> fields_;
};

/// Reads a file that holds one object.
/// \throws roi::FileError not_found, unreadable, bad_format
[[nodiscard]] JsonFields read_json(const std::string& path);

}  // namespace bids
