#include "both.hpp"

roi::Volume<float> ones();

roi::Volume<float> ones() {
    const roi::Volume4D<float> run(roi::Grid(roi::Shape(2, 3, 4)), 1, 1.0f);
    return roi::Volume<float>(run.frame(0));
}
