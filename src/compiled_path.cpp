#include <expertmix/path.ipp>
