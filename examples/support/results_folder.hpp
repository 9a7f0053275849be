// A folder of results that appear together or not at all.
#pragma once

#include <roi/core/error.hpp>
#include <roi/io/gzip.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace examples {

/// Collects files in a hidden folder inside the target and moves them into place at the end.
///
/// Until `publish` the target's own files stay as they are; without it nothing is left behind.
class ResultsFolder {
public:
    /// Makes the folder, and its parents, when it is not there.
    /// \throws roi::FileError when it cannot be made or written
    explicit ResultsFolder(const std::string& path) : target_(path) {
        std::error_code error;
        for (auto missing = target_; !missing.empty() && !std::filesystem::exists(missing, error);
             missing = missing.parent_path()) {
            made_.push_back(missing);
        }
        std::filesystem::create_directories(target_, error);
        if (!error) {
            hidden_ = target_ / (".unfinished-" + std::to_string(std::random_device{}()));
            std::filesystem::create_directory(hidden_, error);
        }
        if (error) {
            const auto reason = error.message();
            remove_made();
            throw roi::FileError(roi::ErrorCode::unwritable, path,
                                 "results cannot be written there: " + reason + "; choose another --output");
        }
    }

    ~ResultsFolder() {
        std::error_code ignored;
        if (!hidden_.empty()) std::filesystem::remove_all(hidden_, ignored);
        if (!published_) remove_made();
    }

    ResultsFolder(const ResultsFolder&) = delete;
    ResultsFolder& operator=(const ResultsFolder&) = delete;

    /// Where to write the file that will be called `name`, which may lie in a folder: "figures/mean.svg".
    [[nodiscard]] std::string operator/(const std::string& name) {
        names_.push_back(name);
        const auto path = hidden_ / name;
        std::filesystem::create_directories(path.parent_path());
        return path.string();
    }

    /// Leaves a file out, and takes away one of that name that an earlier run has put there.
    void remove(const std::string& name) {
        std::error_code ignored;
        std::filesystem::remove(hidden_ / name, ignored);
        std::erase(names_, name);
        gone_.push_back(name);
    }

    /// What was written to a file so far.
    [[nodiscard]] std::string bytes_of(const std::string& name) const {
        std::ifstream file(hidden_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    /// Writes a text file.
    void write_text(const std::string& name, std::string_view content) {
        roi::ByteWriter writer(*this / name, roi::Compression::none);
        writer.write(std::as_bytes(std::span(content)));
        writer.commit();
    }

    /// Moves every file into place.
    /// \throws roi::FileError when a folder or file is in the way; no file has been moved then
    void publish() {
        std::error_code ignored, error;
        for (const auto& name : names_) {
            const auto path = target_ / name;
            if (std::filesystem::is_directory(path, ignored)) {
                throw roi::FileError(
                    roi::ErrorCode::unwritable, path.string(),
                    "a folder has the name of a result; remove it, or choose another --output");
            }
            std::filesystem::create_directories(path.parent_path(), error);
            if (error) {
                throw roi::FileError(roi::ErrorCode::unwritable, path.parent_path().string(),
                                     "the folder cannot be made: " + error.message());
            }
        }
        for (const auto& name : gone_) std::filesystem::remove(target_ / name, ignored);
        for (const auto& name : names_) std::filesystem::rename(hidden_ / name, target_ / name);
        published_ = true;
    }

    [[nodiscard]] std::string path() const { return target_.string(); }

private:
    /// Takes back the folders that the constructor made, as long as they are empty.
    void remove_made() {
        std::error_code ignored;
        for (const auto& folder : made_) std::filesystem::remove(folder, ignored);
    }

    std::filesystem::path target_;
    std::filesystem::path hidden_;
    std::vector<std::filesystem::path> made_;  // innermost first
    std::vector<std::string> names_;
    std::vector<std::string> gone_;
    bool published_ = false;
};

}  // namespace examples
