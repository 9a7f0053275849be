#include "expression.hpp"

#include <roi/core/text.hpp>

#include "usage_error.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace command {

namespace {

using Kind = Expression::Kind;

struct Operator {
    std::string_view text;
    Kind kind;
    int precedence;
};

// Longer ones first, so that <= is not taken for <.
constexpr std::array<Operator, 12> operators{{{"<=", Kind::less_equal, 4},
                                              {">=", Kind::greater_equal, 4},
                                              {"==", Kind::equal, 3},
                                              {"!=", Kind::not_equal, 3},
                                              {"<", Kind::less, 4},
                                              {">", Kind::greater, 4},
                                              {"+", Kind::add, 5},
                                              {"-", Kind::subtract, 5},
                                              {"*", Kind::multiply, 6},
                                              {"/", Kind::divide, 6},
                                              {"&", Kind::both, 2},
                                              {"|", Kind::either, 1}}};

struct Function {
    std::string_view name;
    Kind kind;
    std::size_t parts;
};

constexpr std::array<Function, 8> functions{{{"abs", Kind::abs, 1},
                                             {"sqrt", Kind::sqrt, 1},
                                             {"exp", Kind::exp, 1},
                                             {"log", Kind::log, 1},
                                             {"mean", Kind::mean, 1},
                                             {"min", Kind::min, 2},
                                             {"max", Kind::max, 2},
                                             {"pow", Kind::pow, 2}}};

/// Recursive descent with one function for all binary operators, by precedence.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    [[nodiscard]] Expression whole() {
        auto out = binary(1);
        if (!at_end()) fail("an operator or the end");
        out.in_a_row = in_a_row_;
        return out;
    }

private:
    [[nodiscard]] Expression binary(int least) {
        const Deeper deeper(*this);
        auto left = unary();
        int compared = 0;  // precedence of the comparison that is left without parentheses
        while (const Operator* found = next_operator(least)) {
            at_ += found->text.size();
            count();
            const bool compares = found->kind >= Kind::less && found->kind <= Kind::not_equal;
            in_a_row_ = in_a_row_ || (compares && found->precedence == compared);
            compared = compares ? found->precedence : 0;
            auto right = binary(found->precedence + 1);
            left = make(found->kind, {std::move(left), std::move(right)});
        }
        return left;
    }

    [[nodiscard]] Expression unary() {
        const Deeper deeper(*this);
        skip_blanks();
        if (take('!')) return make(Kind::invert, {unary()});
        if (take('-')) return make(Kind::negate, {unary()});
        if (take('+')) return unary();
        if (take('(')) {
            auto inner = binary(1);
            if (!take(')')) fail("\")\"");
            return inner;
        }
        if (at_end()) fail("a number, an image or \"(\"");
        const char c = text_[at_];
        if ((c >= '0' && c <= '9') || c == '.') return number();
        if (is_letter(c)) return name();
        fail("a number, an image or \"(\"");
    }

    [[nodiscard]] Expression number() {
        std::size_t end = at_;
        const auto digits = [&] {
            while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
        };
        digits();
        if (end < text_.size() && text_[end] == '.') ++end, digits();
        if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
            ++end;
            if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
            digits();
        }
        Expression out;
        const std::string word(text_.substr(at_, end - at_));
        char* last = nullptr;
        out.number = std::strtod(word.c_str(), &last);
        if (last != word.c_str() + word.size()) fail("a number");
        if (!std::isfinite(out.number)) fail("a number below 1.8e308");
        at_ = end;
        return out;
    }

    [[nodiscard]] Expression name() {
        std::size_t end = at_;
        while (end < text_.size() && (is_letter(text_[end]) || (text_[end] >= '0' && text_[end] <= '9')))
            ++end;
        const auto word = text_.substr(at_, end - at_);
        if (word.size() == 1) {
            Expression out;
            out.kind = Kind::image;
            out.image = static_cast<std::size_t>(word[0] - 'a');
            at_ = end;
            return out;
        }
        const auto* function = std::find_if(functions.begin(), functions.end(),
                                            [&](const Function& f) { return f.name == word; });
        if (function == functions.end()) {
            fail("an image (one letter), or one of abs, sqrt, exp, log, mean, min, max, pow");
        }
        at_ = end;
        if (!take('(')) fail("\"(\"");
        std::vector<Expression> parts{binary(1)};
        while (parts.size() < function->parts) {
            if (!take(',')) fail("\",\" and a second value");
            parts.push_back(binary(1));
        }
        if (!take(')')) fail("\")\"");
        return make(function->kind, std::move(parts));
    }

    [[nodiscard]] const Operator* next_operator(int least) {
        skip_blanks();
        for (const Operator& candidate : operators) {
            if (text_.substr(at_, candidate.text.size()) != candidate.text) continue;
            return candidate.precedence >= least ? &candidate : nullptr;
        }
        return nullptr;
    }

    static Expression make(Kind kind, std::vector<Expression> parts) {
        Expression out;
        out.kind = kind;
        out.parts = std::move(parts);
        return out;
    }

    static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    }
    [[nodiscard]] bool at_end() {
        skip_blanks();
        return at_ >= text_.size();
    }
    [[nodiscard]] bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    /// \param expected  what should stand where reading has come to
    [[noreturn]] void fail(std::string_view expected) {
        skip_blanks();
        // A character may be several bytes; what stands before it has been read, so there each is one.
        std::size_t end = at_;
        if (!at_end()) ++end;
        while (end < text_.size() && end > at_ && (static_cast<unsigned char>(text_[end]) & 0xc0U) == 0x80U)
            ++end;
        throw UsageError(roi::text("expected ", expected, " at character ", at_ + 1, ", found ",
                                   at_end() ? "the end" : roi::text("\"", text_.substr(at_, end - at_), "\""),
                                   ": ", text_.substr(0, at_), at_ > 0 ? " " : "", ">>> ", text_.substr(at_),
                                   hint()));
    }

    /// Of what other languages write.
    [[nodiscard]] std::string_view hint() const {
        const auto two = at_ > 0 ? text_.substr(at_ - 1, 2) : std::string_view();
        if (two == "&&") return "; one & means and";
        if (two == "||") return "; one | means or";
        if (two == "**" || text_.substr(at_, 1) == "^") return "; a power is pow(a, 2)";
        return {};
    }

    /// What is calculated is a tree whose left branch may be as long as the expression.
    void count() {
        if (++operations_ > 1000) throw UsageError("the expression has more than 1000 operations");
    }

    /// A person's expression is never nested so deep; a stack is only so large.
    class Deeper {
    public:
        explicit Deeper(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > 200) throw UsageError("the expression is nested too deep");
        }
        ~Deeper() { --parser_.depth_; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;

    private:
        Parser& parser_;
    };

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int operations_ = 0;
    bool in_a_row_ = false;
};

constexpr std::size_t values_at_once = 512;

bool truth(double value) { return value != 0.0 && !std::isnan(value); }

double as_number(bool value) { return value ? 1.0 : 0.0; }

/// A power of 2 with an inverse that is one, too.
bool is_power_of_two(double value) {
    int exponent = 0;
    return std::isnormal(value) && std::isnormal(1.0 / value) &&
           std::abs(std::frexp(value, &exponent)) == 0.5;
}

/// One side of an operation: a number, or as many values as there are results.
struct Side {
    const double* values = nullptr;
    double number = 0.0;
};

template <class F>
void to_each(Side side, std::span<double> out, F f) {
    if (!side.values) return std::fill(out.begin(), out.end(), f(side.number));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(side.values[i]);
}

template <class F>
void to_each(Side left, Side right, std::span<double> out, F f) {
    if (!left.values) return to_each(right, out, [f, a = left.number](double b) { return f(a, b); });
    if (!right.values) return to_each(left, out, [f, b = right.number](double a) { return f(a, b); });
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(left.values[i], right.values[i]);
}

// The operation is chosen once a block, not once a value, so that what is inside a loop can be done several values at a time.

void calculate_two(Kind kind, Side left, Side right, std::span<double> out) {
    const auto each = [&](auto f) { to_each(left, right, out, f); };
    switch (kind) {
        case Kind::add:
            return each([](double a, double b) { return a + b; });
        case Kind::subtract:
            return each([](double a, double b) { return a - b; });
        case Kind::multiply:
            return each([](double a, double b) { return a * b; });
        case Kind::divide:
            return each([](double a, double b) { return a / b; });
        case Kind::less:
            return each([](double a, double b) { return as_number(a < b); });
        case Kind::less_equal:
            return each([](double a, double b) { return as_number(a <= b); });
        case Kind::greater:
            return each([](double a, double b) { return as_number(a > b); });
        case Kind::greater_equal:
            return each([](double a, double b) { return as_number(a >= b); });
        case Kind::equal:
            return each([](double a, double b) { return as_number(a == b); });
        case Kind::not_equal:
            return each([](double a, double b) { return as_number(a != b); });
        case Kind::both:
            return each(
                [](double a, double b) { return as_number((unsigned{truth(a)} & unsigned{truth(b)}) != 0); });
        case Kind::either:
            return each(
                [](double a, double b) { return as_number((unsigned{truth(a)} | unsigned{truth(b)}) != 0); });
        case Kind::min:
            return each([](double a, double b) { return a < b || std::isnan(a) ? a : b; });
        case Kind::max:
            return each([](double a, double b) { return a > b || std::isnan(a) ? a : b; });
        case Kind::pow:
            return each([](double a, double b) { return b == 2.0 ? a * a : std::pow(a, b); });
        default:
            return std::fill(out.begin(), out.end(), 0.0);
    }
}

void calculate_one(Kind kind, Side side, std::span<double> out) {
    const auto each = [&](auto f) { to_each(side, out, f); };
    switch (kind) {
        case Kind::negate:
            return each([](double a) { return -a; });
        case Kind::invert:
            return each([](double a) { return as_number(!truth(a)); });
        case Kind::abs:
            return each([](double a) { return std::abs(a); });
        case Kind::sqrt:
            return each([](double a) { return std::sqrt(a); });
        case Kind::exp:
            return each([](double a) { return std::exp(a); });
        case Kind::log:
            return each([](double a) { return std::log(a); });
        default:
            return each([](double a) { return a; });
    }
}

void collect_images(const Expression& e, std::string& out) {
    if (e.kind == Kind::image) out += static_cast<char>('a' + e.image);
    for (const auto& part : e.parts) collect_images(part, out);
}

/// What is known of powers, whose exponent is a number as a rule.
Values values_of_power(const Values& base, const Expression& exponent, bool single) {
    if (exponent.kind != Kind::number || exponent.number < 0.0) {
        return {std::numeric_limits<double>::infinity(), false, single};
    }
    const bool whole = exponent.number == std::floor(exponent.number);
    return {std::pow(std::max(base.most, 1.0), exponent.number), base.whole && whole, single};
}

}  // namespace

bool Expression::is_truth() const {
    return kind == Kind::invert || (kind >= Kind::less && kind <= Kind::either);
}

Values values_of(const Expression& expression, std::span<const Values> images) {
    constexpr double no_end = std::numeric_limits<double>::infinity();
    if (expression.kind == Kind::number) {
        const double size = std::abs(expression.number);
        return {size, size == std::floor(size), false};
    }
    if (expression.kind == Kind::image) return images[expression.image];
    if (expression.is_truth()) return {1.0, true, false};
    const Values a = values_of(expression.parts.front(), images);
    const Values b = expression.parts.size() == 2 ? values_of(expression.parts.back(), images) : a;
    const bool whole = a.whole && b.whole, single = a.single || b.single;
    switch (expression.kind) {
        case Kind::add:
        case Kind::subtract:
            return {a.most + b.most, whole, single};
        case Kind::multiply:
            return {a.most == 0.0 || b.most == 0.0 ? 0.0 : a.most * b.most, whole, single};
        case Kind::divide:
            // A divisor is a number, or no smaller than 1 where it is a whole number and not 0, or as small as can be.
            if (const Expression& by = expression.parts.back(); by.kind == Kind::number && by.number != 0.0) {
                return {a.most / std::abs(by.number), false, single};
            }
            return {b.whole || a.most == 0.0 ? a.most : no_end, false, single};
        case Kind::min:
        case Kind::max:
            return {std::max(a.most, b.most), whole, single};
        case Kind::sqrt:
            return {std::sqrt(a.most), false, single};
        case Kind::pow:
            return values_of_power(a, expression.parts.back(), single);
        case Kind::exp:
            return {std::exp(a.most), false, single};
        case Kind::log:
            // The smallest number above 0 has the largest.
            return {std::max(std::log(std::max(a.most, 1.0)), 745.0), false, single};
        case Kind::mean:
            return {a.most, false, single};
        default:
            return a;
    }
}

Expression parse_expression(std::string_view text) { return Parser(text).whole(); }

std::string images_of(const Expression& expression) {
    std::string out;
    collect_images(expression, out);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Calculation::Calculation(const Expression& expression) : result_(add(expression)) {}

Calculation::Operand Calculation::add(const Expression& e) {
    if (e.kind == Kind::number) return {Operand::From::number, e.number, 0};
    if (e.kind == Kind::image) return {Operand::From::image, 0.0, e.image};
    const std::size_t room = used_;
    Step step{e.kind, add(e.parts.front()), {}, room};
    if (e.parts.size() == 2) step.right = add(e.parts.back());
    // Half a value is the same bits and takes a quarter of the time of a division by 2; so with every power of 2.
    if (step.kind == Kind::divide && step.right.from == Operand::From::number &&
        is_power_of_two(step.right.number)) {
        step.kind = Kind::multiply;
        step.right.number = 1.0 / step.right.number;
    }
    steps_.push_back(step);
    used_ = room + 1;
    rooms_ = std::max(rooms_, used_);
    return {Operand::From::room, 0.0, room};
}

template <class R>
std::int64_t Calculation::calculate(std::span<const double* const> values, std::span<R> out) const {
    constexpr bool in_place = std::is_same_v<R, double>;
    // What is not set here is written before it is read.
    const std::unique_ptr<double[]> rooms(new double[std::max<std::size_t>(1, rooms_) * values_at_once]);
    std::int64_t beyond = 0;
    for (std::size_t first = 0; first < out.size(); first += values_at_once) {
        const std::size_t count = std::min(values_at_once, out.size() - first);
        const auto side = [&](const Operand& operand) {
            if (operand.from == Operand::From::number) return Side{nullptr, operand.number};
            if (operand.from == Operand::From::image) return Side{values[operand.index] + first, 0.0};
            return Side{rooms.get() + operand.index * values_at_once, 0.0};
        };
        for (const Step& step : steps_) {
            double* to = rooms.get() + step.room * values_at_once;
            if constexpr (in_place) {
                if (&step == &steps_.back()) to = out.data() + first;
            }
            if (step.kind >= Kind::add) {
                calculate_two(step.kind, side(step.left), side(step.right), {to, count});
            } else {
                calculate_one(step.kind, side(step.left), {to, count});
            }
        }
        if (in_place && !steps_.empty()) continue;
        const Side result = side(result_);
        if (result.values) {
            beyond += narrowed({result.values, count}, out.subspan(first, count));
        } else {
            std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(first), count,
                        static_cast<R>(result.number));
        }
    }
    return beyond;
}

std::int64_t Calculation::operator()(std::span<const double* const> values, std::span<double> out) const {
    return calculate(values, out);
}

std::int64_t Calculation::operator()(std::span<const double* const> values, std::span<float> out) const {
    return calculate(values, out);
}

std::int64_t narrowed(std::span<const double> values, std::span<float> out) {
    for (std::size_t i = 0; i < values.size(); ++i) out[i] = static_cast<float>(values[i]);
    // Infinite ones are rare, and looked for in a loop that is done several values at a time.
    std::uint32_t infinite = 0;
    for (const float value : out) infinite += std::abs(value) > std::numeric_limits<float>::max() ? 1U : 0U;
    if (infinite == 0) return 0;
    std::int64_t beyond = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i]) && std::isinf(out[i])) ++beyond;
    }
    return beyond;
}

std::int64_t narrowed(std::span<const double> values, std::span<double> out) {
    std::copy(values.begin(), values.end(), out.begin());
    return 0;
}

}  // namespace command
