#include <expertmix/theory/study.ipp>
