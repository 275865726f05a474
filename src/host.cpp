#include "host.h"

#include <chrono>

namespace {

using expertmix::DataSet;
using expertmix::Given;

/// R's memory holds what it is read as only where it is of type double.
void require_double(SEXP values, const char* name) {
  if (TYPEOF(values) != REALSXP) throw expertmix::invalid_argument("host", name, "must be of type double");
}

Given<arma::mat> see_matrix(const Rcpp::List& data, const char* name) {
  SEXP values = data[name];
  if (Rf_isNull(values)) return {};
  require_double(values, name);
  return arma::mat(REAL(values), Rf_nrows(values), Rf_ncols(values), false, true);
}

Given<arma::vec> see_vector(const Rcpp::List& data, const char* name) {
  SEXP values = data[name];
  if (Rf_isNull(values)) return {};
  require_double(values, name);
  return arma::vec(REAL(values), Rf_xlength(values), false, true);
}

Given<arma::sp_mat> read_sparse(const Rcpp::List& data, const char* name) {
  SEXP values = data[name];
  if (Rf_isNull(values)) return {};
  return Rcpp::as<arma::sp_mat>(values);
}

template <class Design>
DataSet<Design> data_of(Given<Design> read(const Rcpp::List&, const char*), const Rcpp::List& data) {
  return DataSet<Design>(read(data, "x"), see_matrix(data, "y"))
      .gate(read(data, "z"))
      .weights(see_vector(data, "weights"))
      .offset(see_vector(data, "offset"));
}

void ask_r(void*) { R_CheckUserInterrupt(); }

class ProgressReporter {
 public:
  explicit ProgressReporter(SEXP callback) : callback_(callback) {}

  void operator()(const expertmix::Progress& now) {
    const auto time = Clock::now();
    if (time - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = time;
    callback_(expertmix::name_of(now.stage), now.done, now.total, now.log_likelihood);
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
