// roi permute: a test by permutation, corrected for all voxels.
#include <roi/stats/permutation_clusters.hpp>
#include <roi/stats/permute.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/atlas.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include "support/same_values.hpp"
#include "support/say_before.hpp"
#include "support/subject_maps.hpp"
#include "support/test_outputs.hpp"
#include "support/volume_tables.hpp"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace command {

void add_permute(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        std::string tested, column, nuisance, nuisance_columns, blocks, blocks_column, mask, atlas, names;
        std::string alternative = "two-sided", connectivity = "faces";
        std::string t, tfce, log_p, log_p_tfce, log_p_size, log_p_mass, uncorrected, clusters, null, resume;
        std::int64_t permutations = 10000;
        std::uint64_t seed = 0;
        double cluster_p = 0.0, extent_power = 0.5, height_power = 2.0;
    };
    const auto [command, options] =
        cli.add<Options>("permute", "Statistics",
                         "Tests maps by flipping signs or shuffling them; -log10 p corrected for all voxels; "
                         "prints how many permutations were done");
    command
        .maps("inputs", options->inputs, "FILE...",
              "Maps, - for standard input; a folder stands for its images, in the order of the numbers in "
              "their names")
        ->required();
    auto* const table_of_tested = command.maybe_nameless(
        command.table("--tested", options->tested,
                      "Table with one row per map and a column of numbers, such as 0 "
                      "and 1 for two groups; without it the mean is tested; a column participant_id must be "
                      "that of the maps"));
    command
        .text("--tested-column", options->column, "NAME",
              "Its column that is tested; the first but participant_id unless told")
        ->needs(table_of_tested);
    auto* const nuisance = command.maybe_nameless(command.table(
        "--nuisance", options->nuisance,
        "Table with one row per map: columns to be taken out; without --tested the mean is that "
        "of maps where they are 0, so centre them"));
    command
        .text("--nuisance-columns", options->nuisance_columns, "NAME,...",
              "Which of them; all but participant_id unless told")
        ->check([](const std::string& names) {
            const bool fine =
                names.front() != ',' && names.back() != ',' && names.find(",,") == std::string::npos;
            return fine ? std::string() : "expected names of columns, found nothing for one in " + names;
        })
        ->needs(nuisance);
    auto* const blocks = command.maybe_nameless(command.table(
        "--blocks", options->blocks, "Table with one row per map: only equal ones are exchanged"));
    command.text("--blocks-column", options->blocks_column, "NAME", "Its column; the first unless told")
        ->needs(blocks);
    command.file("--mask", options->mask, "The voxels that are tested");
    command.choice("--alternative", options->alternative, {"two-sided", "less", "greater"},
                   "Which t count as evidence");
    command.number("--permutations", options->permutations, "N", "How many; all where there are no more");
    command.number("--seed", options->seed, "N", "Another seed draws other permutations")
        ->check(at_least_zero());
    command.number("--cluster-p", options->cluster_p, "P", "Voxels whose own p is below this form clusters");
    auto* const extent =
        command.number("--extent-power", options->extent_power, "E", "Of the enhancement without threshold");
    auto* const height =
        command.number("--height-power", options->height_power, "H", "Of the enhancement without threshold");
    auto* const connected =
        command.text("--connectivity", options->connectivity, "S", "faces or 6, edges or 18, corners or 26");
    command.written("--t", options->t, "Map of t to write, 0 where nothing is tested")->check(image_problem);
    command
        .written("--tfce", options->tfce,
                 "Map of enhanced t to write, 0 on a side that --alternative leaves out")
        ->check(image_problem);
    command.written("--log-p", options->log_p, "Map of corrected -log10 p of t to write")
        ->check(image_problem);
    command.written("--log-p-tfce", options->log_p_tfce, "Map of corrected -log10 p of enhanced t to write")
        ->check(image_problem);
    command
        .written("--log-p-size", options->log_p_size, "Map of corrected -log10 p of cluster sizes to write")
        ->check(image_problem);
    command
        .written("--log-p-mass", options->log_p_mass, "Map of corrected -log10 p of cluster masses to write")
        ->check(image_problem);
    command
        .written("--log-p-uncorrected", options->uncorrected,
                 "Map of -log10 p of t in every voxel by itself to write")
        ->check(image_problem);
    command.written_table("--clusters", options->clusters,
                          "Table of clusters with corrected -log10 p to write");
    auto* const atlas =
        command.file("--atlas", options->atlas, "An atlas that says the region of each peak of --clusters");
    command.table("--names", options->names, "Names of the atlas's labels")->needs(atlas);
    command.written_table("--null", options->null,
                          "Table of the largest statistics of every permutation to write");
    command.written(
        "--resume", options->resume,
        "The same table, .tsv: goes on from it where it exists, and keeps it up to date, twice a minute");
    command.run([options = options, extent, height, connected](Session& session) {
        const auto powers_given = [&] { return extent->count() + height->count() > 0; };
        const bool enhances = !options->tfce.empty() || !options->log_p_tfce.empty();
        const bool clusters =
            !options->log_p_size.empty() || !options->log_p_mass.empty() || !options->clusters.empty();
        if (!enhances && !clusters && options->t.empty() && options->log_p.empty() && options->null.empty() &&
            options->uncorrected.empty() && options->resume.empty()) {
            throw UsageError(
                "nothing to write: at least one of --t, --tfce, --log-p, --log-p-tfce, --log-p-size, "
                "--log-p-mass, --log-p-uncorrected, --clusters, --null, --resume is needed");
        }
        if (!options->resume.empty() &&
            from_options([&] { return roi::table_format_of(options->resume); }) != roi::TableFormat::tsv) {
            throw UsageError("--resume: expected the name of a .tsv, found " + options->resume);
        }
        if (!options->atlas.empty() && options->clusters.empty())
            throw UsageError("--atlas needs --clusters");
        if (options->permutations < 1) {
            throw UsageError(roi::text("--permutations: expected 1 or more, found ", options->permutations));
        }
        if (options->cluster_p != 0.0) require_cluster_p(options->cluster_p, options->alternative);
        if (options->cluster_p > 0.0 && !clusters && options->null.empty() && options->resume.empty()) {
            throw UsageError("--cluster-p is for --log-p-size, --log-p-mass, --clusters, --null or --resume");
        }
        if (!enhances && powers_given()) {
            throw UsageError("--extent-power and --height-power are for --tfce and --log-p-tfce");
        }
        if (connected->count() > 0 && !enhances && options->cluster_p == 0.0) {
            throw UsageError("--connectivity is for --cluster-p, --tfce and --log-p-tfce");
        }
        if (clusters && options->cluster_p == 0.0) {
            throw UsageError("--log-p-size, --log-p-mass and --clusters need --cluster-p");
        }
        for (const double power : {options->extent_power, options->height_power}) {
            if (power >= 0.0 && std::isfinite(power)) continue;
            throw UsageError(roi::text(
                "--extent-power and --height-power: expected finite numbers of 0 and more, found ", power));
        }
        if (options->tested.empty() && !options->blocks.empty()) {
            throw UsageError(
                "--blocks says which maps are exchanged; without --tested signs are flipped and none is");
        }
        require_apart(options->inputs, {{"--t", &options->t},
                                        {"--tfce", &options->tfce},
                                        {"--log-p", &options->log_p},
                                        {"--log-p-tfce", &options->log_p_tfce},
                                        {"--log-p-size", &options->log_p_size},
                                        {"--log-p-mass", &options->log_p_mass},
                                        {"--log-p-uncorrected", &options->uncorrected}});
        options->inputs = maps_of(options->inputs);
        warn_of_repeated(session, {&options->inputs});
        warn_of_runs(session, {&options->inputs});
        if (options->blocks.empty()) warn_of_same_subjects(session, {&options->inputs});
        // Maps are read twice, standard input is not.
        for (auto& path : options->inputs) path = session.input(path);
        warn_of_same_values(session, source_of(session, options->inputs));
        auto maps = source_of(session, options->inputs);
        const auto column_of = [&](const std::string& file, const roi::Table& table,
                                   const std::string& name) -> const roi::Column& {
            const auto& column = table[name.empty() ? table.columns().front() : name];
            require_rows(file, column, maps.frames(), "maps");
            return column;
        };
        roi::PermuteOptions how{.permutations = options->permutations,
                                .seed = options->seed,
                                .alternative = alternative(options->alternative),
                                .tfce = enhances,
                                .extent_power = options->extent_power,
                                .height_power = options->height_power,
                                .connectivity = connectivity(options->connectivity),
                                .cluster_p = options->cluster_p,
                                .uncorrected = !options->uncorrected.empty(),
                                .threads = session.threads,
                                .progress = session.progress("permute"),
                                .warning = session.warning(),
                                .stop = roi::StopRequest(Session::stop())};
        if (!options->nuisance.empty()) {
            std::vector<std::string> names;
            std::istringstream chosen(options->nuisance_columns);
            for (std::string name; std::getline(chosen, name, ',');) names.push_back(name);
            const auto table = read_table_of_maps(session, "nuisance", options->nuisance, options->inputs,
                                                  maps.frames(), names);
            if (names.empty()) {
                names = table.columns();
                std::erase(names, "participant_id");
            }
            if (names.empty()) {
                throw roi::InvalidArgument(options->nuisance +
                                           ": expected columns to take out, found participant_id alone");
            }
            const auto choice =
                option_that_chooses("--nuisance-columns", !options->nuisance_columns.empty(), table);
            how.nuisance_names = names;
            for (const auto& name : names) {
                how.nuisance.push_back(finite_numbers_of(
                    options->nuisance, column_of(options->nuisance, table, name), {}, choice));
            }
        }
        if (!options->blocks.empty()) {
            const auto table = read_table_of_maps(session, "blocks", options->blocks, options->inputs,
                                                  maps.frames(), {options->blocks_column});
            const auto& column = column_of(options->blocks, table, options->blocks_column);
            const auto names = column.unique();
            if (static_cast<std::int64_t>(names.size()) == column.size()) {
                const auto choice =
                    option_that_chooses("--blocks-column", !options->blocks_column.empty(), table);
                throw roi::InvalidArgument(roi::text(
                    options->blocks,
                    ": expected blocks of several maps, found one for every map in "
                    "column \"",
                    column.name(), "\", so that none is exchanged", choice.empty() ? "" : "; ", choice));
            }
            for (const auto& value : column) {
                if (roi::is_missing(value))
                    throw roi::InvalidArgument(roi::text(options->blocks, ": row ", how.blocks.size() + 1,
                                                         ": expected the block of an image, found none"));
                how.blocks.push_back(std::find(names.begin(), names.end(), value) - names.begin());
            }
        }
        if (!options->mask.empty()) {
            how.mask = read_mask(session, options->mask);
            roi::require_same_grid(maps.grid(), how.mask->grid(),
                                   roi::text(options->inputs.front(), " and ", options->mask));
        }
        roi::ClusterOptions regions{.warning = session.warning()};
        read_atlas(session, options->atlas, options->names, session.warning(), regions);
        // Nobody waits for hours to be told it when the table is written; nothing runs JSON.
        for (const auto& entry : regions.names) {
            if (options->clusters != "-" && roi::table_format_of(options->clusters) == roi::TableFormat::json)
                break;
            (void)roi::without_formula(entry.second, session.table_texts.formulas, options->names);
        }
        using Clock = std::chrono::steady_clock;
        auto written = Clock::now();
        if (!options->resume.empty()) {
            if (std::filesystem::exists(options->resume)) {
                how.resume =
                    roi::permutation_null(roi::data_table(roi::read_table(options->resume, {.header = true})),
                                          how.seed, options->resume);
            }
            how.save = [&](const roi::PermutationNull& null) {
                if (Clock::now() - written < std::chrono::seconds(30)) return;
                roi::write_table(roi::to_table(null), options->resume);
                written = Clock::now();
            };
        }
        std::vector<double> tested(static_cast<std::size_t>(maps.frames()), 1.0);
        if (!options->tested.empty()) {
            const auto table = read_table_of_maps(session, "tested", options->tested, options->inputs,
                                                  maps.frames(), {options->column});
            const auto& column =
                column_of(options->tested, table,
                          options->column.empty() ? first_column(options->tested, table) : options->column);
            tested =
                finite_numbers_of(options->tested, column, "two groups are 0 and 1",
                                  option_that_chooses("--tested-column", !options->column.empty(), table));
            if (!options->blocks.empty() &&
                std::count(tested.begin(), tested.end(), tested[0]) == maps.frames())
                throw roi::InvalidArgument(roi::text(
                    "--blocks says which maps are exchanged, but column \"", column.name(), "\" of ",
                    options->tested,
                    " holds one number: the mean is tested by flipping signs, which exchanges none"));
        }
        const auto test = roi::permute(maps, tested, how);
        if (!options->resume.empty()) roi::write_table(roi::to_table(test.null), options->resume);
        if (test.stopped) {
            const auto done =
                test.null.size() < test.permutations
                    ? roi::text("stopped after ", test.null.size(), " of ", test.permutations,
                                " permutations")
                    : std::string("stopped while permutations were counted again for --log-p-uncorrected");
            session.warn(options->resume.empty()
                             ? done +
                                   ", of which nothing is kept: with --resume FILE the same call would go on"
                             : roi::text(done, test.null.size() < test.permutations ? ", which" : "; all",
                                         " are in ", options->resume, ": the same call goes on from there"));
            throw roi::Error(roi::ErrorCode::stopped, done);
        }

        const std::pair<const std::string*, const roi::Volume<double>*> images[] = {
            {&options->t, &test.t},
            {&options->tfce, &test.tfce},
            {&options->log_p, &test.log_p},
            {&options->log_p_tfce, &test.log_p_tfce},
            {&options->log_p_size, &test.log_p_cluster_size},
            {&options->log_p_mass, &test.log_p_cluster_mass},
            {&options->uncorrected, &test.log_p_uncorrected}};
        const bool piped = options->clusters == "-" || options->null == "-" ||
                           std::any_of(std::begin(images), std::end(images),
                                       [](const auto& image) { return *image.first == "-"; });
        // The number alone is for programs, what it means for who sees both.
        if (test.exact) {
            session.remark(test.permutations == 1 ? "that is the one permutation that there is of these maps"
                                                  : "these are all permutations that there are of these "
                                                    "maps, so that p is exact");
        }
        say_before(session, roi::text(test.null.size()), piped, [&] {
            for (const auto& [path, map] : images) {
                if (!path->empty()) write_image(session, *map, *path);
            }
            if (!options->clusters.empty()) {
                session.output_table(roi::to_table(roi::cluster_table(test, regions), test),
                                     options->clusters, "tsv");
            }
            if (!options->null.empty()) session.output_table(roi::to_table(test.null), options->null, "tsv");
        });
    });
}

}  // namespace command
