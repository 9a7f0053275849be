// What chooses no volumes, or has none to choose from, is said in one line each.
// expected: roi: select takes numbers, a FrameRange or a Selection: write select.run, .7
// expected: roi: select takes numbers, a FrameRange or a Selection: write select.run, conditions ==
// expected: roi: select takes numbers of std::int64_t, .*select takes numbers of std::int64_t,
// expected: roi: select takes some volumes of a run or a source, and this is one volume.*select takes some volumes
// errors: 6
#include <roi/stream/select.hpp>

#include <vector>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3);
#ifdef ROI_CONTROL
    (void)roi::select(run, {1});
    (void)roi::select(run, {0, 2});
    (void)roi::select(run, std::vector<std::int64_t>{1});
    (void)roi::select(run, roi::Selection(std::vector<bool>(3, true)));
    (void)roi::select(run, roi::FrameRange{0, 2});
#else
    const roi::Volume<float> volume(run.grid());
    (void)roi::select(run, 1);
    (void)roi::select(run, "face");
    (void)roi::select(run, std::vector<int>{1});
    (void)roi::select(run, std::vector<bool>(3, true));
    (void)roi::select(volume, {1});
    (void)roi::select(volume, roi::FrameRange{0, 2});
#endif
    return 0;
}
