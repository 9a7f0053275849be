// Fuzz body: any bytes as an expression of `roi math`.
#pragma once

#include <roi/core/text.hpp>

#include "../../examples/roi/support/expression.hpp"
#include "../../examples/roi/support/usage_error.hpp"
#include "scratch.hpp"
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fuzz {

using command::Expression;

/// The same expression with brackets around everything.
inline std::string written(const Expression& e) {
    using Kind = Expression::Kind;
    const auto part = [&](std::size_t i) { return written(e.parts.at(i)); };
    const auto between = [&](const char* sign) {
        return std::string("(").append(part(0)).append(sign).append(part(1)).append(")");
    };
    const auto of = [&](const char* name) {
        auto out = std::string(name).append("(").append(part(0));
        if (e.parts.size() == 2) out.append(",").append(part(1));
        return out.append(")");
    };
    switch (e.kind) {
        case Kind::number:
            return roi::text(e.number);
        case Kind::image:
            return std::string(1, static_cast<char>('a' + e.image));
        case Kind::negate:
            return of("-");
        case Kind::invert:
            return of("!");
        case Kind::abs:
            return of("abs");
        case Kind::sqrt:
            return of("sqrt");
        case Kind::exp:
            return of("exp");
        case Kind::log:
            return of("log");
        case Kind::mean:
            return of("mean");
        case Kind::min:
            return of("min");
        case Kind::max:
            return of("max");
        case Kind::pow:
            return of("pow");
        case Kind::add:
            return between("+");
        case Kind::subtract:
            return between("-");
        case Kind::multiply:
            return between("*");
        case Kind::divide:
            return between("/");
        case Kind::less:
            return between("<");
        case Kind::less_equal:
            return between("<=");
        case Kind::greater:
            return between(">");
        case Kind::greater_equal:
            return between(">=");
        case Kind::equal:
            return between("==");
        case Kind::not_equal:
            return between("!=");
        case Kind::both:
            return between("&");
        case Kind::either:
            return between("|");
    }
    throw std::logic_error("a promise is broken: an operation has a name");
}

/// What an expression is where image k is values[k]: its definition, one voxel at a time.
inline double value_of(const Expression& e, const std::vector<double>& values) {
    using Kind = Expression::Kind;
    if (e.kind == Kind::number) return e.number;
    if (e.kind == Kind::image) return values.at(e.image);
    const double a = value_of(e.parts.at(0), values);
    const auto is_true = [](double value) { return value != 0.0 && !std::isnan(value); };
    switch (e.kind) {
        case Kind::negate:
            return -a;
        case Kind::invert:
            return is_true(a) ? 0.0 : 1.0;
        case Kind::abs:
            return std::fabs(a);
        case Kind::sqrt:
            return std::sqrt(a);
        case Kind::exp:
            return std::exp(a);
        case Kind::log:
            return std::log(a);
        case Kind::mean:
            return a;  // whoever calculates has made it a number or an image
        default:
            break;
    }
    const double b = value_of(e.parts.at(1), values);
    switch (e.kind) {
        case Kind::add:
            return a + b;
        case Kind::subtract:
            return a - b;
        case Kind::multiply:
            return a * b;
        case Kind::divide:
            return a / b;
        case Kind::less:
            return a < b;
        case Kind::less_equal:
            return a <= b;
        case Kind::greater:
            return a > b;
        case Kind::greater_equal:
            return a >= b;
        case Kind::equal:
            return a == b;
        case Kind::not_equal:
            return a != b;
        case Kind::both:
            return is_true(a) && is_true(b);
        case Kind::either:
            return is_true(a) || is_true(b);
        case Kind::min:  // as NumPy's minimum: NaN wins
            return std::isnan(a) ? a : std::isnan(b) ? b : a < b ? a : b;
        case Kind::max:
            return std::isnan(a) ? a : std::isnan(b) ? b : a > b ? a : b;
        case Kind::pow:  // as NumPy's power, where a square is a product
            return b == 2.0 ? a * a : std::pow(a, b);
        default:
            throw std::logic_error("a promise is broken: an operation of two has two parts");
    }
}

inline std::optional<Expression> parsed(const std::string& text) {
    try {
        return command::parse_expression(text);
    } catch (const command::UsageError& error) {
        demand(*error.what() != '\0', "an error says something");
        return std::nullopt;
    }
}

inline bool same_number(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

inline void expression(Input data) {
    const auto found = parsed(text_of(data));
    if (!found) return;
    // More voxels than are calculated at a time; each image has the same values in another order.
    constexpr std::size_t voxels = 515;
    const std::array<double, 9> kinds{0.0, 1.0, -1.0, 0.5, 1e300, -7.25, std::nan(""), INFINITY, -0.0};
    std::vector<std::vector<double>> images(26, std::vector<double>(voxels));
    std::vector<const double*> pointers;
    for (std::size_t k = 0; k < images.size(); ++k) {
        for (std::size_t i = 0; i < voxels; ++i) images[k][i] = kinds[(i + k * (i / 9 + 1)) % 9];
        pointers.push_back(images[k].data());
    }
    std::vector<double> all(voxels);
    command::calculate(*found, pointers, all);
    const auto used = command::images_of(*found);
    std::vector<double> values(26);
    for (std::size_t i = 0; i < voxels; i += 1 + i / 40) {
        for (std::size_t k = 0; k < images.size(); ++k) {
            const bool is_used = used.find(static_cast<char>('a' + k)) != std::string::npos;
            values[k] = is_used ? images[k][i] : 77.0;
        }
        demand(same_number(all[i], value_of(*found, values)), "every voxel is what the definition says");
        if (found->is_truth()) demand(all[i] == 0.0 || all[i] == 1.0, "a truth is 0 or 1");
    }
    const auto again = parsed(written(*found));
    if (!again) return;  // with its brackets it may be nested too deep
    std::vector<double> those(voxels);
    command::calculate(*again, pointers, those);
    for (std::size_t i = 0; i < voxels; ++i) {
        demand(same_number(all[i], those[i]), "brackets that change nothing change nothing");
    }
}

}  // namespace fuzz
