// Fuzz body: any bytes as names of regions.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

#include "scratch.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace fuzz {

inline void names(Input data) {
    static const Scratch scratch;
    const auto path = scratch.write("names.txt", text_of(data));
    roi::RegionNames found;
    if (!succeeds([&] { found = roi::read_names(path); })) return;
    demand(!found.empty(), "names that are read are there");
    std::vector<std::int64_t> numbers;
    std::vector<std::string> texts;
    std::vector<roi::RegionNames::Entry> expected;
    for (const auto& [number, name] : found) {
        demand(numbers.empty() || numbers.back() < number, "numbers ascend");
        demand(!name.empty() && name.find_first_of("\t\r\n") == std::string::npos, "names are words");
        demand(found[number] == name && found.find(number) && *found.find(number) == name,
               "a number has its name");
        numbers.push_back(number);
        texts.push_back(name);
        demand(roi::valid_utf8(name) == name, "names are UTF-8");
        expected.emplace_back(number, name);
    }
    // Written as a table of BIDS it means the same; names that only FreeSurfer may have twice are another matter.
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (expected[i].second == expected[j].second) return;
        }
    }
    roi::DataTable table;
    table.add("index", numbers);
    table.add("name", texts);
    for (const auto format : {roi::TableFormat::tsv, roi::TableFormat::csv}) {
        const auto again = roi::read_names(scratch.write("again", roi::format_table(table, format)));
        demand(again == roi::RegionNames(expected), "names survive");
    }
}

}  // namespace fuzz
