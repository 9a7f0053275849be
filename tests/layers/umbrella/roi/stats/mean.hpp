#pragma once
#include <roi/image.hpp>
