// Functions of voxels are of volumes and runs; what another library calculates with is left to it.
// expected: roi: sqrt takes a volume or a run.*roi: abs takes a volume or a run.*roi: exp takes a volume or a run.*roi: log takes a volume or a run
// errors: 4
#include <roi/image/arithmetic.hpp>

#include <complex>
#include <string>
#include <vector>

int main() {
    using namespace roi;
    const std::vector<Volume<float>> volumes(2, Volume<float>(Shape(2, 2, 2), 1.0f));
#ifdef ROI_CONTROL
    const Eigen::ArrayXd several = Eigen::ArrayXd::Ones(3);
    const auto root = sqrt(volumes[0]), size = abs(volumes[0]);
    const Eigen::ArrayXd others = abs(several) + exp(log(several)) + sqrt(several);
    const auto number = abs(std::complex<double>(3.0, 4.0)) + others[0];
    return root[0] + size[0] < static_cast<float>(number) ? 0 : 1;
#else
    const auto root = sqrt("4"), size = abs(std::string("-4"));
    const auto power = exp(volumes[0].grid()), logarithm = log(volumes);
    return root.size() + size.size() + power.size() + logarithm.size() == 0 ? 0 : 1;
#endif
}
