// What the fuzz bodies share: files made from bytes, and demands whose failure is a finding.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <roi/core/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fuzz {

using Input = std::span<const std::uint8_t>;

inline std::string text_of(Input data) { return {data.begin(), data.end()}; }

/// A finding when `condition` is false: it leaves the body as an exception that no body catches.
inline void demand(bool condition, const char* what) {
    if (!condition) throw std::logic_error(std::string("a promise is broken: ") + what);
}

/// A folder of this process for the files that an input becomes.
class Scratch {
public:
    Scratch() {
        auto name = (std::filesystem::temp_directory_path() / "roi-fuzz-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
        path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] std::string operator/(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

    /// Writes a file and returns its path.
    [[nodiscard]] std::string write(std::string_view name, std::string_view content) const {
        const auto path = *this / name;
        // A new file each time: ext4 brings one that was truncated to the disk on closing, which takes milliseconds.
        ::unlink(path.c_str());
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        const auto written = file < 0 ? -1 : ::write(file, content.data(), content.size());
        if (file >= 0) ::close(file);
        if (written != static_cast<ssize_t>(content.size())) throw std::runtime_error("no room in " + path_);
        return path;
    }

    void remove(std::string_view name) const { ::unlink((*this / name).c_str()); }

private:
    std::string path_;
};

/// Runs `action`; returns whether it succeeded. An error must be a FileError of one line that names a file.
template <class Action>
bool succeeds(Action&& action) {
    try {
        action();
        return true;
    } catch (const roi::FileError& error) {
        const std::string_view message = error.what();
        demand(message.find('\n') == std::string_view::npos, "an error is one line");
        demand(!error.path().empty() && message.substr(0, error.path().size()) == error.path(),
               "an error starts with the name of the file");
        return false;
    }
}

}  // namespace fuzz
