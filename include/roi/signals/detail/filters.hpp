// Filters over one series: Butterworth in second-order sections both ways, and cosines.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <vector>

namespace roi::detail {

/// y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y'', run as a transposed direct form II.
struct Section {
    double b0, b1, b2, a1, a2;
};

/// A Butterworth filter of order 5 (a band: 10 poles) by the bilinear transform with prewarped frequencies.
///
/// \param low_pass, high_pass  in Hz, below half of the `rate`; at least one
class Butterworth {
public:
    Butterworth(std::optional<double> low_pass, std::optional<double> high_pass, double rate) {
        using Complex = std::complex<double>;
        constexpr int order = 5;
        const double twice = 2.0 * rate;
        const auto warped = [&](double frequency) {
            return twice * std::tan(std::numbers::pi * frequency / rate);
        };
        const auto digital = [&](Complex s) { return (twice + s) / (twice - s); };
        // A section with these poles and the zeros of the kind of filter.
        const bool band = low_pass && high_pass;
        const double zero = low_pass ? -1.0 : 1.0;
        const auto add = [&](Complex p, Complex q) {
            const double a1 = -(p + q).real(), a2 = (p * q).real();
            sections_.push_back(band ? Section{1.0, 0.0, -1.0, a1, a2}
                                     : Section{1.0, -2.0 * zero, 1.0, a1, a2});
        };
        for (int k = 0; k <= order - 1; k += 2) {
            // Poles of the analogue low-pass at frequency 1, those with imaginary part >= 0; k = 0 is -1.
            const Complex p = -std::polar(1.0, -std::numbers::pi * k / (2.0 * order));
            if (band) {
                const double w1 = warped(*high_pass), w2 = warped(*low_pass), width = w2 - w1;
                const Complex half = p * (width / 2.0), root = std::sqrt(half * half - w1 * w2);
                const Complex s = digital(half + root), t = digital(half - root);
                if (k == 0) {
                    add(s, t);
                } else {
                    add(s, std::conj(s));
                    add(t, std::conj(t));
                }
                continue;
            }
            const Complex s = low_pass ? digital(warped(*low_pass) * p) : digital(warped(*high_pass) / p);
            if (k == 0) {
                sections_.push_back({1.0, -zero, 0.0, -s.real(), 0.0});
            } else {
                add(s, std::conj(s));
            }
        }
        // The gain is 1 at 0, at half the rate, or in the middle of the band.
        double angle = low_pass ? 0.0 : std::numbers::pi;
        if (band) angle = 2.0 * std::atan(std::sqrt(warped(*high_pass) * warped(*low_pass)) / twice);
        const Complex z = std::polar(1.0, -angle);
        for (auto& section : sections_) {
            const double gain = std::abs((section.b0 + section.b1 * z + section.b2 * z * z) /
                                         (1.0 + section.a1 * z + section.a2 * z * z));
            section.b0 /= gain;
            section.b1 /= gain;
            section.b2 /= gain;
        }
        padding_ = band ? 33 : 18;  // three times the length of the filter
    }

    /// Samples that are added at either end; a series must be longer.
    [[nodiscard]] std::int64_t padding() const { return padding_; }

    /// Filters some series of one length forwards and backwards, so that nothing is delayed; the ends are continued by odd
    /// reflection. Each value waits for the one before, so that several series side by side take little longer than one.
    template <std::size_t Series>
    void apply(const std::array<double*, Series>& series, std::size_t size) const {
        const auto pad = static_cast<std::size_t>(padding_);
        std::vector<double> padded((size + 2 * pad) * Series);
        for (std::size_t k = 0; k < Series; ++k) {
            const double* const from = series[k];
            double* const to = padded.data() + k;
            for (std::size_t i = 0; i < pad; ++i) {
                to[(pad - 1 - i) * Series] = 2.0 * from[0] - from[i + 1];
                to[(pad + size + i) * Series] = 2.0 * from[size - 1] - from[size - 2 - i];
            }
            for (std::size_t i = 0; i < size; ++i) to[(pad + i) * Series] = from[i];
        }
        const auto step = static_cast<std::ptrdiff_t>(Series);
        run<Series>(padded.data(), step, size + 2 * pad);
        run<Series>(padded.data() + padded.size() - Series, -step, size + 2 * pad);
        for (std::size_t k = 0; k < Series; ++k) {
            for (std::size_t i = 0; i < size; ++i) series[k][i] = padded[(pad + i) * Series + k];
        }
    }

private:
    /// One way, from the state that the first value would have left if it had always been there.
    /// \param step  from one value of a series to the next
    template <std::size_t Series>
    void run(double* values, std::ptrdiff_t step, std::size_t size) const {
        std::array<double, Series> level, first, second;
        std::copy_n(values, Series, level.begin());
        for (const auto& [b0, b1, b2, a1, a2] : sections_) {
            for (std::size_t k = 0; k < Series; ++k) {
                const double out = level[k] * (b0 + b1 + b2) / (1.0 + a1 + a2);
                second[k] = b2 * level[k] - a2 * out;
                first[k] = b1 * level[k] - a1 * out + second[k];
                level[k] = out;
            }
            for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(size); ++i) {
                double* const at = values + i * step;
                for (std::size_t k = 0; k < Series; ++k) {
                    const double value = at[k], y = b0 * value + first[k];
                    first[k] = b1 * value - a1 * y + second[k];
                    second[k] = b2 * value - a2 * y;
                    at[k] = y;
                }
            }
        }
    }

    std::vector<Section> sections_;
    std::int64_t padding_ = 0;
};

/// Cosines of periods longer than 1 / `high_pass`, a column each, without the constant.
/// \param step  seconds between two volumes
[[nodiscard]] inline Eigen::MatrixXd cosine_drifts(std::int64_t volumes, double high_pass, double step) {
    const auto n = static_cast<double>(volumes);
    // Just so much that 2 n f TR = 3 is 3, where products of decimal fractions miss it.
    const double most = std::floor(2.0 * n * high_pass * step * (1.0 + 1e-14));
    const auto count = static_cast<Eigen::Index>(std::min(n - 1.0, most));
    Eigen::MatrixXd out(volumes, std::max<Eigen::Index>(count, 0));
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
        for (Eigen::Index i = 0; i < out.rows(); ++i) {
            out(i, k) = std::sqrt(2.0 / n) * std::cos(std::numbers::pi * (static_cast<double>(i) + 0.5) *
                                                      static_cast<double>(k + 1) / n);
        }
    }
    return out;
}

/// Puts cubic splines through the rows that are kept, one a column, and fills the other rows from them.
///
/// The third derivative is continuous at the second and at the last but one kept row ("not a knot").
template <class Matrix>
void fill_by_splines(Matrix& values, const std::vector<Eigen::Index>& kept) {
    if (values.cols() == 0) return;  // Eigen would step from a null pointer
    const auto n = static_cast<Eigen::Index>(kept.size());
    if (n < 2 || n == values.rows()) {
        if (n == 1) values.rowwise() = Eigen::RowVectorXd(values.row(kept.front()));
        return;
    }
    const auto at = [&](Eigen::Index i) { return kept[static_cast<std::size_t>(i)]; };
    const auto gap = [&](Eigen::Index i) { return static_cast<double>(at(i + 1) - at(i)); };
    Eigen::MatrixXd slopes(n, values.cols()), chords(n - 1, values.cols());
    for (Eigen::Index i = 0; i + 1 < n; ++i)
        chords.row(i) = (values.row(at(i + 1)) - values.row(at(i))) / gap(i);
    if (n == 2) {
        slopes.rowwise() = Eigen::RowVectorXd(chords.row(0));
    } else {
        // lower s_(i-1) + middle s_i + upper s_(i+1) = right.
        Eigen::VectorXd lower(n), middle(n), upper(n);
        lower[0] = upper[n - 1] = 0.0;
        for (Eigen::Index i = 1; i + 1 < n; ++i) {
            lower[i] = gap(i);
            middle[i] = 2.0 * (gap(i - 1) + gap(i));
            upper[i] = gap(i - 1);
            slopes.row(i) = 3.0 * (gap(i) * chords.row(i - 1) + gap(i - 1) * chords.row(i));
        }
        if (n == 3) {  // one parabola
            middle[0] = upper[0] = lower[2] = middle[2] = 1.0;
            slopes.row(0) = 2.0 * chords.row(0);
            slopes.row(2) = 2.0 * chords.row(1);
        } else {
            const double head = gap(0) + gap(1), tail = gap(n - 2) + gap(n - 3);
            middle[0] = gap(1);
            upper[0] = head;
            slopes.row(0) =
                ((gap(0) + 2.0 * head) * gap(1) * chords.row(0) + gap(0) * gap(0) * chords.row(1)) / head;
            middle[n - 1] = gap(n - 3);
            lower[n - 1] = tail;
            slopes.row(n - 1) = (gap(n - 2) * gap(n - 2) * chords.row(n - 3) +
                                 (2.0 * tail + gap(n - 2)) * gap(n - 3) * chords.row(n - 2)) /
                                tail;
        }
        for (Eigen::Index i = 1; i < n; ++i) {
            const double factor = lower[i] / middle[i - 1];
            middle[i] -= factor * upper[i - 1];
            slopes.row(i) -= factor * slopes.row(i - 1);
        }
        slopes.row(n - 1) /= middle[n - 1];
        for (Eigen::Index i = n - 2; i >= 0; --i) {
            slopes.row(i) = (slopes.row(i) - upper[i] * slopes.row(i + 1)) / middle[i];
        }
    }
    Eigen::Index piece = 0;
    for (Eigen::Index row = 0; row < values.rows(); ++row) {
        while (piece + 2 < n && row >= at(piece + 1)) ++piece;
        if (row == at(piece) || row == at(piece + 1)) continue;
        const double h = gap(piece), x = static_cast<double>(row - at(piece));
        const Eigen::RowVectorXd bend =
            (slopes.row(piece) + slopes.row(piece + 1) - 2.0 * chords.row(piece)) / h;
        values.row(row) =
            values.row(at(piece)) +
            x * (slopes.row(piece) + x * ((chords.row(piece) - slopes.row(piece)) / h - bend + x * bend / h));
    }
}

}  // namespace roi::detail
