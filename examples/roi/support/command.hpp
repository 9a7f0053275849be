// What every subcommand of `roi` shares: how options are declared, and what runs it.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/error.hpp>

#include "call_files.hpp"
#include "option_values.hpp"
#include "session.hpp"
#include "support/told_defaults.hpp"
#include "usage_error.hpp"
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

/// Wrong usage where an option was given that changes nothing in this call; one with its default counts as not given.
/// \param where  what it is for, as `is for --labels`
inline void require_effect(const CLI::Option* option, bool has_effect, const char* where) {
    if (option->count() == 0 || has_effect) return;
    throw UsageError(option->get_name() + ' ' + where);
}

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
    /// \param lists  gets the names of options that take a list of numbers
    /// \param runs   gets that of a subcommand that says `input_over_time`
    Command(CLI::App& app, std::vector<std::string>& lists, std::vector<std::string>& runs)
        : app_(&app),
          lists_(&lists),
          runs_(&runs),
          files_(std::make_shared<CallFiles>()),
          told_defaults_(examples::forget_told_defaults(app)) {}

    /// A required input image; `-` is standard input.
    CLI::Option* input(std::string& path, const char* what) const;
    /// The same of a run; of several images it is said how they become one.
    CLI::Option* input_over_time(std::string& path, const char* what) const;
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
    /// The same that the call works on: `--output` may replace it, as it may the files of the arguments.
    CLI::Option* file_worked_on(const char* name, std::string& path, const char* what) const;
    /// An option with a word, or the name of an image to read.
    CLI::Option* word_or_file(const char* name, std::string& value, const char* type, const char* what) const;
    /// An option or argument that was declared otherwise, and names tables of text to read.
    CLI::Option* tables(CLI::Option* option) const;
    /// The same of tables whose columns may have no names: `--header` says it, and `Session::read_table` heeds that.
    CLI::Option* maybe_nameless(CLI::Option* option) const;
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

    /// What the subcommand does once its options are read.
    void run(std::function<void(Session&)> body) const;

    [[nodiscard]] CLI::App& app() const { return *app_; }

private:
    CLI::Option* named_table(const char* name, std::string& path, const char* what) const;
    void formulas() const;

    CLI::Option* read(CLI::Option* option) const;

    CLI::App* app_;
    std::vector<std::string>* lists_;
    std::vector<std::string>* runs_;
    std::shared_ptr<CallFiles> files_;
    std::shared_ptr<const examples::ToldDefaults> told_defaults_;
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
    std::vector<std::string> runs_;   // subcommands that take one run
};

}  // namespace command
