#include <expertmix/save.ipp>
