// The names of regions beside their colours.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// One line of a legend.
struct LegendEntry {
    std::string number;  ///< unlike all others', of a region that of its label
    std::string name;
    Rgb color;
};

/// A legend whose columns are as high as the sheet. Many names are set smaller, then in several columns, and where even
/// those are full the last line says how many are left out.
class LegendPlan {
public:
    /// \param height  of the sheet in points
    /// \param most    points that there are beside what the legend is of; names are shortened to fit
    LegendPlan(std::vector<LegendEntry> entries, double height,
               double most = std::numeric_limits<double>::infinity())
        : entries_(std::move(entries)) {
        if (entries_.empty()) return;
        const double room = std::max(0.94 * height, 14.0);
        const auto columns = [&] { return (entries_.size() + rows_ - 1) / rows_; };
        for (size_ = 10.0;; size_ -= 1.0) {
            rows_ = std::max<std::size_t>(1, static_cast<std::size_t>(room / (1.4 * size_)));
            if (columns() <= 2 || size_ <= 7.0) break;
        }
        if (columns() > most_columns) {
            const std::size_t fits = rows_ * most_columns - 1;
            left_out_ = entries_.size() - fits;
            entries_.resize(fits);
        }
        const double shown = static_cast<double>(std::min(columns(), most_columns));
        const double room_for_name = std::max(3.0 * size_, (most - size_) / shown - 2.6 * size_);
        fit_names(std::min(widest_name, room_for_name));
        for (std::size_t first = 0; first < entries_.size(); first += rows_) {
            double widest = 0.0;
            const auto last = std::min(first + rows_, entries_.size());
            for (std::size_t i = first; i < last; ++i) {
                widest = std::max(widest, text_width(entries_[i].name, size_));
            }
            if (left_out_ > 0) widest = std::max(widest, text_width(rest(), size_));
            widths_.push_back(2.6 * size_ + widest);
        }
    }

    /// What it wants, in points.
    [[nodiscard]] double width() const {
        double out = widths_.empty() ? 0.0 : size_;
        for (const double width : widths_) out += width;
        return out;
    }

    /// \param alpha  opacity of what the legend is of: on the sheet its squares look as the regions do
    void draw(Scene& scene, const Rect& box, Rgb ink, double alpha = 1.0) const {
        const auto lines = entries_.size() + (left_out_ > 0 ? 1 : 0);
        const double step = 1.4 * size_;
        const double top = box.y + 0.5 * (box.height - step * static_cast<double>(std::min(rows_, lines)));
        double left = box.x + size_;
        for (std::size_t i = 0; i < lines; ++i) {
            if (i > 0 && i % rows_ == 0) left += widths_[i / rows_ - 1];
            const double middle = top + step * (static_cast<double>(i % rows_) + 0.5);
            if (i < entries_.size()) {
                const Rect patch{left, middle - 0.45 * size_, 0.9 * size_, 0.9 * size_};
                scene.add(Path{{{patch.x, patch.y},
                                {patch.right(), patch.y},
                                {patch.right(), patch.bottom()},
                                {patch.x, patch.bottom()}},
                               entries_[i].color,
                               0.0,
                               alpha,
                               true,
                               entries_[i].color},
                          box);
            }
            Text name{
                i < entries_.size() ? entries_[i].name : rest(), {left + 1.4 * size_, middle}, size_, ink};
            name.vertical = Align::middle;
            // Widths are guesses: letters that the font lacks come from others, or as boxes with their number.
            const double end = std::min(left + widths_[i / rows_], box.right()) - 0.4 * size_;
            name.most = std::max(0.0, end - name.place.x);
            scene.add(std::move(name), Rect{box.x, box.y, std::max(0.0, end - box.x), box.height});
        }
    }

private:
    static constexpr std::size_t most_columns = 4;
    static constexpr double widest_name = 170.0;

    /// Names no wider than `width`. Where two would become one text, every name stands behind its number: no two texts
    /// begin alike then, which numbers before those two alone could not promise beside a name such as "7 left".
    void fit_names(double width) {
        std::map<std::string, std::string_view> names;  // of each text
        bool numbered = false;
        for (const auto& [number, name, color] : entries_) {
            const auto [shown, is_new] = names.emplace(shortened(clean_text(name), size_, width), name);
            numbered = numbered || (!is_new && shown->second != name);
        }
        for (auto& [number, name, color] : entries_) {
            const auto before = numbered && name != number ? text(number, ' ') : std::string();
            name = text(before, shortened(clean_text(name), size_, width - text_width(before, size_)));
        }
    }

    [[nodiscard]] std::string rest() const { return text("and ", left_out_, " more"); }

    std::vector<LegendEntry> entries_;
    std::size_t left_out_ = 0, rows_ = 1;
    double size_ = 10.0;
    std::vector<double> widths_;
};

}  // namespace roi::detail
