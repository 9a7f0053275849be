// roi mean, roi std, roi min, roi max: over time.
#include <roi/image/arithmetic.hpp>
#include <roi/stats/extremes.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/variance.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/wording.hpp"
#include <string>
#include <string_view>
#include <vector>

namespace command {

void add_mean(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        std::string output;
    };
    const auto [command, options] = cli.add<Options>(
        "mean", "Images", "The mean of a run over time; of several images the mean of their means");
    command.inputs(options->inputs, "IMAGE...");
    command.output(options->output);
    command.run([options = options](Session& session) {
        // Of several the warning says which; volumes are numbered in each.
        const auto warning_of = [&](const std::string& path) -> roi::WarningHandler {
            const auto say = session.warning();
            if (!say || options->inputs.size() == 1) return say;
            return [say, &path](std::string_view line) {
                say(roi::text(path, ": ", examples::for_a_shell(std::string(line))));
            };
        };
        const auto mean_of = [&](const std::string& path) {
            return with_source(session, path, [&](auto source) {
                return roi::mean(source, {.warning = warning_of(path), .stop = Session::stop()});
            });
        };
        auto sum = mean_of(options->inputs.front());
        for (std::size_t i = 1; i < options->inputs.size(); ++i) {
            const auto next = mean_of(options->inputs[i]);
            roi::require_same_grid(sum.grid(), next.grid(),
                                   roi::text(options->inputs.front(), " and ", options->inputs[i]));
            sum = sum + next;
        }
        write_image(session, sum / static_cast<double>(options->inputs.size()), options->output);
    });
}

void add_std(Cli& cli) {
    struct Options {
        std::string input, output;
    };
    const auto [command, options] = cli.add<Options>(
        "std", "Images", "The standard deviation of a run over time, with n - 1 in the divisor");
    command.input_over_time(options->input, "IMAGE");
    command.output(options->output);
    command.run([options = options](Session& session) {
        with_source(session, options->input, [&](auto source) {
            write_image(
                session,
                examples::in_file(options->input,
                                  [&] {
                                      return roi::standard_deviation(
                                          source,
                                          {.ddof = 1, .warning = session.warning(), .stop = Session::stop()});
                                  }),
                options->output);
        });
    });
}

void add_extremes(Cli& cli) {
    struct Options {
        std::string input, output;
    };
    const auto add = [&cli](const char* name, const char* what, const auto& extreme) {
        const auto [command, options] = cli.add<Options>(name, "Images", what);
        command.input_over_time(options->input, "IMAGE");
        command.output(options->output);
        command.run([options = options, extreme](Session& session) {
            with_source(session, options->input, [&](auto source) {
                roi::Extremes extremes;
                roi::scan(source, extremes, scanning(session));
                write_image(session, extreme(extremes), options->output);
            });
        });
    };
    add("min", "The least value of every voxel of a run over time",
        [](const roi::Extremes& extremes) { return extremes.minimum(); });
    add("max", "The largest value of every voxel of a run over time",
        [](const roi::Extremes& extremes) { return extremes.maximum(); });
}

}  // namespace command
