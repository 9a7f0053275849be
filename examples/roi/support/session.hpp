// One run of a subcommand: what it reads and writes, and what it says.
#pragma once

#include <roi/core/error.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "support/told_defaults.hpp"
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

/// What messages call the input `-`, and that it was asked for twice.
inline constexpr const char* standard_input_name = "standard input";
inline constexpr const char* read_once = "standard input (-) can be read only once";

/// Is it a pipe, as the `<(...)` of a shell?
[[nodiscard]] bool is_pipe(const std::string& path);

/// What a word of `--format` means.
[[nodiscard]] roi::TableFormat format_of(std::string_view word);

/// One run of one subcommand: what is common to all of them, and what it says.
class Session {
public:
    /// \param name           of the subcommand
    /// \param told_defaults  its options that were given with their defaults
    explicit Session(std::string name, std::shared_ptr<const examples::ToldDefaults> told_defaults = nullptr)
        : name_(std::move(name)), told_defaults_(std::move(told_defaults)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    int threads = 0;                    ///< --threads; 0 is the default
    bool quiet = false;                 ///< --quiet: no warnings, no progress, no remarks
    roi::TableTextOptions table_texts;  ///< --formulas, of subcommands that write tables

    std::map<std::string, bool, std::less<>> headers;  ///< --header, by the table that is meant

    bool keeps_warnings = false;  ///< are warnings for `warnings` too? Then also with --quiet

    /// Writes `roi COMMAND: warning: line` to stderr, each line once, but with --quiet.
    [[nodiscard]] roi::WarningHandler
    warning();  ///< nothing where nobody is told, for the library to ask nobody

    /// What was warned of until now, in words of a shell.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warned_; }

    /// Was an option given, be it with its default? Its `count` is 0 then, for which this is the exception: where saying so
    /// is itself an answer, such as to a warning.
    [[nodiscard]] bool was_given(const CLI::Option* option) const {
        return option->count() > 0 ||
               (told_defaults_ &&
                std::find(told_defaults_->begin(), told_defaults_->end(), option) != told_defaults_->end());
    }

    /// Says such a line.
    void warn(std::string_view line) {
        if (const auto say = warning()) say(line);
    }

    /// Writes `roi COMMAND: line` to stderr, but with --quiet: what is no warning, and not for programs.
    void remark(std::string_view line) const;

    /// Draws a bar with a count and the time left while `what` is being done, on a terminal only.
    [[nodiscard]] roi::Progress progress(std::string what);

    /// True as soon as a signal has asked the program to end.
    [[nodiscard]] static std::function<bool()> stop();

    /// The path of an input. What comes through a pipe, standard input for `-` or a named one, is kept in a file without a
    /// name, to be read as often as it has to be.
    /// \param most  bytes that are kept of it: what reads the file refuses one that is longer
    /// \throws UsageError when `-` was asked for before
    [[nodiscard]] std::string input(const std::string& path,
                                    std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

    /// Reads a table whose columns may have no names, as `--header` says.
    /// \param which  the option or argument that named it, as `Command::maybe_nameless` knows it, without dashes
    /// \param file   as `input` gives it
    /// \param asked  columns that other options name; empty words are none
    [[nodiscard]] roi::Table read_table(std::string_view which, const std::string& file,
                                        std::vector<std::string> asked = {});

    /// From here on results wait under names of their own, until `publish` gives all of them theirs, or none.
    void keep_together() { together_ = std::make_unique<roi::OutputFiles>(); }

    /// Removes results that have no name yet.
    void forget_unpublished() { together_.reset(); }

    /// Gives results that were kept together their names, once what was printed is out.
    /// \throws Error when standard output cannot be written, or a name cannot be given: files are then as they were
    void publish();

    /// Gives `write` the path to write a result to: `path` itself, or where it waits.
    void output_file(const std::string& path, const std::function<void(const std::string& path)>& write);

    /// The same of a picture beside other results: where it cannot be drawn it alone is missing, and `require_complete`
    /// says so.
    /// \param option  that asked for it
    void output_picture(std::string_view option, const std::string& path,
                        const std::function<void(const std::string& path)>& draw);

    /// \throws Error when a picture is missing; call it once all else is published
    void require_complete() const;

    /// The same as `output_file` of an image; for `-` a file without a name whose bytes then go to standard output as they are.
    void output_image(const std::string& path, const std::function<void(const std::string& path)>& write);

    /// Writes a table: to `path`, whose ending says the format, or to standard output as `format`.
    void output_table(const roi::DataTable& table, const std::string& path, const std::string& format);

    /// The file that holds what was read for `-`; empty when nothing was.
    [[nodiscard]] std::string standard_input() const;

    /// Prints one line to standard output, or to stderr where that carries an image or a table.
    void say(std::string_view line) const;

    /// Sees to it that what was printed is out, before a file replaces another.
    /// \throws Error when standard output cannot be written
    void flush() const;

    [[nodiscard]] const std::string& name() const { return name_; }
    /// What messages call a path that `input` made up: `-`.
    [[nodiscard]] std::string as_given(std::string message) const;

private:
    std::string name_;
    std::shared_ptr<const examples::ToldDefaults> told_defaults_;
    std::vector<std::string> warned_;
    std::vector<std::pair<std::string, std::string>> made_up_;  // path, what it stands for
    std::vector<int> descriptors_;
    std::unique_ptr<roi::OutputFiles> together_;
    std::string left_out_;
    bool data_on_stdout_ = false;
};

}  // namespace command
