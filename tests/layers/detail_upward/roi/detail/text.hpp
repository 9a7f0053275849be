#pragma once
#include <roi/error.hpp>
