// Images are joined with images, and times have a unit.
// expected: roi: concat takes volumes, runs and sources.*roi: concat takes volumes, runs and sources.*roi: concat takes volumes, runs and sources.*roi: concat takes volumes, runs and sources.*roi: concat takes volumes, runs and sources.*roi: concat takes volumes, runs and sources
// expected: roi: concat takes a time with its unit
// errors: 7
#include <roi/stream/concat.hpp>

#include <string>
#include <vector>

int main() {
    const roi::Volume<float> volume(roi::Shape(2, 2, 2));
    const std::vector<roi::Volume<float>> list(2, volume);
#ifdef ROI_CONTROL
    const auto joined = roi::concat(volume, volume), more = roi::concat(list, {});
    const auto with_time = roi::concat(list, roi::ConcatOptions{.t_r = roi::Seconds{2.0}}),
               two = roi::concat(list);
    const auto names = roi::concat(volume), paths = roi::concat(list, {.t_r = roi::Seconds{1.5}});
    const auto timed = roi::concat(list, {.t_r = roi::Seconds{2.5}});
    const auto apart = roi::concat(volume, volume, roi::ConcatOptions{.t_r = roi::Seconds{2.5}});
    return with_time.frames() + two.frames() + joined.frames() + more.frames() + names.frames() +
                       paths.frames() + timed.frames() + apart.frames() ==
                   15
               ? 0
               : 1;
#else
    const auto joined = roi::concat(volume, "b.nii"), more = roi::concat(list, volume);
    const auto with_time = roi::concat(list, roi::Seconds{2.0}), two = roi::concat(list, list);
    const auto names = roi::concat("a.nii", "b.nii");
    const auto paths = roi::concat(std::vector<std::string>{"a.nii", "b.nii"}, {});
    const auto timed = roi::concat(list, {.t_r = 2.5});
    return with_time.frames() + two.frames() + joined.frames() + more.frames() + names.frames() +
                       paths.frames() + timed.frames() ==
                   8
               ? 0
               : 1;
#endif
}
