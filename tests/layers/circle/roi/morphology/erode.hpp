#pragma once
#include <roi/morphology/dilate.hpp>
