#include "json_fields.hpp"

#include <nlohmann/json.hpp>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace bids {

namespace {

void add(JsonFields& fields, const std::string& prefix, const nlohmann::json& object) {
    for (const auto& [key, value] : object.items()) {
        const auto name = prefix + key;
        if (value.is_object()) {
            add(fields, name + '.', value);
        } else if (value.is_boolean()) {
            fields.set(name, value.get<bool>() ? 1.0 : 0.0);
        } else if (value.is_number()) {
            fields.set(name, value.get<double>());
        } else if (value.is_string()) {
            fields.set(name, value.get<std::string>());
        } else if (value.is_array()) {
            JsonFields::Numbers numbers;
            JsonFields::Texts texts;
            for (const auto& entry : value) {
                if (entry.is_number()) numbers.push_back(entry.get<double>());
                if (entry.is_string()) texts.push_back(entry.get<std::string>());
            }
            if (!value.empty() && numbers.size() == value.size()) {
                fields.set(name, std::move(numbers));
            } else {
                fields.set(name, std::move(texts));
            }
        }
    }
}

}  // namespace

JsonFields read_json(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const int reason = errno;
        throw roi::FileError(reason == ENOENT ? roi::ErrorCode::not_found : roi::ErrorCode::unreadable, path,
                             roi::text("cannot be opened: ", std::generic_category().message(reason)));
    }
    const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto parsed = nlohmann::json::parse(content, nullptr, false);
    if (!parsed.is_object()) {
        throw roi::FileError(roi::ErrorCode::bad_format, path, "expected one JSON object");
    }
    JsonFields out;
    add(out, {}, parsed);
    return out;
}

}  // namespace bids
