#include <expertmix/merges.ipp>
#include <expertmix/save.ipp>
