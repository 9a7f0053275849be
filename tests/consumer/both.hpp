#pragma once
#if __has_include(<roi/roi.hpp>)
#include <roi/roi.hpp>
#else
#include <roi/version.hpp>
#include <roi/volume4d.hpp>
#endif
#include <string>
