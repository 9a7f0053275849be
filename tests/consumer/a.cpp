// One of two files that both include the whole library: what it defines must be allowed twice in a program.
#include "both.hpp"

roi::Volume<float> ones();

int main() {
    const roi::Volume<float> map = ones();
    double sum = 0.0;
    for (const float value : map) sum += static_cast<double>(value);
    return sum == 24.0 && std::string(roi::version) == ROI_PACKAGE_VERSION ? 0 : 1;
}
