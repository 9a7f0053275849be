// A comparison of a table column chooses volumes; it is not one truth value.
// expected: (could not convert|not contextually convertible|no viable conversion).*bool
#include <roi/image/column.hpp>

int main() {
    const roi::Column conditions({"face", "house"});
#ifdef ROI_CONTROL
    if ((conditions == "face").count() == 1) return 0;
#else
    if (conditions == "face") return 0;
#endif
    return 1;
}
