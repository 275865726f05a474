#include <expertmix/expertmix.hpp>

// [[Rcpp::export]]
Rcpp::List fit_two_experts(const arma::mat& x, const arma::vec& y) {
  const expertmix::Fit fit = expertmix::fit(expertmix::Data(x, y), 2);
  return Rcpp::List::create(Rcpp::Named("experts") = fit.experts, Rcpp::Named("sigma") = fit.sigma,
                            Rcpp::Named("log_likelihood") = fit.log_likelihood);
}
