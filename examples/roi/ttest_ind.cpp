// roi ttest-ind: two conditions of a run, or two lists of maps, compared in every voxel.
#include <roi/stats/ttest_ind.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/same_values.hpp"
#include "support/subject_maps.hpp"
#include "support/test_outputs.hpp"
#include "support/volume_tables.hpp"
#include <memory>
#include <string>
#include <vector>

namespace command {

void add_ttest_ind(Cli& cli) {
    struct Options {
        std::string input, labels, column = "labels", chunks;
        std::vector<std::string> conditions, a, b;
        std::string alternative = "two-sided", nan_policy = "propagate";
        bool welch = false;
        double trim = 0.0;
        TestOutputs outputs;
    };
    const auto [command, options] = cli.add<Options>(
        "ttest-ind", "Statistics",
        "Compares two conditions of a run, or two lists of maps, with a t-test in every voxel");
    command.input(options->input, "RUN")->required(false);
    command.maybe_nameless(command.table("--labels", options->labels, "Table with one row per volume"));
    auto* const column = command.text("--column", options->column, "NAME",
                                      "Column of the table that holds the conditions; n/a is none");
    command.text(
        "--chunks", options->chunks, "NAME",
        "Column of --labels with the chunk of each volume, such as its run: the mean of every chunk is "
        "taken out; volumes that have none, n/a, are left out");
    command.app()
        .add_option("--conditions", options->conditions, "Two conditions; t > 0 where the first is larger")
        ->type_name("NAME")
        ->expected(2);
    command.maps("--a", options->a, "FILE...",
                 "Maps of the first sample; a folder stands for its images, in the order of the numbers in "
                 "their names");
    command.maps("--b", options->b, "FILE...", "Maps of the second sample");
    command.flag("--welch", options->welch, "Variances need not be equal");
    command.number("--trim", options->trim, "F",
                   "Cuts this share of the values from both ends of each sample");
    declare_test(command, options->alternative, options->nan_policy);
    options->outputs.declare(command, "--t");
    command.run([options = options, column](Session& session) {
        options->outputs.require_any("--t");
        const bool lists = !options->a.empty() || !options->b.empty();
        const bool run = !options->input.empty() || !options->labels.empty() || !options->conditions.empty();
        if (lists == run || (lists && (options->a.empty() || options->b.empty())) ||
            (run && (options->input.empty() || options->labels.empty() || options->conditions.empty()))) {
            throw UsageError(
                "expected RUN with --labels and --conditions A B, or --a FILE... with --b FILE...");
        }
        if (run && options->conditions[0] == options->conditions[1]) {
            throw UsageError(
                roi::text("--conditions: expected two conditions, found ", options->conditions[0], " twice"));
        }
        if (!(options->trim >= 0.0 && options->trim < 0.5)) {
            throw UsageError(
                roi::text("--trim: expected a number from 0 to below 0.5, found ", options->trim));
        }
        if (lists && column->count() > 0) throw UsageError("--column is for RUN with --labels");
        if (!options->chunks.empty()) {
            if (lists) throw UsageError("--chunks is for RUN, not for two lists of maps");
            if (options->welch) {
                throw UsageError(chunks_without_welch);
            }
            if (options->trim > 0.0) {
                throw UsageError(
                    "--chunks and --trim exclude each other: which values are extreme hangs on the chunks' "
                    "means, which are estimated from all");
            }
        }
        roi::TTestOptions how{.equal_var = !options->welch,
                              .alternative = alternative(options->alternative),
                              .nan_policy = nan_policy(options->nan_policy),
                              .trim = options->trim,
                              .progress = session.progress("ttest-ind"),
                              .warning = session.warning(),
                              .stop = Session::stop()};
        if (lists) {
            options->outputs.replace_folders("--t", {&options->a, &options->b});
            warn_of_repeated(session, {&options->a, &options->b});
            warn_of_runs(session, {&options->a, &options->b});
            warn_of_same_subjects(session, {&options->a, &options->b});
            const auto values = std::make_shared<ValuesOfMaps>();
            MapsOfSubjects a(source_of(session, options->a), values),
                b(source_of(session, options->b), values);
            roi::require_same_grid(a.grid(), b.grid(), "--a and --b");
            options->outputs.write(session, roi::ttest_ind(a, b, how));
            return;
        }
        require_conditions(options->conditions);
        const auto table = session.read_table("labels", options->labels, {options->column, options->chunks});
        const auto& conditions = table[options->column];
        if (!options->chunks.empty()) how.chunks = table[options->chunks];
        with_source(session, options->input, [&](auto source) {
            require_rows(options->labels, conditions, source.frames());
            options->outputs.write(session, roi::ttest_ind(source, conditions == options->conditions[0],
                                                           conditions == options->conditions[1], how));
        });
    });
}

}  // namespace command
