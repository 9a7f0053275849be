// Fuzz body: any bytes as a table of text.
#pragma once

#include <roi/table/table.hpp>

#include "scratch.hpp"
#include <string>
#include <vector>

namespace fuzz {

inline void table(Input data) {
    static const Scratch scratch;
    const auto path = scratch.write("table.txt", text_of(data));
    roi::Table found({});
    if (!succeeds([&] { found = roi::read_table(path); })) return;
    const auto names = found.columns();
    demand(!names.empty(), "a table has columns");
    const auto table_text = [](const roi::Table& table, const std::vector<std::string>& header) {
        std::string out;
        for (std::size_t i = 0; i < header.size(); ++i) out += (i > 0 ? "\t" : "") + header[i];
        for (std::int64_t row = 0; row < table.rows(); ++row) {
            out += '\n';
            for (std::size_t i = 0; i < header.size(); ++i) {
                if (i > 0) out += '\t';
                out += table[header[i]][row];
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
    if (joined.substr(0, 3) == "\xEF\xBB\xBF") return;  // would be taken for a byte order mark
    roi::Table again({});
    // A row of empty fields only is a blank line to the reader.
    if (!succeeds([&] { again = roi::read_table(scratch.write("again.txt", joined)); })) return;
    demand(again.columns() == names, "names survive");
}

}  // namespace fuzz
