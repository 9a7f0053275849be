// roi correlate: Pearson's r of every voxel with a signal, or with the mean of a region.
#include <roi/signals/region_signals.hpp>
#include <roi/stats/correlate.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/test_outputs.hpp"
#include "support/volume_tables.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace command {

void add_correlate(Cli& cli) {
    struct Options {
        std::string input, seed, column, mask, labels, chunks, fisher_z, t;
        std::string alternative = "two-sided", nan_policy = "propagate";
        TestOutputs outputs;
    };
    const auto [command, options] =
        cli.add<Options>("correlate", "Statistics",
                         "How every voxel of a run goes with a signal, or with the mean of a region");
    command.input(options->input, "RUN");
    command.maybe_nameless(command.table("--seed", options->seed, "Table with one row per volume"));
    command.text("--seed-column", options->column, "NAME",
                 "Its column with the signal; the first but participant_id unless told");
    command.file("--seed-mask", options->mask, "Mask whose mean is the signal");
    command.maybe_nameless(
        command.table("--labels", options->labels,
                      "Table with one row per volume, for --chunks; that of --seed unless told"));
    command.text(
        "--chunks", options->chunks, "NAME",
        "Column of --labels with the chunk of each volume, such as its run: the mean of every chunk is "
        "taken out; volumes that have none, n/a, are left out");
    command.choice("--alternative", options->alternative, {"two-sided", "less", "greater"},
                   "Which r count as evidence");
    declare_nan_policy(command, options->nan_policy);
    options->outputs.declare(command, "--r");
    command.written("--t", options->t, "Map of t to write")->check(image_problem);
    command.written("--fisher-z", options->fisher_z, "Map of atanh r to write")->check(image_problem);
    command.run([options = options](Session& session) {
        options->outputs.require_any("--r, --t, --fisher-z",
                                     !options->fisher_z.empty() || !options->t.empty());
        if (options->seed.empty() == options->mask.empty()) {
            throw UsageError("expected either --seed or --seed-mask");
        }
        if (!options->mask.empty() && !options->column.empty()) {
            throw UsageError("--seed-column is a column of --seed");
        }
        if (options->chunks.empty() && !options->labels.empty()) throw UsageError("--labels is for --chunks");
        if (!options->chunks.empty() && options->labels.empty() && options->seed.empty()) {
            throw UsageError("--chunks is a column of --labels TABLE, or of the table of --seed");
        }
        const auto path = session.input(options->input);
        const auto nan = nan_policy(options->nan_policy);
        const auto volumes = with_opened(session, path, [](auto source) { return source.frames(); });
        std::vector<std::string> of_seed{options->column};  // its columns that are named
        if (options->labels.empty()) of_seed.push_back(options->chunks);
        std::vector<double> seed;
        if (!options->mask.empty()) {
            const auto mask = read_mask(session, options->mask);
            roi::Labels region(mask.grid(), 0);
            std::copy(mask.begin(), mask.end(), region.begin());
            with_opened(session, path, [&](auto source) {
                roi::require_same_grid(source.grid(), mask.grid(),
                                       roi::text(options->input, " and ", options->mask));
                if (std::find(mask.begin(), mask.end(), true) == mask.end()) {
                    throw roi::InvalidArgument(options->mask + ": the seed mask is empty");
                }
                const bool omits = nan == roi::NanPolicy::omit;
                const auto signal = roi::region_signals(
                    source, roi::labels_of(region),
                    {.non_finite = omits ? roi::NonFinite::omit : roi::NonFinite::propagate,
                     .warning = session.warning(),
                     .stop = Session::stop()});
                seed.assign(signal.values.col(0).begin(), signal.values.col(0).end());
                const auto odd =
                    std::find_if(seed.begin(), seed.end(), [](double x) { return !std::isfinite(x); });
                if (omits || odd == seed.end()) return;
                throw roi::InvalidArgument(
                    roi::text(options->input, ": the mean in --seed-mask of volume ", odd - seed.begin(),
                              " is not finite, expected a number in all volumes; --nan-policy omit "
                              "takes the voxels that are finite"));
            });
        } else {
            const auto table = session.read_table("seed", options->seed, of_seed);
            const auto& column =
                table[options->column.empty() ? first_column(options->seed, table) : options->column];
            require_rows(options->seed, column, volumes);
            const auto choice = option_that_chooses("--seed-column", !options->column.empty(), table);
            seed = nan == roi::NanPolicy::omit ? numbers_of(options->seed, column, choice)
                                               : finite_numbers_of(options->seed, column, {}, choice);
        }
        roi::CorrelateOptions how{.alternative = alternative(options->alternative),
                                  .nan_policy = nan,
                                  .progress = session.progress("correlate"),
                                  .warning = session.warning(),
                                  .stop = Session::stop()};
        if (!options->chunks.empty()) {
            const auto& file = options->labels.empty() ? options->seed : options->labels;
            how.chunks = options->labels.empty()
                             ? session.read_table("seed", file, of_seed)[options->chunks]
                             : session.read_table("labels", file, {options->chunks})[options->chunks];
            require_rows(file, *how.chunks, volumes);
        }
        with_opened(session, path, [&](auto source) {
            const auto test = roi::correlate(source, seed, how);
            options->outputs.write(session, test);
            if (!options->t.empty()) write_image(session, test.t, options->t);
            if (!options->fisher_z.empty()) write_image(session, roi::fisher_z(test), options->fisher_z);
        });
    });
}

}  // namespace command
