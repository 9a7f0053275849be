# math: precedence, runs and volumes, means over time, types, and where an expression is wrong.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")
set(bold "${SUBJECT}/bold.nii.gz")
set(mask "${SUBJECT}/mask4_vt.nii.gz")
run(0 mean "${bold}" -o mean.nii)

# Every line is an expression that is 1 everywhere, of the mean (between 0 and some thousands) or of the run and its mean.
foreach(expression
    "a + 2 * 3 == a + 6" "abs((a + 2) * 3 - (a * 3 + 6)) < 1e-6" "-a * 2 - (0 - 2 * a) < 1" "!(a < 0) & !a * 0 == 0" "a - 2 - 3 == a - 5"
    "8 / 4 / 2 == 1 | a < 0" "a < 0 | 1 & 1" "1 | 0 & a < 0" "min(a, -1) == -1" "max(a, 1e9) == 1000000000"
    "abs(-a) == a" "pow(a, 2) == a * a" "abs(pow(a, 0.5) - sqrt(a)) < 1e-9" "pow(2, 3) == 8 & a == a" "abs(sqrt(a * a) - a) < .001" "abs(log(exp(2)) - 2) < 1e-12 & a == a" "1 / (a * 0) > 1e300 | a * 0 != 0"
    "a != 1 / 0 * 0" "abs(mean(a) - a) == 0")
  run(0 math "${expression}" --a mean.nii -o truth.nii)
  expect_value(truth.nii "statistics;min" 1)
  expect_value(truth.nii datatype uint8)
endforeach()

# A volume meets every volume of a run; the mean over time is one volume.
run(0 math "a - mean(a)" --a "${bold}" -o centred.nii.gz)
run(0 mean centred.nii.gz -o zero.nii)
run(0 math "abs(a) < 1e-3" --a zero.nii -o truth.nii)
expect_value(truth.nii "statistics;min" 1)
run(0 math "mean(r * (m > 0)) - mean(r) * m" --r "${bold}" --m "${mask}" -o zero.nii)
run(0 math "abs(a) < 1e-3" --a zero.nii -o truth.nii)
expect_value(truth.nii "statistics;min" 1)
run(0 math "a + b - a" --a "${bold}" --b "${bold}" -o both.nii.gz --threads 2)
run(0 math "a" --a "${bold}" -o same.nii.gz --threads 1)
expect_same(both.nii.gz same.nii.gz)

# A number beside an image of float32 is rounded as the image's values are; one that is calculated is not.
run(0 math "a * 0 + 0.7" --a mean.nii -o wide.nii)
run(0 math "min(a * 0 + 0.7, 1)" --a "${mask}" -o seven.nii)
expect_value(seven.nii datatype float32)
foreach(expression "s == 0.7" "0.7 == s" "s >= 0.7" "!(s < 0.7)" "-s * 1 <= -0.69" "s + 0 != 0.7")
  run(0 math "${expression}" --s seven.nii -o truth.nii)
  expect_value(truth.nii "statistics;min" 1)
endforeach()

# Bytes are written as float where it holds every result that they can have, else as double.
run(0 math "a * 255" --a "${mask}" -o byte.nii)
expect_value(byte.nii datatype float32)
foreach(case "float32;a * 3 - 1" "float32;a / 4 + 0.5" "float32;a * 65793" "float32;sqrt(a) + log(a)" "float32;a / a"
        "float64;a * 65793 + 2" "float64;exp(a)" "float64;a * a * a * a" "float64;a * a * a * a / 2" "float64;1 / (a + 0.5)"
        "float64;max(a, 16777217)" "uint8;a * a * a * a > 3")
  list(GET case 0 type)
  list(GET case 1 expression)
  run(0 math "${expression}" --a "${mask}" -o typed.nii)
  expect_value(typed.nii datatype ${type})
endforeach()
run(0 math "a * 16777217 + 2" --a "${mask}" -o typed.nii)
expect_value(typed.nii "statistics;max" 16777219)
run(0 concat "${mask}" "${mask}" -o masks.nii)
run(0 math "a * 16777217 + 2" --a masks.nii -o typed.nii)
expect_value(typed.nii "statistics;max" 16777219)
# What the type of the result does not hold is said.
run(0 math "exp(a)" --a byte.nii -o out.nii)
expect("${ERR}" "^roi math: warning: [0-9]+ results are beyond 3.4e38, the end of float32, and became infinite; divide the images by a number first\n$")
foreach(image "${mask}" masks.nii)
  run(0 math "a * 4611686018427387905" --a "${image}" -o out.nii)
  expect("${ERR}" "^roi math: warning: [0-9]+ whole results are beyond 2.53, up to which float64 holds all of them, and are rounded; divide the images by a number first\n$")
endforeach()

# An expression that begins with a minus is no option.
foreach(expression "-a/a" "-a-a" "-a" "-a!=a")
  run(0 math "${expression}" --a mean.nii -o minus.nii)
endforeach()
run(2 math -x --a mean.nii -o minus.nii)

# Where it is wrong is shown, in one line.
run(2 math "a * (b > )" --a mean.nii --b mean.nii -o out.nii)
expect("${ERR}" "^roi math: expected a number, an image or \"\\(\" at character 10, found \"\\)\": a \\* \\(b > +>>> \\)")
run(2 math "a +" --a mean.nii -o out.nii)
expect("${ERR}" "at character 4, found the end")
run(2 math "a b" --a mean.nii -o out.nii)
run(2 math "a × b" --a mean.nii --b mean.nii -o out.nii)
expect("${ERR}" "^roi math: expected an operator or the end at character 3, found \"×\": a  >>> × b")
run(2 math "min(a)" --a mean.nii -o out.nii)
run(2 math "sinh(a)" --a mean.nii -o out.nii)
expect("${ERR}" "[^ ]: >>> sinh")
run(2 math "a && a" --a mean.nii -o out.nii)
expect("${ERR}" "; one & means and ")
run(2 math "a || a" --a mean.nii -o out.nii)
expect("${ERR}" "; one \\| means or ")
foreach(power "a ** 2" "a^2")
  run(2 math "${power}" --a mean.nii -o out.nii)
  expect("${ERR}" "; a power is pow\\(a, 2\\)")
endforeach()
run(2 math "1 + 1" -o out.nii)
run(2 math "a + c" --a mean.nii -o out.nii)
expect("${ERR}" "--c FILE is missing")
run(0 math "a + 1" --a mean.nii --b nowhere.nii -o out.nii)
expect("${ERR}" "warning: --b nowhere.nii is not read: the expression does not name b")
run(0 resample mean.nii --voxel-size 9 -o coarse.nii)
run(1 math "a + b" --a mean.nii --b coarse.nii -o out.nii)
expect("${ERR}" "one grid")
run(1 math "a" --a nothing.nii -o out.nii)

# Nothing is said with --quiet, and nothing fails for it.
run(0 math "a" --a mean.nii --b mean.nii --quiet -o quiet.nii)
expect("${ERR}" "^$")

# Of several images the one with NaN is named.
run(0 math "sqrt(0 - abs(a) - 1)" --a mean.nii -o nothing.nii --quiet)
run(0 mean mean.nii nothing.nii -o out.nii)
expect("${ERR}" "^roi mean: warning: nothing.nii: [0-9]+ voxels in 1 volume are NaN or infinite: [^\n]+\n$")

# C's comparisons in a row are no range.
run(0 math "500 < a < 900" --a mean.nii -o out.nii)
expect("${ERR}" "^roi math: warning: comparisons in a row, as in 1 < a < 2, [^\n]+\n$")
foreach(fine IN ITEMS "(500 < a) & (a < 900)" "(500 < a) == (a < 900)" "500 < a == 1" "(a < 1) < 2" "a == a + (a == 1)")
  run(0 math "${fine}" --a mean.nii -o out.nii)
  expect("${ERR}" "^$")
endforeach()
run(0 math "a != 1 == 2" --a mean.nii -o out.nii)
expect("${ERR}" "in a row")
run(0 math "(--a)" --a mean.nii -o out.nii)
expect_same(out.nii mean.nii)
