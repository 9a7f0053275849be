#pragma once
#include "parallel.hpp"
