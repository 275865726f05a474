#include "host.h"

#include <chrono>

namespace {

using expertmix::DataSet;
using expertmix::Given;

Given<arma::mat> see_matrix(SEXP values) {
  if (Rf_isNull(values)) return {};
  return arma::mat(REAL(values), Rf_nrows(values), Rf_ncols(values), false, true);
}

Given<arma::vec> see_vector(SEXP values) {
  if (Rf_isNull(values)) return {};
  return arma::vec(REAL(values), Rf_xlength(values), false, true);
}

Given<arma::sp_mat> read_sparse(SEXP values) {
  if (Rf_isNull(values)) return {};
  return Rcpp::as<arma::sp_mat>(values);
}

template <class Design>
DataSet<Design> data_of(Given<Design> read(SEXP), const Rcpp::List& data) {
  return DataSet<Design>(read(data["x"]), see_matrix(data["y"]))
      .gate(read(data["z"]))
      .weights(see_vector(data["weights"]))
      .offset(see_vector(data["offset"]));
}

void ask_r(void*) { R_CheckUserInterrupt(); }

class ProgressReporter {
 public:
  explicit ProgressReporter(SEXP callback) : callback_(callback) {}

  void operator()(const expertmix::Progress& now) {
    const auto time = Clock::now();
    if (time - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = time;
    callback_(now.stage, now.done, now.total, now.log_likelihood);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Rcpp::Function callback_;
  Clock::time_point reported_ = Clock::now();
};

}  // namespace

expertmix::Data host_data(const Rcpp::List& data) { return data_of(see_matrix, data); }

expertmix::SparseData host_sparse_data(const Rcpp::List& data) { return data_of(read_sparse, data); }

expertmix::Context host_context(int threads, SEXP progress) {
  expertmix::Context context;
  context.threads = threads;
  context.stop = [] { return R_ToplevelExec(ask_r, nullptr) == FALSE; };
  if (!Rf_isNull(progress)) context.progress = ProgressReporter(progress);
  return context;
}

Rcpp::List failure(const char* kind, const expertmix::error& error) {
  return Rcpp::List::create(Rcpp::_["error"] = kind, Rcpp::_["where"] = error.where,
                            Rcpp::_["argument"] = error.argument, Rcpp::_["message"] = std::string(error.what()));
}
