// Places at equal steps, as somebody would write them down.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace roi::detail {

/// `from + k step` for k = 0, 1, ... count - 1: where both are decimals of up to 15 places, as times that were typed are, the
/// nearest double to the exact sum, which is printed as 8.1549 and not as 8.154900000000001.
/// \param step  above 0
[[nodiscard]] inline std::vector<double> decimal_steps(double from, double step, std::int64_t count) {
    constexpr double exact = 9007199254740992.0;  // up to here every whole number is a double
    const auto is_whole = [&](double value, double unit) {
        const double scaled = std::nearbyint(value * unit);
        return std::abs(scaled) < exact && scaled / unit == value;
    };
    double unit = 1.0;
    for (int places = 0; places < 15 && !(is_whole(from, unit) && is_whole(step, unit)); ++places)
        unit *= 10.0;
    const double first = std::nearbyint(from * unit), each = std::nearbyint(step * unit);
    const bool decimal = is_whole(from, unit) && is_whole(step, unit) &&
                         std::abs(first) + each * static_cast<double>(count) < exact;
    std::vector<double> out;
    for (std::int64_t k = 0; k < count; ++k) {
        out.push_back(decimal ? (first + static_cast<double>(k) * each) / unit
                              : from + static_cast<double>(k) * step);
    }
    return out;
}

}  // namespace roi::detail
