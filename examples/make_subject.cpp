// Makes a synthetic subject in the folder layout of the Haxby 2001 data, or a synthetic study in that of BIDS.

#include "support/program.hpp"
#include "support/synthetic_dataset.hpp"
#include "support/synthetic_subject.hpp"
#include <cinttypes>

int main(int argc, char** argv) {
    std::string folder, size = "small";
    std::uint64_t seed = 1;
    std::int64_t subjects = 4;
    bool quiet = false, bids = false;

    CLI::App app(
        "Makes a synthetic subject in the folder layout of the Haxby 2001 data, or a study in that of BIDS.",
        "make_subject");
    app.add_option("folder", folder,
                   "where it goes; holds subj2 and mask.nii.gz afterwards, or the BIDS data set")
        ->required();
    auto* wanted_size =
        app.add_option("--size", size, "small (26 x 34 x 28 x 300) or full (40 x 64 x 64 x 1452)")
            ->check(CLI::IsMember({"small", "full"}))
            ->capture_default_str();
    app.add_option("--seed", seed, "number that the noise and the folds follow from")
        ->check([](const std::string& text) {  // the parser itself would wrap it round
            return text.find('-') == std::string::npos ? "" : "expected 0 or more, found " + text;
        })
        ->capture_default_str();
    auto* as_bids =
        app.add_flag(
               "--bids", bids,
               "a BIDS data set: raw and as fMRIPrep leaves it, events, confounds, two runs a subject, an "
               "atlas on another grid; the third subject has a broken run, the fourth no events")
            ->excludes(wanted_size);
    app.add_option("--subjects", subjects, "of the BIDS data set")
        ->needs(as_bids)
        ->check(CLI::Range(1, 99999))
        ->capture_default_str();
    app.add_flag("--quiet", quiet, "no progress bar, no summary");

    examples::watch_signals();
    return examples::run(app, argc, argv, [&] {
        examples::ProgressBar bar(bids ? "writing subjects" : "writing volumes", quiet);
        const auto progress = examples::until_signal(bar.callback());
        if (bids) {
            examples::make_synthetic_dataset(folder, subjects, seed, progress);
            if (!quiet) {
                std::printf("synthetic BIDS data set (%" PRId64 " subjects, seed %" PRIu64 ") in %s\n",
                            subjects, seed, folder.c_str());
            }
            return;
        }
        const auto which = size == "full" ? examples::Size::full : examples::Size::small;
        const auto subject = examples::ensure_synthetic_subject(folder, which, seed, progress);
        if (!quiet) {
            std::printf("synthetic subject (%s, seed %" PRIu64 ") in %s\n", size.c_str(), seed,
                        subject.folder.c_str());
        }
    });
}
