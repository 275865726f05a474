#pragma once

/// Classical mixtures of experts: fit, with a Lasso penalty or without, predict, simulate, the losses of their theory,
/// and what that is made of.
#include "fit.hpp"
#include "inference.hpp"
#include "merges.hpp"
#include "mixture/registry.hpp"
#include "path.hpp"
#include "predict.hpp"
#include "predict_sparse.hpp"
#include "save.hpp"
#include "select_experts.hpp"
#include "selection.hpp"
#include "simulate.hpp"
#include "theory/distance.hpp"
#include "theory/rbar.hpp"
#include "theory/study.hpp"
#include "theory/voronoi.hpp"
