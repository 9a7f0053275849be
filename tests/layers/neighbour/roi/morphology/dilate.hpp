#pragma once
#include <roi/spatial/smooth.hpp>
