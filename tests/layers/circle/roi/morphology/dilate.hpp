#pragma once
#include <roi/morphology/erode.hpp>
