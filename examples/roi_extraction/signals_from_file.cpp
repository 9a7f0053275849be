#include <roi/io/open.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>

#include "steps.hpp"

namespace notebook {

roi::Signals signals_from_file(const Settings& settings, const Question& question,
                               const roi::Labels& regions) {
    if (question.atlas && question.atlas->moves_run) {
        return signals_of(roi::resample_to(roi::smooth(roi::open<double>(settings.bold), settings.fwhm),
                                           regions.grid(), roi::Interpolation::continuous),
                          regions, question.names, settings);
    }
    return question.wide ? signals_of(roi::smooth(roi::open<double>(settings.bold), settings.fwhm), regions,
                                      question.names, settings)
                         : signals_of(roi::smooth(roi::open<float>(settings.bold), settings.fwhm), regions,
                                      question.names, settings);
}

}  // namespace notebook
