// roi ttest-1samp, roi ttest-rel: the mean of maps against a number, and maps in pairs.
#include <roi/stats/ttest_1samp.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/paired_maps.hpp"
#include "support/same_values.hpp"
#include "support/subject_maps.hpp"
#include "support/test_outputs.hpp"
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace command {

void add_ttest_1samp(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        double mean = 0.0;
        std::string alternative = "two-sided", nan_policy = "propagate";
        TestOutputs outputs;
    };
    const auto [command, options] = cli.add<Options>(
        "ttest-1samp", "Statistics", "Compares the mean of maps with a number, with a t-test in every voxel");
    command
        .maps("inputs", options->inputs, "FILE...",
              "Maps, - for standard input; a folder stands for its images, in the order of the numbers in "
              "their names")
        ->required();
    command.number("--mean", options->mean, "X", "What the mean is compared with");
    declare_test(command, options->alternative, options->nan_policy);
    options->outputs.declare(command, "--t");
    command.run([options = options](Session& session) {
        options->outputs.require_any("--t");
        if (!std::isfinite(options->mean)) {
            throw UsageError(roi::text("--mean: expected a finite number, found ", options->mean));
        }
        options->outputs.replace_folders("--t", {&options->inputs});
        warn_of_repeated(session, {&options->inputs});
        warn_of_runs(session, {&options->inputs});
        warn_of_same_subjects(session, {&options->inputs});
        MapsOfSubjects maps(source_of(session, options->inputs), std::make_shared<ValuesOfMaps>());
        options->outputs.write(session, roi::ttest_1samp(maps, options->mean,
                                                         {.alternative = alternative(options->alternative),
                                                          .nan_policy = nan_policy(options->nan_policy),
                                                          .progress = session.progress("ttest-1samp"),
                                                          .warning = session.warning(),
                                                          .stop = Session::stop()}));
    });
}

void add_ttest_rel(Cli& cli) {
    struct Options {
        std::vector<std::string> a, b;
        std::string alternative = "two-sided", nan_policy = "propagate";
        TestOutputs outputs;
    };
    const auto [command, options] =
        cli.add<Options>("ttest-rel", "Statistics", "Compares maps in pairs with a t-test in every voxel");
    command
        .maps("--a", options->a, "FILE...",
              "Maps of the first sample; a folder stands for its images, in the order of the numbers in "
              "their names")
        ->required();
    command.maps("--b", options->b, "FILE...", "Maps of the second sample, in the same order")->required();
    declare_test(command, options->alternative, options->nan_policy);
    options->outputs.declare(command, "--t");
    command.run([options = options](Session& session) {
        options->outputs.require_any("--t");
        options->outputs.replace_folders("--t", {&options->a, &options->b});
        warn_of_repeated(session, {&options->a, &options->b});
        warn_of_runs(session, {&options->a, &options->b});
        require_pairs(session, options->a, options->b);
        const auto values = std::make_shared<ValuesOfMaps>(
            "map", ": one map under two names, or a pair without a difference");
        MapsOfSubjects a(source_of(session, options->a), values), b(source_of(session, options->b), values);
        require_as_many(a, b);
        options->outputs.write(session, roi::ttest_rel(a, b,
                                                       {.alternative = alternative(options->alternative),
                                                        .nan_policy = nan_policy(options->nan_policy),
                                                        .progress = session.progress("ttest-rel"),
                                                        .warning = session.warning(),
                                                        .stop = Session::stop()}));
    });
}

}  // namespace command
