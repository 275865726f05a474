#pragma once

/// Classical mixtures of experts: fit, predict, and what that is made of.
#include "fit.hpp"
#include "predict.hpp"
