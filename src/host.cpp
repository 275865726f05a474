#include "host.h"

#include <chrono>

namespace {

/// R's memory holds what it is read as only where it is of type double.
void require_double(SEXP values, const char* name) {
  if (TYPEOF(values) != REALSXP) throw expertmix::invalid_argument("host", name, "must be of type double");
}

arma::mat see_matrix(const Rcpp::List& data, const char* name) {
  SEXP values = data[name];
  if (Rf_isNull(values)) return {};
  require_double(values, name);
  return {REAL(values), static_cast<arma::uword>(Rf_nrows(values)), static_cast<arma::uword>(Rf_ncols(values)), false,
          true};
}

arma::vec see_vector(const Rcpp::List& data, const char* name) {
  SEXP values = data[name];
  if (Rf_isNull(values)) return {};
  require_double(values, name);
  return {REAL(values), static_cast<arma::uword>(Rf_xlength(values)), false, true};
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

HostData::HostData(const Rcpp::List& data)
    : x_(see_matrix(data, "x")),
      z_(see_matrix(data, "z")),
      y_(Rf_isNull(data["y"]) ? arma::mat(x_.n_rows, 1, arma::fill::zeros) : see_matrix(data, "y")),
      shared_(Rf_isNull(data["z"])),
      weights_(see_vector(data, "weights")),
      offset_(see_vector(data, "offset")) {}

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
