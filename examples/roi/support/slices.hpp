// Which slices a picture shows: `--mode`, `--cut` and `--slices`.
#pragma once

#include <roi/core/text.hpp>
#include <roi/plot/plot_options.hpp>

#include "command.hpp"
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

/// The values of the three options.
struct SliceOptions {
    std::string mode = "ortho";
    std::vector<double> cut = {};
    std::optional<std::int64_t> slices = {};

    /// \param more  words of `--mode` beside those of all pictures
    /// \param what  of `--mode`
    /// \returns     the three options
    std::vector<CLI::Option*> declare(const Command& command, const std::vector<std::string>& more = {},
                                      const char* what = "Which slices, and how they stand") {
        auto words = more;
        for (const auto& [word, display] : displays) words.emplace_back(word);
        auto* const where = command.numbers(
            "--cut", cut, "X,Y,Z", "Where to cut in mm; with --mode x, y or z where each slice lies");
        auto* const count =
            command.number("--slices", slices, "N", "Number of slices of --mode x, y, z and mosaic")
                ->check(CLI::Range(1, 1000))
                ->excludes(where);
        return {where, count, command.choice("--mode", mode, words, what)};
    }

    /// \throws UsageError when they do not fit each other
    void require_consistent() const {
        const bool several = mode.size() == 1 || mode == "mosaic";
        if (!known()) {
            if (slices || !cut.empty())
                throw UsageError(roi::text(slices ? "--slices" : "--cut", ": --mode ", mode,
                                           " says itself where to cut; choose another, such as ",
                                           slices ? "z" : "ortho"));
            return;
        }
        if (slices && !several)
            throw UsageError(
                "--slices is for --mode x, y, z and mosaic; --cut says where one slice of each lies");
        if (!cut.empty() && mode == "mosaic")
            throw UsageError("--cut: a mosaic takes --slices, the number of slices of each direction");
        const std::size_t one_each = mode.size() == 2 ? 2 : 3;
        if (!cut.empty() && !several && cut.size() != one_each && cut.size() != 3)
            throw UsageError(
                roi::text("--cut: --mode ", mode, " takes ", one_each, " coordinates, found ", cut.size()));
    }

    /// Is the mode one of those of all pictures?
    [[nodiscard]] bool known() const { return find() != displays.end(); }

    /// Tells a picture; the mode is a known one.
    void apply(roi::PlotOptions& picture) const {
        picture.display = find()->second;
        if (slices) picture.cut = roi::Cuts(*slices);
        if (!cut.empty()) picture.cut = roi::Cuts(cut);
    }

private:
    static constexpr std::array<std::pair<const char*, roi::Display>, 9> displays{
        {{"ortho", roi::Display::ortho},
         {"x", roi::Display::x},
         {"y", roi::Display::y},
         {"z", roi::Display::z},
         {"tiled", roi::Display::tiled},
         {"mosaic", roi::Display::mosaic},
         {"xz", roi::Display::xz},
         {"yx", roi::Display::yx},
         {"yz", roi::Display::yz}}};

    [[nodiscard]] decltype(displays)::const_iterator find() const {
        return std::find_if(displays.begin(), displays.end(),
                            [this](const auto& one) { return mode == one.first; });
    }
};

}  // namespace command
