#pragma once
#include <roi/smooth.hpp>
