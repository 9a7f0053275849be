// Masks that grow and shrink.
#pragma once

#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>
