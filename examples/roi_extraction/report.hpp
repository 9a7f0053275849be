// The results of a run as one page of HTML that needs nothing else.
#pragma once

#include "notebook.hpp"
#include "pictures.hpp"
#include "viewer.hpp"
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace report {

/// What the page tells besides the results themselves.
struct Details {
    std::vector<pictures::Picture> pictures;
    std::vector<std::string> warnings;
    std::string mode;
    std::vector<std::pair<std::string, double>> seconds;  ///< what took how long
};

/// Adds a warning to those of a run, once.
inline void add_warning(Details& details, std::string_view line) {
    auto& known = details.warnings;
    if (std::find(known.begin(), known.end(), line) == known.end()) known.emplace_back(line);
}

/// The interactive view: niivue, and the images it shows as the bytes of .nii.gz files.
struct View {
    viewer::Code code;
    std::string mean, log_p, atlas;
};

/// The whole page.
[[nodiscard]] std::string html(const notebook::Settings& settings, const notebook::Results& results,
                               const roi::Column& conditions, const Details& details,
                               const std::optional<View>& view = {});

}  // namespace report
