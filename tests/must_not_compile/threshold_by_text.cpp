// nilearn's "95%" is a type here.
// expected: roi: threshold takes a number or a Percentile: write threshold.map, Percentile.95..
// errors: 1
#include <roi/stats/threshold.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    (void)roi::threshold(map, roi::Percentile(95));
#else
    roi::threshold(map, "95%");
#endif
    return 0;
}
