#include <expertmix/inference.ipp>
#include <expertmix/predict_sparse.ipp>
#include <expertmix/select_experts.ipp>
#include <expertmix/selection.ipp>
