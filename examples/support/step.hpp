// What the nine step programs share: which subject, where the results go, and the steps before the one shown.
#pragma once

#include <roi/plot.hpp>
#include <roi/roi.hpp>

#include "cleaning_words.hpp"
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Compiled in step.cpp, once for all steps.
namespace roi {
extern template Figure plot_epi(const Volume<float>&, const PlotOptions&);
extern template Figure plot_epi(const Volume<double>&, const PlotOptions&);
extern template Figure plot_stat_map(const Volume<double>&, const Volume<double>&, const PlotOptions&);
extern template Figure plot_roi(const Mask&, const Volume<double>&, const PlotOptions&);
extern template Figure plot_roi(const Labels&, const Volume<double>&, const PlotOptions&);
extern template Volume<double> mean<const Volume4D<float>&>(const Volume4D<float>&, const ScanOptions&);
extern template Volume4D<float> load4d<float>(const std::string&, const LoadOptions&);
extern template Mask load<bool>(const std::string&, const LoadOptions&);
extern template Volume4D<float> smooth(Volume4D<float>, const Fwhm&, const SmoothOptions&);
extern template TTest ttest_ind<const Volume4D<float>&>(const Volume4D<float>&, Selection, Selection,
                                                        const TTestOptions&);
}  // namespace roi

namespace examples {

/// What the signals of steps 8 and 9 are of, and what is done with them: the options of the notebook's masker.
struct Masker {
    std::string atlas, names, resample = "none", statistic = "mean";
    CleaningWords cleaning;
};

/// What the options of a step say.
struct StepOptions {
    std::string program;  ///< its name
    std::string haxby, output = "results/steps", column = "labels";
    int subject = 2;
    Masker masker;
};

/// Prints one line put together from texts and numbers.
template <class... Parts>
void say(const Parts&... parts) {
    std::printf("%s\n", roi::visible_text(roi::text(parts...)).c_str());
}

/// One step of the notebook: its subject, and what earlier steps would have left in memory.
///
/// Every step can be run alone; what comes before it is computed again, with one function per step.
class Step {
public:
    Step(roi::HaxbySubject files, StepOptions options);

    const roi::HaxbySubject subject;
    const std::string column;           ///< of the table of conditions
    const roi::WarningHandler warning;  ///< says on stderr what the library warns of

    /// Step 1: one condition name per volume.
    [[nodiscard]] roi::Column conditions() const;

    /// Step 2: the run, smoothed by 6 mm.
    [[nodiscard]] roi::Volume4D<float> smoothed() const;

    /// Step 3: -log10 p of faces against houses, clipped at 10.
    [[nodiscard]] roi::Volume<double> log_p(const roi::Volume4D<float>& bold) const;

    /// Steps 4 and 5: where -log10 p is 5 or more inside ventral temporal cortex.
    [[nodiscard]] roi::Mask selected(const roi::Volume4D<float>& bold) const;

    /// Steps 6 and 7: numbered regions.
    [[nodiscard]] roi::Labelling labelled(const roi::Volume4D<float>& bold) const;

    /// The regions of step 8: those of steps 6 and 7, or of `--atlas`.
    [[nodiscard]] roi::Labels atlas(const roi::Volume4D<float>& bold) const;

    /// The numbers of regions to be looked at one by one: all that were found, the first two of an atlas.
    [[nodiscard]] std::vector<std::int32_t> single_regions(const roi::Labels& atlas) const;

    /// Step 8: the signal of every region, as `--statistic`, `--detrend` and `--standardize` say.
    [[nodiscard]] roi::Signals signals(const roi::Volume4D<float>& bold, const roi::Labels& atlas) const;

    /// Where every picture is cut: through the voxels that the data set itself calls selective for faces, else
    /// through ventral temporal cortex.
    [[nodiscard]] roi::Cuts place() const;

    /// How maps of -log10 p are drawn: from black through red to light yellow at 10, transparent at 0.
    [[nodiscard]] roi::PlotOptions p_values(const std::string& title) const;

    /// Writes what `make` draws to the output folder, as SVG and as PNG, and says so.
    ///
    /// What cannot be drawn costs that picture and not the step: a warning says why. A format that the program was built
    /// without is left out, with a line that says what it needs. What a disk refuses is an error.
    void draw(const std::string& name, const std::function<roi::Figure()>& make) const;

    /// Writes an image to the output folder and says so; for the types that the steps have.
    template <class Image>
    void save(const Image& image, const std::string& name, roi::SaveOptions options = {}) const;

    /// Writes a table into the folder of results and says so.
    void save(const roi::DataTable& table, const std::string& name) const;

private:
    /// Where a result goes.
    /// \throws UsageError when that is a file that the step reads; roi::Error when a signal has asked to stop
    [[nodiscard]] std::string path_of(const std::string& name) const;

    void write(const roi::Figure& figure, const std::string& name) const;

    StepOptions options_;
};

/// The `main` of a step program.
///
/// \param name  name of the program
/// \param what  what the step shows, for --help
/// \param body  called with a `Step`
int run_step(int argc, char** argv, const char* name, const char* what,
             const std::function<void(const Step&)>& body);

}  // namespace examples
