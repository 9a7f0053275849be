#pragma once
#include <nifti2_io.h>
