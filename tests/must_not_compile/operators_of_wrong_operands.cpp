// Volumes and runs are compared and calculated with each other and with numbers.
// expected: roi: == compares volumes with volumes and numbers, not with text
// expected: roi: >= compares volumes with volumes and numbers
// expected: roi: == compares volumes with volumes and numbers
// expected: roi: > compares volumes with volumes and numbers
// expected: roi: > takes volumes, runs and numbers
// expected: roi: . takes volumes, runs and numbers
// expected: roi: transform takes volumes, runs and numbers
// expected: roi::transform: f must return bool, an integer, float or double, the voxels of the result
// expected: roi::transform: f must take one value of each volume, run and number, in their order
// errors: 10
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/transform.hpp>

#include <string>
#include <vector>

// Labels are numbers; the name of a region is in a table of names.
int volume_compared_with_text() {
    const roi::Volume<int> labels(roi::Shape(2, 2, 2), 5);
#ifdef ROI_CONTROL
    const auto mask = labels == 5;
#else
    const auto mask = labels == "Amygdala";
#endif
    return mask[0] ? 0 : 1;
}

// Voxels are compared with voxels and numbers.
int volume_compared_with_grid() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 5.0F);
#ifdef ROI_CONTROL
    const auto mask = map >= 1;
#else
    const auto mask = map >= map.grid();
#endif
    return mask[0] ? 0 : 1;
}

// Voxels are compared with voxels and numbers.
int volume_compared_with_nullptr() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 5.0F);
#ifdef ROI_CONTROL
    const auto mask = map == 1;
#else
    const auto mask = map == nullptr;
#endif
    return mask[0] ? 0 : 1;
}

// Voxels are compared with voxels and numbers.
int volume_compared_with_vector() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 5.0F);
#ifdef ROI_CONTROL
    const auto mask = map > 1;
#else
    const auto mask = map > std::vector<int>{1};
#endif
    return mask[0] ? 0 : 1;
}

// Runs are compared with runs, volumes and numbers.
int run_compared_with_text() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
#ifdef ROI_CONTROL
    const auto above = run > 0.5;
#else
    const auto above = run > std::string("0.5");
#endif
    return above(0, 0, 0, 0) == 1.0f ? 0 : 1;
}

// Volumes are calculated with volumes and numbers.
int volume_plus_text() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto sum = map + 1;
#else
    const auto sum = map + "1";
#endif
    return sum[0] == 2.0f ? 0 : 1;
}

// Runs are calculated with runs, volumes and numbers.
int run_plus_text() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
#ifdef ROI_CONTROL
    const auto sum = run + 1;
#else
    const auto sum = run + std::string("1");
#endif
    return sum(0, 0, 0, 0) == 2.0f ? 0 : 1;
}

// Functions are of volumes, runs and numbers.
int transform_text() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
    const auto sum = [](float x, float y) { return x + y; };
#ifdef ROI_CONTROL
    const auto result = roi::transform(sum, run, 2.0f);
#else
    const auto result = roi::transform(sum, run, "2");
#endif
    return result(0, 0, 0, 0) == 3.0f ? 0 : 1;
}

// Voxels are numbers.
int transform_to_text() {
    const roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto result = roi::transform([](float x, double y) { return x * y; }, volume, 2.0);
#else
    const auto result = roi::transform([](float, double) { return "two"; }, volume, 2.0);
#endif
    return result(0, 0, 0) == 2.0 ? 0 : 1;
}

// A function takes one value of each operand.
int transform_arity() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
    const roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto sum = roi::transform([](float x, float y) { return x + y; }, run, volume);
#else
    const auto sum = roi::transform([](float x) { return x; }, run, volume);
#endif
    return sum(0, 0, 0, 0) == 2.0f ? 0 : 1;
}
