#include <expertmix/fit.ipp>
