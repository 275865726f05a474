#include <expertmix/predict.ipp>
#include <expertmix/simulate.ipp>
#include <expertmix/theory/atoms.ipp>
#include <expertmix/theory/cells.ipp>
#include <expertmix/theory/distance.ipp>
#include <expertmix/theory/loss.ipp>
#include <expertmix/theory/rbar.ipp>
#include <expertmix/theory/voronoi.ipp>
