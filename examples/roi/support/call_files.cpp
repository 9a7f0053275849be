#include "call_files.hpp"

#include <unistd.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/io/read_header.hpp>
#include <roi/table/table.hpp>

#include "usage_error.hpp"
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace command {

namespace {

/// The file that says where the voxels of an image are: a header in place of the voxels beside it.
std::filesystem::path described_by(const std::string& path) {
    for (const std::string_view end : {".img", ".img.gz"}) {
        if (!path.ends_with(end)) continue;
        return path.substr(0, path.size() - end.size()) + ".hdr" + std::string(end.substr(4));
    }
    return path;
}

/// The ending of a table's name says its format: `--format` must not say another.
void require_format(const std::string& format, const std::vector<CLI::Option*>& written) {
    for (const auto* option : written) {
        if (option->get_name() != "--output" || option->count() == 0) continue;
        const auto& name = option->results().front();
        if (name == "-" || roi::table_format_of(name) == format_of(format)) continue;
        throw UsageError(roi::text("--format ", format, " contradicts the ending of ", name,
                                   ", which says the format of a file"));
    }
}

/// Do two names lead to one file, or to files of one image, also through links?
bool same_file(const std::string& one, const std::string& other) {
    std::error_code missing;
    if (std::filesystem::equivalent(one, other, missing)) return true;
    const auto image = [&missing](const std::string& name) {
        const auto path =
            std::filesystem::weakly_canonical(std::filesystem::absolute(name, missing), missing);
        return described_by(missing ? name : path.string()).lexically_normal();
    };
    const auto a = image(one), b = image(other);
    return a == b || std::filesystem::equivalent(a, b, missing);
}

/// A result must not replace what it is made with: a slip of the pen would lose it. What is worked on may be replaced by
/// `--output`, also where another option names it too.
void require_kept_inputs(const CallFiles& files) {
    std::vector<const CLI::Option*> read(files.read.begin(), files.read.end());
    read.insert(read.end(), files.words_or_files.begin(), files.words_or_files.end());
    for (const auto* output : files.written) {
        if (output->count() == 0 || output->results().front() == "-") continue;
        const auto& name = output->results().front();
        const auto is_in = [&name](const CLI::Option* input) {
            return std::any_of(input->results().begin(), input->results().end(),
                               [&name](const std::string& given) { return same_file(name, given); });
        };
        if (output->check_lname("output") &&
            std::any_of(files.worked_on.begin(), files.worked_on.end(), is_in))
            continue;
        for (const auto* input : read) {
            for (const auto& given : input->results()) {
                if (!same_file(name, given)) continue;
                const auto role = input->get_positional() ? std::string("an input of the same call")
                                                          : "what " + input->get_name() + " reads";
                throw UsageError(roi::text(output->get_name(), ": ", name, " is ", role,
                                           ", and would be replaced; write it elsewhere"));
            }
        }
    }
}

/// One result must not replace another.
void require_different_files(const std::vector<CLI::Option*>& written) {
    for (std::size_t i = 0; i < written.size(); ++i) {
        for (std::size_t j = 0; j < i && written[i]->count() > 0; ++j) {
            if (written[j]->count() == 0) continue;
            if (!same_file(written[i]->results().front(), written[j]->results().front())) continue;
            throw UsageError(roi::text(written[j]->get_name(), " and ", written[i]->get_name(),
                                       " name the same file: ", written[i]->results().front()));
        }
    }
}

/// Does standard output carry the result of an option? A table that is given no name is printed.
bool is_printed(const CLI::Option* option, const CLI::Option* table) {
    return option->count() > 0 ? option->results().front() == "-" : option == table;
}

/// Standard output carries one result.
void require_one_printed(const std::vector<CLI::Option*>& written, const CLI::Option* table) {
    const auto printed = [table](const CLI::Option* option) { return is_printed(option, table); };
    const auto first = std::find_if(written.begin(), written.end(), printed);
    if (first == written.end()) return;
    const auto second = std::find_if(first + 1, written.end(), printed);
    if (second == written.end()) return;
    const auto* const unnamed = (*first)->count() == 0 ? *first : *second;
    const auto* const other = unnamed == *first ? *second : *first;
    throw UsageError(roi::text(other->get_name(), " -: standard output carries the table without ",
                               unnamed->get_name(), "; name a file for one of them"));
}

/// \throws UsageError when two inputs are standard input, whatever they are
void require_one_standard_input(const std::vector<CLI::Option*>& options) {
    std::ptrdiff_t count = 0;
    for (const auto* const option : options) {
        const auto& given = option->results();
        count += std::count(given.begin(), given.end(), "-");
    }
    if (count > 1) throw UsageError(read_once);
}

/// \throws UsageError when `--formulas` is given and no table is written
void require_table(const CLI::Option* formulas, const std::vector<const CLI::Option*>& tables,
                   const CLI::Option* printed) {
    if (formulas == nullptr || formulas->count() == 0 || printed != nullptr) return;
    std::vector<std::string> names;
    for (const auto* const table : tables) {
        if (table->count() > 0) return;
        names.push_back(table->get_name());
    }
    throw UsageError("--formulas is for " + roi::joined(names, " and "));
}

}  // namespace

void require_consistent(const CallFiles& files, const CLI::Option* format) {
    require_different_files(files.written);
    require_one_printed(files.written, files.table);
    require_kept_inputs(files);
    require_one_standard_input(files.read);
    require_table(files.formula_words, files.written_tables, files.table);
    if (format != nullptr && format->count() > 0) require_format(format->results().front(), files.written);
}

std::string plain_name(const CLI::Option& option) {
    const auto name = option.get_name();
    return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

std::map<std::string, bool, std::less<>> headers_of(const CallFiles& files) {
    std::map<std::string, bool, std::less<>> out;
    if (files.header == nullptr || files.header->count() == 0) return out;
    std::vector<std::string> known;
    std::optional<bool> of_all;
    for (const auto* const table : files.maybe_nameless) known.push_back(plain_name(*table));
    for (const auto& word : files.header_words) {
        const auto at = word.find('=');
        const auto answer = at == std::string::npos ? word : word.substr(at + 1);
        const auto name = at == std::string::npos ? std::string() : word.substr(0, at);
        const auto place = std::find(known.begin(), known.end(), name);
        if ((answer != "yes" && answer != "no") || (at != std::string::npos && place == known.end())) {
            throw UsageError(roi::text("--header: expected yes, no, or one of them for one table, as in ",
                                       known.front(), "=no, found ", word.empty() ? "nothing" : word,
                                       "; the tables are: ", roi::joined(known, ", ")));
        }
        if (at == std::string::npos ? of_all.has_value() : out.contains(name))
            throw UsageError(roi::text("--header: what ", word, " is about is said twice"));
        if (at == std::string::npos) {
            of_all = answer == "yes";
            continue;
        }
        const auto* const table = files.maybe_nameless[static_cast<std::size_t>(place - known.begin())];
        if (table->count() == 0) throw UsageError(roi::text("--header ", word, " needs ", table->get_name()));
        out[name] = answer == "yes";
    }
    if (!of_all) return out;
    const auto given = [](const CLI::Option* table) { return table->count() > 0; };
    if (std::none_of(files.maybe_nameless.begin(), files.maybe_nameless.end(), given))
        throw UsageError(roi::text("--header is for the tables of ", roi::joined(known, ", "),
                                   known.size() > 1 ? ", of which none is given" : ", which is not given"));
    for (const auto& name : known) out.try_emplace(name, *of_all);
    return out;
}

void require_folders(const CallFiles& files) {
    for (const auto* option : files.written) {
        if (option->count() == 0) continue;
        const std::filesystem::path path = option->results().front();
        if (path == "-") continue;
        const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
        const auto refuse = [&](const std::string& problem) {
            throw roi::FileError(roi::ErrorCode::unwritable, path.string(), problem);
        };
        std::error_code error;
        if (std::filesystem::is_directory(path, error)) refuse("expected the name of a file, found a folder");
        if (!std::filesystem::exists(folder, error)) refuse("there is no such folder; make it first");
        if (!std::filesystem::is_directory(folder, error)) refuse(folder.string() + " is no folder");
        // A link may lead into another folder, which is known when the file is made.
        if (!std::filesystem::is_symlink(path, error) && ::access(folder.c_str(), W_OK | X_OK) != 0)
            refuse("no file can be made in its folder: " + std::generic_category().message(errno));
    }
}

void keep_streams(Session& session, const CallFiles& files) {
    // One byte more than a table may have shows that it is too long.
    constexpr std::uint64_t most_of_table = roi::longest_table + 1;
    for (auto* const option : files.read) {
        if (option->count() == 0) continue;
        const bool one = !option->get_positional() && option->get_items_expected_max() == 1;
        const bool table = std::find(files.tables.begin(), files.tables.end(), option) != files.tables.end();
        const auto given = option->results();
        auto kept = given;
        for (auto& path : kept) {
            if (path == "-" && !one) continue;
            path = table ? session.input(path, most_of_table) : session.input(path);
        }
        if (kept == given) continue;
        option->clear();
        for (const auto& path : kept) option->add_result(path);
        option->run_callback();
    }
}

bool are_together(const CallFiles& files) {
    int in_files = 0, printed = 0;
    for (const auto* option : files.written) {
        if (is_printed(option, files.table))
            ++printed;
        else if (option->count() > 0)
            ++in_files;
    }
    return in_files > 0 && in_files + printed > 1;
}

std::string with_files_of_grids(const std::string& message, const CallFiles& files,
                                const std::string& standard_input) {
    std::vector<std::pair<std::string, roi::Grid>> images;  // the first on each grid
    for (const auto* option : files.read) {
        for (const auto& path : option->results()) {
            const auto& file = path == "-" ? standard_input : path;
            if (!file.empty() && message.find(file) != std::string::npos) return message;
            try {
                const auto grid = roi::read_header(file, {.warning = nullptr}).grid;
                const auto known = [&](const auto& image) { return roi::same_grid(image.second, grid); };
                const auto name = path == "-" ? std::string(standard_input_name) : path;
                if (std::none_of(images.begin(), images.end(), known)) images.emplace_back(name, grid);
            } catch (const roi::Error&) {
                continue;  // a table, or a folder
            }
        }
    }
    for (const auto& [a, grid_of_a] : images) {
        for (const auto& [b, grid_of_b] : images) {
            if (&a == &b || message.find(roi::difference(grid_of_a, grid_of_b)) == std::string::npos)
                continue;
            return roi::text(a, " and ", b, ": ", message);
        }
    }
    return message;
}

}  // namespace command
