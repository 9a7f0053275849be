// roi math: an expression of images, calculated for every voxel of every volume.
#include <roi/core/datatype.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stream/transform.hpp>

#include "commands.hpp"
#include "support/expression.hpp"
#include "support/images.hpp"
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace command {

namespace {

struct MathOptions {
    std::string expression, output;
    std::array<std::string, 26> files;  // a to z
};

/// Double holds every whole number up to this one.
constexpr double double_end = 9007199254740992.0;

/// Counts, from several threads at once, the results that the type they are written as does not hold.
class LostValues {
public:
    /// \param whole  may whole numbers be beyond `double_end`?
    explicit LostValues(bool whole) : whole_(whole) {}

    /// \param beyond  how many of `results` were finite before they became float
    template <class R>
    void count(std::span<const R> results, std::int64_t beyond) {
        if (beyond > 0) infinite_ += beyond;
        if (!std::is_same_v<R, double> || !whole_) return;
        const auto rounded = std::count_if(results.begin(), results.end(), [](R value) {
            return std::abs(value) > R{double_end} && std::isfinite(value);
        });
        if (rounded > 0) rounded_ += rounded;
    }

    void warn(Session& session) const {
        if (infinite_ > 0) {
            session.warn(roi::text(infinite_.load(),
                                   " results are beyond 3.4e38, the end of float32, and became ",
                                   "infinite; divide the images by a number first"));
        }
        if (rounded_ > 0) {
            session.warn(roi::text(rounded_.load(),
                                   " whole results are beyond 2^53, up to which float64 holds ",
                                   "all of them, and are rounded; divide the images by a number first"));
        }
    }

private:
    bool whole_;
    std::atomic<std::int64_t> infinite_ = 0, rounded_ = 0;
};

/// What a header says of the values of its file.
Values values_by(const roi::ImageInfo& info) {
    Values out{std::numeric_limits<double>::infinity(), false,
               info.datatype == roi::Datatype::float32 && fits_float(info)};
    if (!is_of_whole_numbers(info)) return out;
    roi::visit_type(info.datatype, [&]<class T>(T) {
        using Limits = std::numeric_limits<T>;
        out.whole = true;
        out.most = std::max(-static_cast<double>(Limits::lowest()), static_cast<double>(Limits::max()));
    });
    return out;
}

/// The images of an expression: single volumes are held, runs are opened for every pass.
class Images {
public:
    Images(Session& session, const MathOptions& options, const std::string& letters) : session_(&session) {
        for (const char letter : letters) {
            const auto k = static_cast<std::size_t>(letter - 'a');
            if (options.files[k].empty()) {
                throw UsageError(
                    roi::text("the expression names the image ", letter, ": --", letter, " FILE is missing"));
            }
            paths_[k] = session.input(options.files[k]);
            const auto info = roi::read_header(paths_[k]);
            if (!grid_) grid_ = info.grid, first_ = info.metadata;
            roi::require_same_grid(*grid_, info.grid,
                                   roi::text("the images ", letters.front(), " and ", letter));
            if (info.frames != 1 && run_frames_ == 0) run_frames_ = info.frames, run_letter_ = letter;
            if (info.frames != 1 && info.frames != run_frames_) {
                throw roi::InvalidArgument(roi::text("the runs ", run_letter_, " and ", letter,
                                                     " must have as many volumes, found ", run_frames_,
                                                     " and ", info.frames));
            }
            run_of_one_ = run_of_one_ || (info.run && info.frames == 1);
            values_[k] = values_by(info);
            precise_ = precise_ || !(values_[k].single || values_[k].most <= 255.0);
            runs_[k] = info.frames != 1;
            if (!runs_[k]) add(k, roi::load<double>(paths_[k], reading(session)));
        }
    }

    /// Is the result written as double? Where an image has more than a byte and is not float itself, and where results of
    /// bytes can be more than float holds.
    [[nodiscard]] bool precise(const Expression& e) const {
        return !e.is_truth() && (precise_ || !values_of(e, values_).fit_float());
    }

    /// Can the results be whole numbers beyond those that double holds?
    [[nodiscard]] bool may_be_rounded(const Expression& e) const {
        const Values values = values_of(e, values_);
        return values.whole && values.most > double_end;
    }

    /// Is one of the images a run of one volume?
    [[nodiscard]] bool run_of_one() const { return run_of_one_; }

    /// A number compared with an image of float32 takes its precision first, as NumPy's does, so that a == 0.7 finds a
    /// float 0.7.
    void round_numbers(Expression& e) const {
        for (auto& part : e.parts) round_numbers(part);
        if (e.kind < Expression::Kind::less || e.kind > Expression::Kind::not_equal) return;
        for (std::size_t i = 0; i < 2; ++i) {
            const Expression& other = e.parts[1 - i];
            if (other.kind != Expression::Kind::image || other.image >= 26) continue;
            Expression* number = &e.parts[i];
            if (number->kind == Expression::Kind::negate) number = &number->parts.front();
            if (number->kind != Expression::Kind::number || !values_[other.image].single) continue;
            number->number = static_cast<double>(static_cast<float>(number->number));
        }
    }
    [[nodiscard]] bool is_run(const Expression& e) const {
        if (e.kind == Expression::Kind::mean) return false;
        if (e.kind == Expression::Kind::image && e.image < 26 && runs_[e.image]) return true;
        return std::any_of(e.parts.begin(), e.parts.end(),
                           [&](const Expression& part) { return is_run(part); });
    }

    /// The values of an expression as they pass.
    /// \param lost  where what the type of the result does not hold is counted
    template <class R>
    [[nodiscard]] auto source(const Expression& e, std::shared_ptr<LostValues> lost = {}) {
        using Source = decltype(roi::open<double>(std::string()));
        std::vector<Source> runs;
        // Where the values of each image are: in a volume that is held, or in the volume of a run that passes.
        std::vector<const double*> held(26 + extra_.size(), nullptr);
        std::vector<std::size_t> passing;
        for (std::size_t k = 0; k < held.size(); ++k) {
            if (k >= 26) held[k] = extra_[k - 26]->data();
            if (k < 26 && single_[k]) held[k] = single_[k]->data();
        }
        for (const char letter : images_within(e)) {
            const auto k = static_cast<std::size_t>(letter - 'a');
            if (!runs_[k]) continue;
            runs.push_back(roi::open<double>(paths_[k], reading(*session_)));
            passing.push_back(k);
        }
        const auto f = [calculation = Calculation(e), held, passing, lost](
                           std::span<const std::span<const double>> volumes, roi::VoxelRange range,
                           std::span<R> out) {
            auto values = held;
            for (const double*& volume : values) {
                if (volume) volume += range.first;
            }
            for (std::size_t i = 0; i < passing.size(); ++i) values[passing[i]] = volumes[i].data();
            const auto beyond = calculation(values, out);
            if (lost) lost->count(std::span<const R>(out), beyond);
        };
        return roi::transform_ranges<R>(f, std::move(runs));
    }

    /// Replaces every mean over time by an image that holds it.
    void take_means(Expression& e) {
        for (auto& part : e.parts) take_means(part);
        if (e.kind != Expression::Kind::mean) return;
        Expression of = std::move(e.parts.front());
        e = of;
        if (!is_run(of)) return;  // one volume is its own mean
        volumes_.push_back(
            std::make_unique<roi::Volume<double>>(roi::mean(source<double>(of), scanning(*session_))));
        e = Expression{};
        e.kind = Expression::Kind::image;
        e.image = 26 + extra_.size();
        extra_.push_back(volumes_.back().get());
    }

    /// The value of an expression without a run.
    template <class R>
    [[nodiscard]] roi::Volume<R> volume(const Expression& e, LostValues& lost) const {
        std::vector<const double*> values;
        for (const auto* single : single_) values.push_back(single ? single->data() : nullptr);
        for (const auto* mean : extra_) values.push_back(mean->data());
        std::vector<double> out(static_cast<std::size_t>(grid_->size()));
        calculate(e, values, std::span(out));
        // Labels within a mask, say, are still labels; what else is calculated means something else than its images.
        const bool labels =
            first_.intent.code == roi::label_intent && !e.is_truth() &&
            std::all_of(out.begin(), out.end(), [](double value) { return value == std::nearbyint(value); });
        roi::Volume<R> result(
            *grid_, R{}, labels ? roi::inherited_by_labels(first_) : roi::inherited_with_new_meaning(first_));
        const auto beyond = narrowed(out, result.values());
        lost.count(std::as_const(result).values(), beyond);
        return result;
    }

private:
    void add(std::size_t k, roi::Volume<double> volume) {
        volumes_.push_back(std::make_unique<roi::Volume<double>>(std::move(volume)));
        single_[k] = volumes_.back().get();
    }

    /// The letters in an expression whose means have been taken.
    static std::string images_within(const Expression& e) {
        std::string out;
        if (e.kind == Expression::Kind::image && e.image < 26) out += static_cast<char>('a' + e.image);
        for (const auto& part : e.parts) out += images_within(part);
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    Session* session_;
    std::optional<roi::Grid> grid_;
    roi::Metadata first_;
    std::array<std::string, 26> paths_;
    std::array<bool, 26> runs_{};
    std::array<Values, 26> values_{};
    std::int64_t run_frames_ = 0;  // of the first run
    char run_letter_ = ' ';
    bool run_of_one_ = false;
    bool precise_ = false;  // does any image need double?
    std::vector<std::unique_ptr<roi::Volume<double>>> volumes_;
    std::array<const roi::Volume<double>*, 26> single_{};
    std::vector<const roi::Volume<double>*> extra_;  // means over time, images 26 and on
};

}  // namespace

void add_math(Cli& cli) {
    const auto [command, options] =
        cli.add<MathOptions>("math", "Images", "Calculates an expression of images a to z, voxel by voxel");
    command.app()
        .add_option("expression", options->expression,
                    "+ - * / < <= > >= == != & | ! ( ), abs sqrt exp log, min, max and pow of two, mean over "
                    "time; one that "
                    "looks like an option, as --a, goes in parentheses")
        ->type_name("EXPR")
        ->required();
    for (std::size_t k = 0; k < options->files.size(); ++k) {
        const auto name = std::string("--") + static_cast<char>('a' + k);
        command.file_worked_on(name.c_str(), options->files[k], k == 0 ? "The image a, and so on to z" : "");
    }
    command.output(options->output);
    command.run([options = options](Session& session) {
        auto expression = parse_expression(options->expression);
        if (expression.in_a_row) {
            session.warn(
                "comparisons in a row, as in 1 < a < 2, compare the 0 or 1 of the first, as in C; for values "
                "in between write (1 < a) & (a < 2)");
        }
        const auto letters = images_of(expression);
        if (letters.empty())
            throw UsageError("the expression names no image: write --a FILE and use a in it");
        Images images(session, *options, letters);
        for (std::size_t k = 0; k < options->files.size(); ++k) {
            const char letter = static_cast<char>('a' + k);
            if (options->files[k].empty() || letters.find(letter) != std::string::npos) continue;
            session.warn(roi::text("--", letter, " ", options->files[k],
                                   " is not read: the expression does not name ", letter));
        }
        images.round_numbers(expression);
        const bool precise = images.precise(expression);
        const auto lost = std::make_shared<LostValues>(images.may_be_rounded(expression));
        images.take_means(expression);
        const auto type = expression.is_truth() ? roi::Datatype::uint8 : roi::Datatype::unknown;
        const auto write = [&]<class R>(R) {
            if (images.is_run(expression)) {
                return write_source(session, images.source<R>(expression, lost), options->output, {type});
            }
            const auto out = images.volume<R>(expression, *lost);
            session.output_image(options->output, [&](const std::string& file) {
                const roi::SaveOptions how{
                    .datatype = type, .warning = session.warning(), .stop = Session::stop()};
                if (!images.run_of_one()) return roi::save(out, file, how);
                roi::save(roi::Volume4D<R>(out.grid(), 1, out.view().values(), out.metadata()), file, how);
            });
        };
        precise ? write(double{}) : write(float{});
        lost->warn(session);
    });
}

}  // namespace command
