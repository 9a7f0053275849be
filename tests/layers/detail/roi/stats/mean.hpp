#pragma once
#include <roi/spatial/detail/gaussian.hpp>
