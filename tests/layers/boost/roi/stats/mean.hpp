#pragma once
#include <boost/math/distributions/students_t.hpp>
