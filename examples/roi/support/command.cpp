#include "command.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <roi/core/encoding.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>
#include <roi/image/grid.hpp>
#include <roi/io/read_header.hpp>
#include <roi/io/save.hpp>
#include <roi/table/table.hpp>

#include "manual.hpp"
#include "parse.hpp"
#include "support/parse_problem.hpp"
#include "support/signals.hpp"
#include "support/table_words.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <limits>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

namespace command {

namespace {

void complain(std::string_view who, std::string_view message) {
    const auto line = roi::text(who, ": ", roi::visible_text(message), "\n");
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

/// Writes out what was printed; what is wrong where that cannot be done.
std::string stdout_problem() {
    if (std::fflush(stdout) != 0) {
        return "standard output cannot be written: " + std::generic_category().message(errno);
    }
    // What did not fit in the buffer was lost before.
    return std::ferror(stdout) != 0 ? "standard output cannot be written: some of it was lost" : "";
}

/// A file without a name: it vanishes with the program, however that ends.
int nameless_file() {
    const char* folder = std::getenv("TMPDIR");
    int file = ::open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) file = ::memfd_create("roi", MFD_CLOEXEC);
    if (file < 0) {
        throw roi::Error(roi::ErrorCode::unwritable,
                         "no temporary file can be made: " + std::generic_category().message(errno));
    }
    return file;
}

/// \param most  bytes, behind which reading ends
void copy_bytes(int from, int to, const std::string& what,
                std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    std::vector<char> buffer(std::size_t{1} << 18);
    for (;;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, buffer.size()));
        const auto count = ::read(from, buffer.data(), wanted);
        most -= static_cast<std::uint64_t>(std::max<ssize_t>(count, 0));
        if (count == 0) return;
        if (count < 0 && errno == EINTR) continue;
        for (ssize_t written = 0; count > 0 && written < count;) {
            const auto now = ::write(to, buffer.data() + written, static_cast<std::size_t>(count - written));
            if (now < 0 && errno != EINTR) {
                throw roi::Error(
                    roi::ErrorCode::unwritable,
                    roi::text(what, " cannot be written: ", std::generic_category().message(errno)));
            }
            written += std::max<ssize_t>(now, 0);
        }
        if (count < 0) {
            throw roi::Error(roi::ErrorCode::unreadable,
                             roi::text(what, " cannot be read: ", std::generic_category().message(errno)));
        }
        if (examples::caught_signal() != 0) return;
    }
}

constexpr const char* read_once = "standard input (-) can be read only once";
constexpr const char* standard_input_name = "standard input";

/// Is it a pipe, as the `<(...)` of a shell?
bool is_pipe(const std::string& path) {
    std::error_code missing;
    return std::filesystem::is_fifo(path, missing);
}

/// What is wrong with two grids, after the names of the first two images that are read and lie on them.
/// \param standard_input  what was read for `-`; empty when nothing was
std::string with_files_of_grids(const std::string& message, const std::vector<CLI::Option*>& read,
                                const std::string& standard_input) {
    std::vector<std::pair<std::string, roi::Grid>> images;  // the first on each grid
    for (const auto* option : read) {
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

/// Draws how far something has come; the line vanishes at the end.
class Bar {
public:
    explicit Bar(std::string what) : what_(std::move(what)) {}
    Bar(const Bar&) = delete;
    Bar& operator=(const Bar&) = delete;
    ~Bar() { clear(); }

    void draw(std::int64_t finished, std::int64_t total) {
        const auto percent = static_cast<int>(total > 0 ? finished * 100 / total : 100);
        if (percent == 100) return clear();
        if (percent == percent_) return;
        percent_ = percent;
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        const auto left =
            finished > 0 ? static_cast<std::int64_t>(spent.count() * static_cast<double>(total - finished) /
                                                     static_cast<double>(finished))
                         : 0;
        const std::string bar(static_cast<std::size_t>(percent * 30 / 100), '#');
        std::fprintf(stderr, "\r%s [%-30s] %lld of %lld, %lld s left \033[K", what_.c_str(), bar.c_str(),
                     static_cast<long long>(finished), static_cast<long long>(total),
                     static_cast<long long>(left));
        std::fflush(stderr);
    }

private:
    void clear() {
        if (percent_ >= 0) std::fputs("\r\033[K", stderr);
        percent_ = -1;
    }

    std::string what_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    int percent_ = -1;  // what is drawn now; -1 is nothing
};

bool is_number(std::string_view word) {
    return !word.empty() && word.find_first_of("0123456789") != std::string_view::npos &&
           word.find_first_not_of("0123456789+-.eE,") == std::string_view::npos;
}

/// An expression or a list that begins with a minus, as in "-a * 2": several things in one word, so no option; nor is one
/// letter and what no name goes on with, as in "-a/b", but for -o and -h.
bool begins_with_minus(std::string_view word) {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-' || word[2] == '=') return false;
    return word.find_first_of(" *+(<>&|") != std::string_view::npos ||
           (word[1] != 'o' && word[1] != 'h' &&
            std::string_view("/-!").find(word[2]) != std::string_view::npos);
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

/// The file that says where the voxels of an image are: a header in place of the voxels beside it.
std::filesystem::path described_by(const std::string& path) {
    for (const std::string_view end : {".img", ".img.gz"}) {
        if (!path.ends_with(end)) continue;
        return path.substr(0, path.size() - end.size()) + ".hdr" + std::string(end.substr(4));
    }
    return path;
}

roi::TableFormat format_of(std::string_view word) {
    return word == "csv"    ? roi::TableFormat::csv
           : word == "json" ? roi::TableFormat::json
                            : roi::TableFormat::tsv;
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

bool same_file(const std::string& one, const std::string& other) {
    const auto a = described_by(one), b = described_by(other);
    std::error_code missing;
    return a.lexically_normal() == b.lexically_normal() || std::filesystem::equivalent(a, b, missing);
}

/// A result must not replace what it is made of: a slip of the pen would lose it. One image may be worked on in place.
void require_kept_inputs(const std::vector<CLI::Option*>& read, const std::vector<CLI::Option*>& written) {
    for (const auto* output : written) {
        if (output->count() == 0 || output->results().front() == "-") continue;
        const auto& name = output->results().front();
        for (const auto* input : read) {
            if (input->get_name() == "input" && output->check_lname("output")) continue;
            for (const auto& file : input->results()) {
                if (!same_file(name, file)) continue;
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

/// Does the subcommand give more than one result, of which a file is one?
bool are_together(const std::vector<CLI::Option*>& written, const CLI::Option* table) {
    int files = 0, printed = 0;
    for (const auto* option : written) {
        if (is_printed(option, table))
            ++printed;
        else if (option->count() > 0)
            ++files;
    }
    return files > 0 && files + printed > 1;
}

/// What is wrong with the name of a file, as of a variable of a shell that is not set.
std::string file_problem(const std::string& name) {
    return name.empty() ? "expected a name, found an empty text" : "";
}

CLI::Option* named_file(CLI::App& app, const char* name, std::string& path, const char* what) {
    return app.add_option(name, path, what)->type_name("FILE")->check(file_problem);
}

/// Is it a number in digits that double takes for an infinite one?
bool overflows(const std::string& word) {
    double value = 0.0;
    return word.find_first_of("0123456789") != std::string::npos && CLI::detail::lexical_cast(word, value) &&
           std::isinf(value);
}

/// A check of numbers that says what was expected; an infinite one is none.
template <class Fits>
CLI::Validator finite_number(Fits fits, const char* expected) {
    return CLI::Validator(
        [fits, expected](std::string& word) {
            double value = 0.0;
            const bool read = CLI::detail::lexical_cast(word, value);
            if (read && fits(value) && std::isfinite(value)) return std::string();
            const bool infinite = read && std::isinf(value) && fits(value);
            return roi::text("expected ", expected, infinite ? ", and finite" : "", ", found ", word);
        },
        "");
}

/// What cannot be written is said before anything is calculated.
void require_folders(const std::vector<CLI::Option*>& written) {
    for (const auto* option : written) {
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
        // A link may lead into another folder, which is known when the file is made.
        if (!std::filesystem::is_symlink(path, error) && ::access(folder.c_str(), W_OK | X_OK) != 0)
            refuse("no file can be made in its folder: " + std::generic_category().message(errno));
    }
}

}  // namespace

roi::WarningHandler Session::warning() {
    if (quiet && !keeps_warnings) return nullptr;
    return [this](std::string_view line) {
        auto message = examples::for_a_shell(as_given(std::string(line)));
        if (std::find(warned_.begin(), warned_.end(), message) != warned_.end()) return;
        if (!quiet) complain(roi::text("roi ", name_, ": warning"), message);
        warned_.push_back(std::move(message));
    };
}

roi::Progress Session::progress(std::string what) {
    if (quiet || ::isatty(STDERR_FILENO) != 1) return nullptr;
    auto bar = std::make_shared<Bar>(std::move(what));
    return [bar](std::int64_t finished, std::int64_t total) { bar->draw(finished, total); };
}

std::function<bool()> Session::stop() {
    return [] { return examples::caught_signal() != 0; };
}

std::string Session::input(const std::string& path, std::uint64_t most) {
    const bool standard = path == "-";
    if (!standard && !is_pipe(path)) return path;
    const std::string name = standard ? standard_input_name : path;
    for (const auto& [kept, what] : made_up_) {
        if (what != name) continue;
        if (standard) throw UsageError(read_once);
        return kept;
    }
    const int from = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        throw roi::FileError(roi::ErrorCode::unreadable, path,
                             "cannot be opened: " + std::generic_category().message(errno));
    }
    if (!standard) descriptors_.push_back(from);
    const int file = nameless_file();
    descriptors_.push_back(file);
    copy_bytes(from, file, name, most);
    made_up_.emplace_back(roi::text("/proc/self/fd/", file), name);
    return made_up_.back().first;
}

std::string Session::standard_input() const {
    for (const auto& [path, name] : made_up_) {
        if (name == standard_input_name) return path;
    }
    return {};
}

void Session::publish() {
    if (!together_ || examples::caught_signal() != 0) return;
    flush();
    together_->publish();
}

void Session::output_file(const std::string& path,
                          const std::function<void(const std::string& path)>& write) {
    if (!together_) return write(path);
    auto waiting = together_->add(path);
    made_up_.emplace_back(waiting, path);
    write(waiting);
}

void Session::output_image(const std::string& path,
                           const std::function<void(const std::string& path)>& write) {
    if (path != "-") return output_file(path, write);
    data_on_stdout_ = true;
    if (::isatty(STDOUT_FILENO) == 1) {
        throw UsageError(
            "-o -: standard output is a terminal, which does not show images; pipe it somewhere");
    }
    // An image is written under a name of its own first, so that a failure leaves nothing half written in the pipe.
    std::string folder = "/tmp/roi-XXXXXX";
    if (const char* wanted = std::getenv("TMPDIR"); wanted && *wanted)
        folder = roi::text(wanted, "/roi-XXXXXX");
    if (::mkdtemp(folder.data()) == nullptr) {
        throw roi::Error(
            roi::ErrorCode::unwritable,
            roi::text(folder, ": no temporary folder can be made: ", std::generic_category().message(errno)));
    }
    const auto file = folder + "/image.nii";
    const auto remove = [&] {
        (void)::unlink(file.c_str());
        (void)::rmdir(folder.c_str());
    };
    try {
        write(file);
        const int written = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        remove();  // the bytes stay until the descriptor is closed
        descriptors_.push_back(written);
        copy_bytes(written, STDOUT_FILENO, "standard output");
    } catch (...) {
        remove();
        throw;
    }
}

void Session::output_table(const roi::DataTable& table, const std::string& path, const std::string& format) {
    if (!path.empty() && path != "-") {
        return output_file(path,
                           [&](const std::string& file) { roi::write_table(table, file, table_texts); });
    }
    data_on_stdout_ = true;
    const auto write = [](std::string_view piece) {
        (void)std::fwrite(piece.data(), 1, piece.size(), stdout);
    };
    roi::format_table(table, format_of(format), write, table_texts);
}

void Session::say(std::string_view line) const {
    const auto out = roi::visible_text(line) + "\n";
    (void)std::fwrite(out.data(), 1, out.size(), data_on_stdout_ ? stderr : stdout);
}

void Session::flush() const {
    if (const auto problem = stdout_problem(); !problem.empty()) {
        throw roi::Error(roi::ErrorCode::unwritable, problem);
    }
}

std::string Session::as_given(std::string message) const {
    for (const auto& [path, name] : made_up_) {
        for (auto at = message.find(path); at != std::string::npos;
             at = message.find(path, at + name.size())) {
            message.replace(at, path.size(), name);
        }
    }
    return message;
}

CLI::Option* Command::input(std::string& path, const char* what) const {
    return read(app_->add_option("input", path, "Image, - for standard input"))
        ->type_name(what)
        ->check(file_problem)
        ->required();
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
            auto plain = CLI::detail::to_lower(name);
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
    return option;
}

CLI::Option* Command::file(const char* name, std::string& path, const char* what) const {
    return read(named_file(*app_, name, path, what));
}

CLI::Option* Command::table(const char* name, std::string& path, const char* what) const {
    return tables(named_file(*app_, name, path, what));
}

CLI::Option* Command::tables(CLI::Option* option) const {
    files_->tables.push_back(option);
    return read(option);
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

namespace {

/// Puts the names of files that hold what came through them in the place of pipes: in options that take one file also in
/// that of `-`, in the place of which arguments have it read when they are.
void keep_streams(Session& session, const std::vector<CLI::Option*>& options,
                  const std::vector<const CLI::Option*>& tables) {
    // One byte more than a table may have shows that it is too long.
    constexpr std::uint64_t most_of_table = roi::longest_table + 1;
    for (auto* const option : options) {
        if (option->count() == 0) continue;
        const bool one = !option->get_positional() && option->get_items_expected_max() == 1;
        const bool table = std::find(tables.begin(), tables.end(), option) != tables.end();
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

void Command::run(std::function<void(Session&)> body) const {
    // What must be given has no default.
    const CLI::Option* format = nullptr;
    for (auto* option : app_->get_options()) {
        if (option->get_required()) option->default_str("");
        if (option->get_name() == "--format") format = option;
    }
    auto session = std::make_shared<Session>(app_->get_name());
    app_->add_option("--threads", session->threads,
                     "Number of threads, 0 for one per processor; same results")
        ->check(CLI::Range(0, 1024))
        ->type_name("N");
    app_->add_flag("--quiet", session->quiet, "No warnings, no progress, no remarks");
    app_->final_callback([session, format, files = files_, body = std::move(body)] {
        const auto& written = files->written;
        require_different_files(written);
        require_one_printed(written, files->table);
        if (files->kept) require_kept_inputs(files->read, written);
        require_one_standard_input(files->read);
        require_table(files->formula_words, files->written_tables, files->table);
        if (format != nullptr && format->count() > 0) require_format(format->results().front(), written);
        roi::set_threads(session->threads);
        session->table_texts.formulas = files->formulas;
        try {
            require_folders(written);
            (void)roi::threads();  // what ROI_THREADS says is wrong for every subcommand or for none
            // Before a signal ends the program, which ends without destructors.
            const struct AtEnd {
                Session& session;
                ~AtEnd() { session.forget_unpublished(); }
            } at_end{*session};
            keep_streams(*session, files->read, files->tables);
            if (are_together(written, files->table)) session->keep_together();
            body(*session);
            session->publish();
        } catch (const UsageError&) {
            throw;
        } catch (const roi::GridMismatch& error) {
            const auto what = examples::for_a_shell(error.what());
            throw roi::Error(error.code(), session->as_given(with_files_of_grids(what, files->read,
                                                                                 session->standard_input())));
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
        "Images are .nii, .nii.gz, .hdr with .img; - is standard input, of tables too, -o - standard "
        "output.\n"
        "Exit status: 0 done, 1 unusable data or files, 2 wrong usage.");
}

Command Cli::declare(const char* name, const char* group, const char* what) {
    auto* app = app_.add_subcommand(name, what);
    app->group(group);
    return {*app, lists_};
}

std::string image_problem(const std::string& name) {
    if (name == "-" || roi::is_image_name(name)) return {};
    return roi::text("expected a name that ends in .nii, .nii.gz, .hdr or .img, or -, found ", name);
}

CLI::Validator at_least_zero() {
    return finite_number([](double value) { return value >= 0.0; }, "0 or more");
}

CLI::Validator above_zero() {
    return finite_number([](double value) { return value > 0.0; }, "a number above 0");
}

CLI::Validator any_number() {
    return finite_number([](double) { return true; }, "a number");
}

std::string in_decimals(std::string& word) {
    // The parser takes 0x10 for 16, and 010 for 8 where a whole number is asked for.
    const auto digits = word.find_first_not_of("+-");
    if (digits == std::string::npos || word[digits] != '0') return {};
    if (word.find_first_of("xXbB") != std::string::npos)
        return "expected a number in decimals, found " + word;
    const auto first = word.find_first_not_of('0', digits);
    const bool followed = first != std::string::npos && word[first] >= '0' && word[first] <= '9';
    word.erase(digits, (followed ? first : std::min(first, word.size()) - 1) - digits);
    return {};
}

std::string not_a_number(const std::string& word) {
    // The parser takes nothing, as of a variable of a shell that is not set, for 0 or for an option that is not given.
    if (word.empty()) return "expected a number, found nothing";
    if (overflows(word)) return "expected a number up to 1.7e308, found " + word;
    const auto from = word.find_first_not_of("+-");
    if (from == std::string::npos || word.size() < from + 3) return {};
    const auto is = [&](std::size_t i, char c) { return (word[from + i] | 0x20) == c; };
    return is(0, 'n') && is(1, 'a') && is(2, 'n') ? "expected a number, found " + word : std::string();
}

std::string not_a_whole_number(const std::string& word) {
    if (is_number(word) && word.find_first_of(".eE") != std::string::npos) {
        return "expected a whole number, found " + word;
    }
    // The parser takes what is too large for the largest that there is.
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    const char* const begin = word.data() + (word.empty() || word[0] != '+' ? 0 : 1);
    const char* const end = word.data() + word.size();
    const auto read = begin < end && *begin == '-' ? std::from_chars(begin, end, with_sign)
                                                   : std::from_chars(begin, end, without);
    if (read.ec == std::errc::result_out_of_range) return "expected a number of 64 bits, found " + word;
    return not_a_number(word);
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
        const bool value = negated || (begins_with_minus(words[i]) && !is_number(words[i]));
        joined.push_back((value ? " " : "") + words[i]);
        if (std::find(lists_.begin(), lists_.end(), words[i]) == lists_.end()) continue;
        std::string list;
        for (; i + 1 < words.size() && is_number(words[i + 1]); ++i) {
            list += list.empty() ? words[i + 1] : " " + words[i + 1];
        }
        if (list.empty()) continue;
        // In one word with its option, so that a list which begins with a minus is no option.
        joined.back() += "=" + list;
    }
    std::reverse(joined.begin(), joined.end());

    std::string who = "roi";
    const auto named = std::find_if(words.begin(), words.end(),
                                    [](const auto& word) { return !word.empty() && word.front() != '-'; });
    const auto all = app_.get_subcommands([](CLI::App*) { return true; });
    if (named != words.end() &&
        std::any_of(all.begin(), all.end(), [&](const CLI::App* app) { return app->get_name() == *named; })) {
        who += " " + *named;
    }
    const auto complained = [&](Status status, std::string_view message) {
        if (const int number = examples::caught_signal()) examples::end_by_signal(number);
        complain(who, message);
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
        const auto problem = stdout_problem();
        return problem.empty() ? done : complained(failed, problem);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            const int status = app_.exit(error);
            if (std::fflush(stdout) == 0) return status;
            return complained(failed,
                              "standard output cannot be written: " + std::generic_category().message(errno));
        }
        if (who == "roi" && named != words.end()) {
            return complained(wrong_usage,
                              roi::text("there is no command \"", *named, "\" (--help lists the commands)"));
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
