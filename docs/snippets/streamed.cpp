#include <roi/roi.hpp>

#include <cstdio>

int main() {
    const auto subject = roi::haxby("haxby2001", 2);
    const auto conditions = roi::read_table(subject.labels)["labels"];
    const auto vt = roi::load<bool>(subject.mask_vt);

    auto frames = roi::smooth(roi::open(subject.bold), roi::Fwhm{6.0});  // nothing read yet
    roi::Mean mean;
    roi::TTestInd ttest(conditions == "face", conditions == "house");
    roi::KeepVoxels keep(roi::dilate(vt));  // every voxel that a label can touch
    roi::scan(frames, mean, ttest, keep);   // read, smooth and look, volume by volume

    const auto kept = roi::threshold(roi::neg_log10(ttest.result(), {.max = 10.0}), 5.0);
    const auto [atlas, count] = roi::label(roi::dilate(roi::logical_and(kept != 0.0, vt)));
    const auto signals = roi::labels_masker(atlas).transform(keep.result());  // volumes x labels
    std::printf("%d regions, %d volumes\n", static_cast<int>(count), static_cast<int>(signals.rows()));

    roi::save(mean.result(), "mean_epi.nii.gz");
    roi::save(atlas, "mask_atlas.nii.gz");
}
