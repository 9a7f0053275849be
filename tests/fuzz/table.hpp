// Fuzz body: any bytes as a table of text.
#pragma once

#include <roi/table/table.hpp>

#include "scratch.hpp"
#include <algorithm>
#include <string>
#include <vector>

namespace fuzz {

inline void table(Input data) {
    static const Scratch scratch;
    const auto path = scratch.write("table.txt", text_of(data));
    roi::Table found({});
    if (!succeeds([&] { found = roi::read_table(path); })) return;
    const auto names = found.columns();
    // Only an array of no rows, or of empty ones, says nothing of columns.
    const bool json = text_of(data).find_first_of("[{") != std::string::npos;
    demand(!names.empty() || (json && found.rows() == 0), "a table has columns");
    // In quotes, because names and fields may hold separators, line ends and quotes.
    const auto quoted = [](const std::string& field) {
        std::string out = "\"";
        for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
        return out + '"';
    };
    const auto table_text = [&quoted](const roi::Table& table, const std::vector<std::string>& header) {
        std::string out;
        for (std::size_t i = 0; i < header.size(); ++i) out += (i > 0 ? "\t" : "") + quoted(header[i]);
        for (std::int64_t row = 0; row < table.rows(); ++row) {
            out += '\n';
            for (std::size_t i = 0; i < header.size(); ++i) {
                if (i > 0) out += '\t';
                out += quoted(table[header[i]][row]);
            }
        }
        return out;
    };
    // Columns are found by name, so only tables whose names differ can be taken apart.
    bool distinct = true;
    for (const auto& name : names) {
        try {
            demand(found[name].size() == found.rows(), "columns are of one length");
        } catch (const roi::InvalidArgument&) {
            distinct = false;
        }
    }
    if (!distinct || names.size() < 2) return;
    const auto joined = table_text(found, names);
    const auto again = roi::read_table(scratch.write("again.txt", joined));
    demand(again.columns() == names, "names survive");
    demand(again.rows() == found.rows(), "rows survive");
    for (const auto& name : names) {
        demand(std::equal(again[name].begin(), again[name].end(), found[name].begin()), "fields survive");
    }
}

}  // namespace fuzz
