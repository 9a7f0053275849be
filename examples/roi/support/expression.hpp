// Expressions of `roi math`: read once, then calculated for every voxel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace command {

/// A node of an expression: a number, an image, or an operation on others.
struct Expression {
    enum class Kind {
        number,
        image,
        negate,
        invert,
        abs,
        sqrt,
        exp,
        log,
        mean,
        add,
        subtract,
        multiply,
        divide,
        less,
        less_equal,
        greater,
        greater_equal,
        equal,
        not_equal,
        both,
        either,
        min,
        max,
        pow
    };

    Kind kind = Kind::number;
    double number = 0.0;
    std::size_t image = 0;  ///< index of the values in `calculate`; after parsing 0 to 25 for a to z
    std::vector<Expression> parts;
    bool in_a_row = false;  ///< of a whole one: is a comparison compared somewhere, as in 1 < a < 2?

    /// Is the result 0 or 1 everywhere?
    [[nodiscard]] bool is_truth() const;
};

/// Reads an expression: numbers, images a to z, + - * / comparisons & | ! ( ), abs sqrt exp log mean, min, max and pow of two.
///
/// Precedence is C's: ! and signs, * /, + -, < <= > >=, == !=, &, |.
/// \throws UsageError that shows the place where it is wrong
[[nodiscard]] Expression parse_expression(std::string_view text);

/// What is known of values before they are calculated.
struct Values {
    double most = 0.0;    ///< the largest magnitude of a finite one; infinity where there is no end
    bool whole = false;   ///< are all finite ones whole numbers?
    bool single = false;  ///< do they come from float, so that they have no more digits than it?

    /// Does float hold them: whole numbers to the last digit, others as well as any?
    [[nodiscard]] bool fit_float() const { return single || most <= 16777216.0; }
};

/// What is known of the values of an expression.
/// \param images  what is known of the images a to z
[[nodiscard]] Values values_of(const Expression& expression, std::span<const Values> images);

/// The letters of the images in an expression, in order.
[[nodiscard]] std::string images_of(const Expression& expression);

/// Writes values as another type.
/// \returns  how many finite ones are beyond it and became infinite
std::int64_t narrowed(std::span<const double> values, std::span<float> out);
std::int64_t narrowed(std::span<const double> values, std::span<double> out);

/// An expression made ready to be calculated for many values: its operations in the order in which they are done.
///
/// out[i] is calculated from values[k][i] of image k, in double. NaN is false; comparisons with NaN are false but !=.
class Calculation {
public:
    explicit Calculation(const Expression& expression);

    /// May be called from several threads at once.
    /// \returns  how many finite results are beyond the type of `out` and became infinite
    std::int64_t operator()(std::span<const double* const> values, std::span<double> out) const;
    std::int64_t operator()(std::span<const double* const> values, std::span<float> out) const;

private:
    /// What an operation is done with: a number, the values of an image, or what an earlier one has put into a room.
    struct Operand {
        enum class From { number, image, room };
        From from = From::number;
        double number = 0.0;
        std::size_t index = 0;
    };
    struct Step {
        Expression::Kind kind;
        Operand left, right;
        std::size_t room;  ///< where the result goes
    };

    Operand add(const Expression& expression);

    template <class R>
    std::int64_t calculate(std::span<const double* const> values, std::span<R> out) const;

    std::vector<Step> steps_;
    std::size_t used_ = 0;   // rooms in use at the place where `add` is
    std::size_t rooms_ = 0;  // rooms needed
    Operand result_;
};

/// Calculates an expression once.
inline void calculate(const Expression& expression, std::span<const double* const> values,
                      std::span<double> out) {
    Calculation{expression}(values, out);
}

}  // namespace command
