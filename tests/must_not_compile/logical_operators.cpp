// Masks are put together by functions with names.
// expected: roi: masks have no operator &: write logical_and.*roi: masks have no operator &&: write logical_and
// expected: roi: masks have no operator |: write logical_or.*roi: masks have no operator ||: write logical_or
// expected: roi: masks have no operator .: write logical_xor
// expected: roi: masks have no operator !: write logical_not.*roi: masks have no operator ~: write logical_not
// errors: 7
#include <roi/image/logical.hpp>

int main() {
    const roi::Mask a(roi::Shape(2, 2, 2), true), b(a.grid());
#ifdef ROI_CONTROL
    const auto both = roi::logical_and(a, b), and_then = roi::logical_and(a, b);
    const auto either = roi::logical_or(a, b), or_else = roi::logical_or(a, b);
    const auto one = roi::logical_xor(a, b), none = roi::logical_not(a), inverted = roi::logical_not(b);
#else
    const auto both = a & b, and_then = a && b;
    const auto either = a | b, or_else = a || b;
    const auto one = a ^ b, none = !a, inverted = ~b;
#endif
    return both[0] || and_then[0] || !either[0] || !or_else[0] || !one[0] || none[0] || !inverted[0] ? 1 : 0;
}
