#include "command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>

#include "manual.hpp"
#include "name_words.hpp"
#include "parse.hpp"
#include "support/parse_problem.hpp"
#include "support/program.hpp"
#include "support/signals.hpp"
#include "support/table_words.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

namespace command {

namespace {

CLI::Option* named_file(CLI::App& app, const char* name, std::string& path, const char* what) {
    return app.add_option(name, path, what)->type_name("FILE")->check(file_problem);
}

/// An expression or a list that begins with a minus, as in "-a * 2": several things in one word, so no option; nor is one
/// letter and what no name goes on with, as in "-a/b", but for -o and -h.
bool begins_with_minus(std::string_view word) {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-' || word[2] == '=') return false;
    return word.find_first_of(" *+(<>&|") != std::string_view::npos ||
           (word[1] != 'o' && word[1] != 'h' &&
            std::string_view("/-!").find(word[2]) != std::string_view::npos);
}

bool is_option(std::string_view word) {
    return word.size() > 1 && word[0] == '-' &&
           (word[1] == '-' || std::isalpha(static_cast<unsigned char>(word[1])) != 0);
}

/// Is there one argument beside the options, which must be given once?
bool has_one_argument(const CLI::App& command) {
    const auto arguments =
        command.get_options([](const CLI::Option* option) { return option->get_positional(); });
    return arguments.size() == 1 && arguments[0]->get_required() &&
           arguments[0]->get_items_expected_max() == 1;
}

/// Puts the argument first that an option with a list of words before it would take, as in `--events A B SIGNALS -o C`: the
/// parser sees that it is missing only where nothing stands behind it. Of several such lists that of files holds it.
/// \param words  the name of the subcommand and what follows it
void put_argument_first(const CLI::App& command, std::vector<std::string>& words) {
    if (!has_one_argument(command)) return;
    struct List {
        const CLI::Option* option;
        std::size_t last;
    };
    std::vector<List> lists;  // those of two words or more
    const auto options = command.get_options();
    for (std::size_t i = 1; i < words.size();) {
        // An argument, or what the parser will have to judge.
        if (!is_option(words[i]) || words[i] == "--") return;
        const auto name = words[i].substr(0, words[i].find('='));
        const auto known = std::find_if(options.begin(), options.end(),
                                        [&](const CLI::Option* each) { return each->check_name(name); });
        if (known == options.end()) return;
        std::size_t count = name.size() < words[i].size() ? 1 : 0;
        const auto most = static_cast<std::size_t>((*known)->get_items_expected_max());
        for (++i; i < words.size() && !is_option(words[i]); ++i, ++count) {
            if (count >= most && !(*known)->get_allow_extra_args()) break;
        }
        if (most > 1 && count > 1) lists.push_back({*known, i - 1});
    }
    if (lists.size() > 1) {
        std::erase_if(lists, [](const List& list) { return list.option->get_type_name() != "FILE"; });
    }
    if (lists.size() != 1) return;
    const auto argument = words[lists[0].last];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(lists[0].last));
    words.insert(words.begin() + 1, argument);
}

/// Opens what the caller has closed of the three standard streams: no file to write must get their numbers, or what is
/// printed would go into it. Writing to such a stream fails, as it should.
void keep_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        (void)::open("/dev/null",
                     stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY);  // the lowest number that is free
    }
}

}  // namespace

CLI::Option* Command::input(std::string& path, const char* what) const {
    return read(app_->add_option("input", path, "Image, - for standard input"))
        ->type_name(what)
        ->check(file_problem)
        ->required();
}

CLI::Option* Command::input_over_time(std::string& path, const char* what) const {
    runs_->push_back(app_->get_name());
    return input(path, what);
}

CLI::Option* Command::inputs(std::vector<std::string>& paths, const char* what) const {
    return read(app_->add_option("inputs", paths, "Images, - for standard input"))
        ->type_name(what)
        ->check(file_problem)
        ->required();
}

CLI::Option* Command::maps(const char* name, std::vector<std::string>& paths, const char* type,
                           const char* what) const {
    return read(app_->add_option(name, paths, what))->type_name(type)->check(file_problem);
}

CLI::Option* Command::output(std::string& path) const {
    return written("-o,--output", path, "Image to write; - for an uncompressed .nii on standard output")
        ->required()
        ->check(image_problem);
}

CLI::Option* Command::written_table(const char* option, std::string& path, const char* what) const {
    auto* const table = named_table(option, path, what);
    formulas();
    return table;
}

void Command::formulas() const {
    if (files_->formula_words != nullptr) return;
    files_->formula_words = examples::add_formulas(*app_, files_->formulas);
}

CLI::Option* Command::named_table(const char* option, std::string& path, const char* what) const {
    auto* const table = written(option, path, what);
    files_->written_tables.push_back(table);
    return table->check([](const std::string& name) {
        try {
            if (name == "-") return std::string();
            (void)roi::table_format_of(name);
            // A name that says nothing of what is in a table is a slip; the library takes .txt.
            auto plain = in_small_letters(name);
            if (plain.ends_with(".gz")) plain.resize(plain.size() - 3);
            return plain.ends_with(".txt")
                       ? roi::text("expected a name that ends in .tsv, .csv or .json, found ", name)
                       : std::string();
        } catch (const roi::Error& error) {
            return std::string(error.what());
        }
    });
}

void Command::output_table(std::string& path, std::string& format) const {
    files_->table =
        named_table("-o,--output", path, "Table to write: .tsv, .csv or .json; standard output without it");
    choice("--format", format, {"tsv", "csv", "json"},
           "Format on standard output; that of a file is its ending");
    formulas();
}

CLI::Option* Command::read(CLI::Option* option) const {
    files_->read.push_back(option);
    if (option->get_positional()) files_->worked_on.push_back(option);
    return option;
}

CLI::Option* Command::file(const char* name, std::string& path, const char* what) const {
    return read(named_file(*app_, name, path, what));
}

CLI::Option* Command::file_worked_on(const char* name, std::string& path, const char* what) const {
    auto* const option = file(name, path, what);
    files_->worked_on.push_back(option);
    return option;
}

CLI::Option* Command::word_or_file(const char* name, std::string& value, const char* type,
                                   const char* what) const {
    auto* const option = text(name, value, type, what);
    files_->words_or_files.push_back(option);
    return option;
}

CLI::Option* Command::table(const char* name, std::string& path, const char* what) const {
    return tables(named_file(*app_, name, path, what));
}

CLI::Option* Command::tables(CLI::Option* option) const {
    files_->tables.push_back(option);
    return read(option);
}

CLI::Option* Command::maybe_nameless(CLI::Option* option) const {
    files_->maybe_nameless.push_back(option);
    if (files_->header != nullptr) return option;
    files_->header = app_->add_option("--header", files_->header_words)
                         ->type_name("[TABLE=]yes|no")
                         ->delimiter(',')
                         ->expected(1)
                         ->allow_extra_args(false)
                         ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return option;
}

CLI::Option* Command::written(const char* name, std::string& path, const char* what) const {
    files_->written.push_back(named_file(*app_, name, path, what));
    return files_->written.back();
}

CLI::Option* Command::numbers(const char* name, std::vector<double>& values, const char* unit,
                              const char* what) const {
    const auto read = [&values](const CLI::results_t& words) {
        values.clear();
        for (const auto& word : words) {
            for (const auto part : list_parts(word)) {
                double value = 0.0;
                const std::string digits(part);
                if (digits.find_first_of("xX") != std::string::npos || overflows(digits) ||
                    !CLI::detail::lexical_cast(digits, value))
                    return false;
                values.push_back(value);
            }
        }
        return !values.empty();
    };
    lists_->emplace_back(name);
    return app_->add_option(name, read, what)
        ->type_name(unit)
        ->expected(1)
        ->default_str(roi::joined(values, ","));
}

CLI::Option* Command::ranges(const char* name, std::string& value, const char* what) const {
    lists_->emplace_back(name);
    return app_->add_option(name, value, what)->type_name("0,2,5-9")->check([](const std::string& word) {
        return word.empty() ? std::string("expected whole numbers and ranges such as 0,2,5-9, found nothing")
                            : std::string();
    });
}

CLI::Option* Command::text(const char* name, std::string& value, const char* type, const char* what) const {
    auto* const option = app_->add_option(name, value, what)->type_name(type)->default_str(value);
    // Only a text that is shown may be none.
    if (std::string_view(type) == "TEXT") return option;
    return option->check([](const std::string& word) {
        return word.empty() ? std::string("expected a value, found nothing") : std::string();
    });
}

CLI::Option* Command::choice(const char* name, std::string& value, const std::vector<std::string>& words,
                             const char* what) const {
    return app_->add_option(name, value, what)->check(CLI::IsMember(words))->default_str(value);
}

CLI::Option* Command::flag(const char* name, bool& value, const char* what) const {
    return app_->add_flag(name, value, what);
}

void Command::run(std::function<void(Session&)> body) const {
    // What must be given has no default.
    const CLI::Option* format = nullptr;
    for (auto* option : app_->get_options()) {
        if (option->get_required()) option->default_str("");
        if (option->get_name() == "--format") format = option;
    }
    if (files_->header != nullptr) {
        std::vector<std::string> names;
        for (const auto* const table : files_->maybe_nameless) names.push_back(plain_name(*table));
        files_->header->description(roi::text(
            "Do first lines of tables name the columns? Of all (", roi::joined(names, ", "),
            ") or of one, as in ", names.front(),
            "=no; unless told the lines decide, and numbers that may be either are an error; columns "
            "without names are column_1, column_2, ..."));
    }
    auto session = std::make_shared<Session>(app_->get_name(), told_defaults_);
    app_->add_option("--threads", session->threads,
                     "Number of threads, 0 for one per processor; same results")
        ->check(CLI::Range(0, 1024))
        ->type_name("N");
    app_->add_flag("--quiet", session->quiet, "No warnings, no progress, no remarks");
    app_->final_callback([session, format, files = files_, body = std::move(body)] {
        require_consistent(*files, format);
        roi::set_threads(session->threads);
        session->table_texts.formulas = files->formulas;
        session->headers = headers_of(*files);
        try {
            require_folders(*files);
            (void)roi::threads();  // what ROI_THREADS says is wrong for every subcommand or for none
            // Before a signal ends the program, which ends without destructors.
            const struct AtEnd {
                Session& session;
                ~AtEnd() { session.forget_unpublished(); }
            } at_end{*session};
            keep_streams(*session, *files);
            if (are_together(*files)) session->keep_together();
            body(*session);
            session->publish();
            session->require_complete();
        } catch (const UsageError&) {
            throw;
        } catch (const roi::GridMismatch& error) {
            const auto what = examples::for_a_shell(error.what());
            throw roi::Error(error.code(),
                             session->as_given(with_files_of_grids(what, *files, session->standard_input())));
        } catch (const roi::FileError& error) {
            throw roi::Error(error.code(), examples::in_words_of_a_shell(session->as_given(error.what())));
        } catch (const roi::Error& error) {
            throw roi::Error(error.code(), examples::for_a_shell(session->as_given(error.what())));
        }
    });
}

Cli::Cli()
    : app_("Regions of interest in brain images: every function of the library roi for a shell.", "roi") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string("roi ") + roi::version);
    app_.footer(
        "roi COMMAND --help says what a command takes.\n"
        "Images are .nii, .nii.gz, .hdr with .img, and to read .mgh and .mgz; - is standard input, of tables "
        "too, -o - standard output.\n"
        "Exit status: 0 done, 1 unusable data or files, 2 wrong usage.");
}

Command Cli::declare(const char* name, const char* group, const char* what) {
    auto* app = app_.add_subcommand(name, what);
    app->group(group);
    return {*app, lists_, runs_};
}

int Cli::run(int argc, char** argv) {
    keep_standard_streams();
    examples::watch_signals();
    // Lists of numbers may be several words: those that follow an option of numbers are joined to one.
    std::vector<std::string> words(argv + 1, argv + argc);
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool negated = words[0] == "math" && words[i].size() == 2 && words[i][0] == '-' &&
                             words[i][1] >= 'a' && words[i][1] <= 'z' && words[i] != "-o" && words[i] != "-h";
        const bool value = negated || (begins_with_minus(words[i]) && !looks_like_numbers(words[i]));
        joined.push_back((value ? " " : "") + words[i]);
        if (std::find(lists_.begin(), lists_.end(), words[i]) == lists_.end()) continue;
        std::string list;
        for (; i + 1 < words.size() && looks_like_numbers(words[i + 1]); ++i) {
            list += list.empty() ? words[i + 1] : " " + words[i + 1];
        }
        if (list.empty()) continue;
        // In one word with its option, so that a list which begins with a minus is no option.
        joined.back() += "=" + list;
    }
    const auto all = app_.get_subcommands([](CLI::App*) { return true; });
    const auto first = std::find_if(all.begin(), all.end(), [&](const CLI::App* app) {
        return !joined.empty() && app->get_name() == joined[0];
    });
    if (first != all.end()) put_argument_first(**first, joined);
    std::reverse(joined.begin(), joined.end());

    std::string who = "roi";
    const auto named = std::find_if(words.begin(), words.end(),
                                    [](const auto& word) { return !word.empty() && word.front() != '-'; });
    if (named != words.end() &&
        std::any_of(all.begin(), all.end(), [&](const CLI::App* app) { return app->get_name() == *named; })) {
        who += " " + *named;
    }
    const auto complained = [&](Status status, std::string_view message) {
        if (const int number = examples::caught_signal()) examples::end_by_signal(number);
        examples::complain(who, message);
        return status;
    };
    const std::string hint = " (--help lists the options)";
    try {
        // Not among the options, because they are for whoever installs the program.
        if (words.size() == 1 && words[0] == "--man") {
            std::fputs(manual_page(app_).c_str(), stdout);
        } else if (words.size() == 2 && words[0] == "--completion") {
            std::fputs(completion(app_, words[1]).c_str(), stdout);
        } else {
            app_.parse(joined);
        }
        if (const int number = examples::caught_signal()) examples::end_by_signal(number);
        const auto problem = examples::stdout_problem();
        return problem.empty() ? done : complained(failed, problem);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            const int status = app_.exit(error);
            const auto problem = examples::stdout_problem();
            return problem.empty() ? status : complained(failed, problem);
        }
        if (who == "roi" && named != words.end()) {
            return complained(wrong_usage,
                              roi::text("there is no command \"", *named, "\" (--help lists the commands)"));
        }
        const auto more = app_.remaining(true);
        if (named != words.end() && std::find(runs_.begin(), runs_.end(), *named) != runs_.end() &&
            !more.empty() && std::all_of(more.begin(), more.end(), [](const auto& word) {
                return image_problem(word).empty();
            })) {
            return complained(wrong_usage, roi::text("expected one run, found ", more.size() + 1,
                                                     " images; roi concat IMAGE... -o - | roi ", *named,
                                                     " - takes them as one", hint));
        }
        return complained(wrong_usage, examples::parse_problem(app_, error) + hint);
    } catch (const UsageError& error) {
        return complained(wrong_usage, examples::for_a_shell(error.what()) + hint);
    } catch (const std::bad_alloc&) {
        return complained(failed, "not enough memory");
    } catch (const std::exception& error) {
        return complained(failed, error.what());
    }
}

}  // namespace command
