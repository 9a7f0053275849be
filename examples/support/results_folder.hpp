// A folder of results that appear together or not at all.
#pragma once

#include <roi/io/gzip.hpp>
#include <roi/io/output_folder.hpp>

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace examples {

/// As `roi::OutputFolder`, with texts that are written and read at once.
class ResultsFolder : public roi::OutputFolder {
public:
    using roi::OutputFolder::OutputFolder;

    /// What was written to a file so far.
    [[nodiscard]] std::string bytes_of(const std::string& name) {
        std::ifstream file(*this / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    /// Writes a text file.
    void write_text(const std::string& name, std::string_view content) {
        roi::ByteWriter writer(*this / name, roi::Compression::none);
        writer.write(content);
        writer.commit();
    }
};

}  // namespace examples
