// What every subcommand of `roi` shares: how options are declared, and what runs it.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/error.hpp>
#include <roi/io/output_folder.hpp>
#include <roi/table/data_table.hpp>

#include "usage_error.hpp"
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace command {

/// Exit statuses of the program.
enum Status : int { done = 0, failed = 1, wrong_usage = 2 };

/// What `make` returns; what it cannot be made of is wrong usage: for values that come from options alone.
template <class Make>
auto from_options(Make&& make) {
    try {
        return make();
    } catch (const roi::InvalidArgument& error) {
        throw UsageError(error.what());
    }
}

/// One run of one subcommand: what is common to all of them, and what it says.
class Session {
public:
    explicit Session(std::string name) : name_(std::move(name)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    int threads = 0;                    ///< --threads; 0 is the default
    bool quiet = false;                 ///< --quiet: no warnings, no progress, no remarks
    roi::TableTextOptions table_texts;  ///< --formulas, of subcommands that write tables

    bool keeps_warnings = false;  ///< are warnings for `warnings` too? Then also with --quiet

    /// Writes `roi COMMAND: warning: line` to stderr, each line once, but with --quiet.
    [[nodiscard]] roi::WarningHandler
    warning();  ///< nothing where nobody is told, for the library to ask nobody

    /// What was warned of until now, in words of a shell.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warned_; }

    /// Says such a line.
    void warn(std::string_view line) {
        if (const auto say = warning()) say(line);
    }

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

    /// From here on results wait under names of their own, until `publish` gives all of them theirs, or none.
    void keep_together() { together_ = std::make_unique<roi::OutputFiles>(); }

    /// Removes results that have no name yet.
    void forget_unpublished() { together_.reset(); }

    /// Gives results that were kept together their names, once what was printed is out.
    /// \throws Error when standard output cannot be written, or a name cannot be given: files are then as they were
    void publish();

    /// Gives `write` the path to write a result to: `path` itself, or where it waits.
    void output_file(const std::string& path, const std::function<void(const std::string& path)>& write);

    /// The same of an image; for `-` a file without a name whose bytes then go to standard output as they are.
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
    std::vector<std::string> warned_;
    std::vector<std::pair<std::string, std::string>> made_up_;  // path, what it stands for
    std::vector<int> descriptors_;
    std::unique_ptr<roi::OutputFiles> together_;
    bool data_on_stdout_ = false;
};

/// What is wrong with the name of an image to write; empty where nothing is. A check of the parser.
[[nodiscard]] std::string image_problem(const std::string& name);

/// Checks of numbers that say what was expected.
[[nodiscard]] CLI::Validator at_least_zero();
[[nodiscard]] CLI::Validator above_zero();
[[nodiscard]] CLI::Validator any_number();  ///< a finite one

/// Takes the zeros off that a whole number begins with; what is wrong with hexadecimal and binary ones, empty for other words.
[[nodiscard]] std::string in_decimals(std::string& word);

/// What is wrong with "nan" where a number is asked for; empty for other words.
[[nodiscard]] std::string not_a_number(const std::string& word);

/// The same where a whole number is asked for, and with fractions.
[[nodiscard]] std::string not_a_whole_number(const std::string& word);

/// Declares one subcommand; `Options` are the values its options are read into.
///
///     void add_binarize(Cli& cli) {
///         struct Options { std::string input, output; double value = 0.0; };
///         auto [command, options] = cli.add<Options>("binarize", "Masks and regions", "What reaches a value, as a mask");
///         command.input(options->input, "MAP");
///         command.number("--value", options->value, "X", "Smallest value that counts");
///         command.output(options->output);
///         command.run([options](Session& session) { ... });
///     }
class Command {
public:
    Command(CLI::App& app, std::vector<std::string>& lists)
        : app_(&app), lists_(&lists), files_(std::make_shared<Files>()) {}

    /// A required input image; `-` is standard input.
    CLI::Option* input(std::string& path, const char* what) const;
    /// One or more required input images.
    CLI::Option* inputs(std::vector<std::string>& paths, const char* what) const;
    /// Maps of subjects: the name of an option, or that of the arguments.
    CLI::Option* maps(const char* name, std::vector<std::string>& paths, const char* type,
                      const char* what) const;
    /// `-o, --output FILE`, an image; `-` is standard output.
    CLI::Option* output(std::string& path) const;
    /// `-o, --output FILE` and `--format`, a table; without a file it goes to standard output.
    void output_table(std::string& path, std::string& format) const;
    /// An option that names an image to read.
    CLI::Option* file(const char* name, std::string& path, const char* what) const;
    /// An option that names a table of text to read.
    CLI::Option* table(const char* name, std::string& path, const char* what) const;
    /// An option or argument that was declared otherwise, and names tables of text to read.
    CLI::Option* tables(CLI::Option* option) const;
    /// An option that names a file to write, another than those of all other options to write.
    CLI::Option* written(const char* name, std::string& path, const char* what) const;
    /// The same of a table, whose ending says the format; and `--formulas`, once.
    CLI::Option* written_table(const char* name, std::string& path, const char* what) const;
    /// An option with one number.
    template <class Number>
    CLI::Option* number(const char* name, Number& value, const char* unit, const char* what) const {
        constexpr bool whole =
            std::is_integral_v<Number> || std::is_same_v<Number, std::optional<std::int64_t>>;
        return app_->add_option(name, value, what)
            ->type_name(unit)
            ->capture_default_str()
            ->transform(CLI::Validator(in_decimals, ""))
            ->check(CLI::Validator(
                [](const std::string& word) { return whole ? not_a_whole_number(word) : not_a_number(word); },
                ""));
    }
    /// An option with a list of numbers, separated by commas or blanks, in one word or several.
    CLI::Option* numbers(const char* name, std::vector<double>& values, const char* unit,
                         const char* what) const;
    CLI::Option* text(const char* name, std::string& value, const char* type, const char* what) const;
    /// An option with whole numbers and ranges as in `0,2,5-9`, for `indices` of parse.hpp.
    CLI::Option* ranges(const char* name, std::string& value, const char* what) const;
    /// An option with one of several words.
    CLI::Option* choice(const char* name, std::string& value, const std::vector<std::string>& words,
                        const char* what) const;
    CLI::Option* flag(const char* name, bool& value, const char* what) const;

    /// No result may replace a file that is read, but `--output` the image that it is made of.
    void keep_inputs() const { files_->kept = true; }

    /// What the subcommand does once its options are read.
    void run(std::function<void(Session&)> body) const;

    [[nodiscard]] CLI::App& app() const { return *app_; }

private:
    CLI::Option* named_table(const char* name, std::string& path, const char* what) const;
    void formulas() const;

    /// The options that name files.
    struct Files {
        std::vector<CLI::Option*> read, written;
        std::vector<const CLI::Option*> tables;          // of those that are read
        std::vector<const CLI::Option*> written_tables;  // of those that are written
        const CLI::Option* formula_words = nullptr;      // --formulas, where tables are written
        const CLI::Option* table = nullptr;              // printed where it is not given
        roi::Formulas formulas = roi::Formulas::keep;
        bool kept = false;
    };

    CLI::Option* read(CLI::Option* option) const;

    CLI::App* app_;
    std::vector<std::string>* lists_;
    std::shared_ptr<Files> files_;
};

/// The whole command line; each `add_...` of commands.hpp declares its subcommand on it.
class Cli {
public:
    Cli();

    /// \param name   of the subcommand
    /// \param group  under which `roi --help` lists it
    /// \param what   one sentence for --help
    template <class Options>
    [[nodiscard]] std::pair<Command, std::shared_ptr<Options>> add(const char* name, const char* group,
                                                                   const char* what) {
        return {declare(name, group, what), std::make_shared<Options>()};
    }

    /// Parses and runs; returns the exit status.
    int run(int argc, char** argv);

    [[nodiscard]] CLI::App& app() { return app_; }

private:
    [[nodiscard]] Command declare(const char* name, const char* group, const char* what);

    CLI::App app_;
    std::vector<std::string> lists_;  // options that take a list of numbers
};

}  // namespace command
