// What every example program shares: exit statuses, one line per error, a progress bar, the output folder.
#pragma once

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/io/gzip.hpp>

#include "parse_problem.hpp"
#include "signals.hpp"
#include "told_defaults.hpp"
#include "wording.hpp"
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace examples {

/// Exit statuses of every program.
enum Status : int { done = 0, failed = 1, wrong_usage = 2 };

/// Options that contradict each other in a way that the parser cannot see.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Writes `program: message` to stderr as one line, whatever is in the message; control characters are made visible.
inline void complain(std::string_view program, std::string_view message) {
    try {
        const auto line = std::string(program).append(": ").append(roi::visible_text(message)).append("\n");
        (void)std::fwrite(line.data(), 1, line.size(), stderr);
    } catch (const std::bad_alloc&) {
        // stderr has no buffer, so this takes no memory.
        (void)std::fwrite(program.data(), 1, program.size(), stderr);
        (void)std::fputs(": not enough memory\n", stderr);
    }
}

/// Writes out what was printed; what is wrong where that cannot be done.
[[nodiscard]] inline std::string stdout_problem() {
    if (std::fflush(stdout) != 0) {
        return "standard output cannot be written: " + std::generic_category().message(errno);
    }
    // What did not fit in the buffer was lost before.
    return std::ferror(stdout) != 0 ? "standard output cannot be written: some of it was lost" : "";
}

/// The same, before a file replaces another.
/// \throws roi::Error when standard output cannot be written
inline void require_printed() {
    if (const auto problem = stdout_problem(); !problem.empty())
        throw roi::Error(roi::ErrorCode::unwritable, problem);
}

/// Parses the command line, runs `body` and turns what it throws into one line on stderr and a status.
///
/// \param body  called without arguments once the options are set; its failures have status 1, `UsageError`
///              and everything the parser refuses 2; `--help` has 0; a signal that was caught ends the program
template <class Body>
[[nodiscard]] int run(CLI::App& app, int argc, char** argv, Body&& body) {
    const auto complained = [&app](Status status, std::string_view message) {
        if (const int number = caught_signal()) end_by_signal(number);
        complain(app.get_name(), message);
        return status;
    };
    try {
        (void)forget_told_defaults(app);
        app.parse(argc, argv);
        (void)roi::threads();  // says what is wrong with ROI_THREADS, before anything is computed
        body();
        if (const int number = caught_signal()) end_by_signal(number);
        const auto problem = stdout_problem();
        return problem.empty() ? done : complained(failed, problem);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return complained(wrong_usage, parse_problem(app, error) + " (--help lists the options)");
    } catch (const UsageError& error) {
        return complained(wrong_usage, std::string(error.what()) + " (--help lists the options)");
    } catch (const std::bad_alloc&) {
        return complained(failed, "not enough memory");
    } catch (const std::exception& error) {
        try {
            return complained(failed, said(error));
        } catch (const std::bad_alloc&) {
            return complained(failed, error.what());
        }
    }
}

/// Check of an option that names a file or folder: `--bold "$run"` with an unset variable is a mistake.
[[nodiscard]] inline CLI::Validator not_empty() {
    return {[](const std::string& text) {
                return text.empty() ? std::string("expected a name, found an empty text") : std::string();
            },
            ""};
}

/// Draws how far something has come on stderr, when that is a terminal; the line vanishes at the end.
class ProgressBar {
public:
    /// \param what  what is being done, in a word or two
    explicit ProgressBar(std::string what, bool quiet = false)
        : what_(std::move(what)), visible_(!quiet && ::isatty(STDERR_FILENO) == 1) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() { clear(); }

    /// The callback to hand to the library; the bar must outlive it.
    [[nodiscard]] roi::Progress callback() {
        if (!visible_) return nullptr;
        return [this](std::int64_t finished, std::int64_t total) { draw(finished, total); };
    }

private:
    void draw(std::int64_t finished, std::int64_t total) {
        const auto percent = static_cast<int>(total > 0 ? finished * 100 / total : 100);
        if (percent == percent_) return;
        if (percent == 100) return clear();
        percent_ = percent;
        const std::string bar(static_cast<std::size_t>(percent * 30 / 100), '#');
        std::fprintf(stderr, "\r%s [%-30s] %3d %%", what_.c_str(), bar.c_str(), percent);
        std::fflush(stderr);
    }

    void clear() {
        if (percent_ >= 0) std::fputs("\r\033[K", stderr);
        percent_ = -1;
    }

    std::string what_;
    bool visible_;
    int percent_ = -1;  // what is drawn now; -1 is nothing
};

/// A callback that takes back what is unfinished when a signal has asked the program to end: an error between two volumes.
/// \param draw  called else, if there is one
[[nodiscard]] inline roi::Progress until_signal(roi::Progress draw = nullptr) {
    return [draw = std::move(draw)](std::int64_t finished, std::int64_t total) {
        if (caught_signal() != 0) throw roi::Error(roi::ErrorCode::stopped, "stopped");
        if (draw) draw(finished, total);
    };
}

/// Makes the folder that results go to, and those above it; an existing one is fine when it can be written.
/// \throws roi::FileError unwritable with the reason, before anything is computed
inline void make_output_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!error && !std::filesystem::is_directory(path, error) && !error) {
        error = std::make_error_code(std::errc::not_a_directory);
    }
    if (!error && ::access(path.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::generic_category());
    if (error) {
        throw roi::FileError(roi::ErrorCode::unwritable, path,
                             "the output folder cannot be used: " + error.message());
    }
}

}  // namespace examples
