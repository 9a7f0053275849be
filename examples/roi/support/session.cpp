#include "session.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <roi/core/text.hpp>

#include "support/left_out.hpp"
#include "support/program.hpp"
#include "support/signals.hpp"
#include "support/wording.hpp"
#include "usage_error.hpp"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace command {

namespace {

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

}  // namespace

bool is_pipe(const std::string& path) {
    std::error_code missing;
    return std::filesystem::is_fifo(path, missing);
}

roi::TableFormat format_of(std::string_view word) {
    return word == "csv"    ? roi::TableFormat::csv
           : word == "json" ? roi::TableFormat::json
                            : roi::TableFormat::tsv;
}

roi::Table Session::read_table(std::string_view which, const std::string& file,
                               std::vector<std::string> asked) {
    const auto told = headers.find(which);
    std::erase(asked, "");
    roi::TableOptions how{.columns = std::move(asked), .warning = warning()};
    if (told != headers.end()) how.header = told->second;
    return roi::read_table(file, how);
}

roi::WarningHandler Session::warning() {
    if (quiet && !keeps_warnings) return nullptr;
    return [this](std::string_view line) {
        auto message = examples::for_a_shell(as_given(std::string(line)));
        if (std::find(warned_.begin(), warned_.end(), message) != warned_.end()) return;
        if (!quiet) examples::complain(roi::text("roi ", name_, ": warning"), message);
        warned_.push_back(std::move(message));
    };
}

void Session::remark(std::string_view line) const {
    if (!quiet) examples::complain("roi " + name_, line);
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

void Session::require_complete() const {
    if (!left_out_.empty()) throw roi::Error(roi::ErrorCode::unsupported, left_out_);
}

void Session::output_file(const std::string& path,
                          const std::function<void(const std::string& path)>& write) {
    if (!together_) return write(path);
    auto waiting = together_->add(path);
    made_up_.emplace_back(waiting, path);
    write(waiting);
}

void Session::output_picture(std::string_view option, const std::string& path,
                             const std::function<void(const std::string& path)>& draw) {
    const auto problem = examples::drawing_problem([&] { output_file(path, draw); });
    if (problem)
        left_out_ = roi::text(option, ": the picture is left out, the other results are there: ", *problem);
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

void Session::flush() const { examples::require_printed(); }

std::string Session::as_given(std::string message) const {
    for (const auto& [path, name] : made_up_) {
        for (auto at = message.find(path); at != std::string::npos;
             at = message.find(path, at + name.size())) {
            message.replace(at, path.size(), name);
        }
    }
    return message;
}

}  // namespace command
