// The files that one call of a subcommand reads and writes, by the options that name them.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/table/data_table.hpp>

#include "session.hpp"
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace command {

/// The options that name files.
struct CallFiles {
    std::vector<CLI::Option*> read, written;
    std::vector<const CLI::Option*> tables;          // of those that are read
    std::vector<const CLI::Option*> maybe_nameless;  // of those, whose columns may have no names
    CLI::Option* header = nullptr;                   // --header, where there are such
    std::vector<std::string> header_words;           // that it was given
    std::vector<const CLI::Option*> written_tables;  // of those that are written
    const CLI::Option* formula_words = nullptr;      // --formulas, where tables are written
    const CLI::Option* table = nullptr;              // printed where it is not given
    roi::Formulas formulas = roi::Formulas::keep;
    std::vector<const CLI::Option*> words_or_files;  // that name a file to read, or something else by a word
    std::vector<const CLI::Option*> worked_on;       // whose files `--output` may replace
};

/// Looks at names alone: no result replaces another, what is printed, or a file that is read, but `--output` the one that is
/// worked on; and standard input is read once.
/// \param format  `--format`, or nothing
/// \throws UsageError
void require_consistent(const CallFiles& files, const CLI::Option* format);

/// What `--header` and messages call an option or argument: its name without dashes.
[[nodiscard]] std::string plain_name(const CLI::Option& option);

/// What `--header` says of each table that is read: does its first line name the columns?
/// \throws UsageError for other words, and for a table that is not given
[[nodiscard]] std::map<std::string, bool, std::less<>> headers_of(const CallFiles& files);

/// What cannot be written is said before anything is calculated.
/// \throws roi::FileError
void require_folders(const CallFiles& files);

/// Puts the names of files that hold what came through them in the place of pipes: in options that take one file also in
/// that of `-`, in the place of which arguments have it read when they are.
void keep_streams(Session& session, const CallFiles& files);

/// Does the subcommand give more than one result, of which a file is one?
[[nodiscard]] bool are_together(const CallFiles& files);

/// What is wrong with two grids, after the names of the first two images that are read and lie on them.
/// \param standard_input  what was read for `-`; empty when nothing was
[[nodiscard]] std::string with_files_of_grids(const std::string& message, const CallFiles& files,
                                              const std::string& standard_input);

}  // namespace command
