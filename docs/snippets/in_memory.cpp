#include <roi/plot.hpp>
#include <roi/roi.hpp>

#include <cstdio>

int main() {
    const auto subject = roi::haxby("haxby2001", 2);                    // paths of one subject's files
    const auto conditions = roi::read_table(subject.labels)["labels"];  // one condition per volume

    const auto bold = roi::smooth(roi::load4d<float>(subject.bold), roi::Fwhm{6.0});  // millimetres
    const auto mean = roi::mean(bold);

    const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house");
    const auto log_p = roi::neg_log10(test, {.max = 10.0});  // NaN becomes 0
    const auto kept = roi::threshold(log_p, 5.0);

    const auto both = roi::logical_and(kept != 0.0, roi::load<bool>(subject.mask_vt));
    const auto [atlas, count] = roi::label(roi::dilate(both));  // SciPy's numbers

    const auto signals = roi::labels_masker(atlas).transform(bold);  // volumes x labels
    std::printf("%d regions, %d volumes\n", static_cast<int>(count), static_cast<int>(signals.rows()));

    roi::save(atlas, "mask_atlas.nii.gz");
    roi::plot_stat_map(log_p, mean, {.cut = {-25, -37, -6}, .title = "p-values"}).save("p_values.svg");
}
