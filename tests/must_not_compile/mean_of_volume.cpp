// A mean is over time, of which one volume has none, and a name is no image.
// expected: roi: mean takes a run, a source or a list of images.*roi: mean takes a run, a source or a list of images
// errors: 2
#include <roi/stats/mean.hpp>

#include <string>
#include <vector>

int main() {
    const roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto over_time = roi::mean(roi::Volume4D<float>(volume.grid(), 3, 1.0f), {.threads = 1});
    const auto of_list = roi::mean(std::vector{volume, volume});
#else
    const auto over_time = roi::mean(volume, {.threads = 1});
    const auto of_list = roi::mean(std::string("bold.nii"));
#endif
    return over_time.size() == of_list.size() ? 0 : 1;
}
