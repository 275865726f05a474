#pragma once

#include <expertmix/base/armadillo.hpp>
#include <expertmix/base/context.hpp>
#include <expertmix/base/error.hpp>
#include <expertmix/source/data.hpp>
#include <new>

/// What R hands over: `x`, `z` (NULL where it is x), `y` (NULL where it is not known), `weights` and `offset` (NULL
/// where absent), seen in R's memory without copies. The list must outlive the data.
expertmix::Data host_data(const Rcpp::List& data);

/// The same with sparse `x` and `z`, which are copied.
expertmix::SparseData host_sparse_data(const Rcpp::List& data);

/// Indices as R counts them.
inline Rcpp::NumericVector from_one(const std::vector<arma::uword>& indices) {
  Rcpp::NumericVector result(indices.begin(), indices.end());
  return result + 1.0;
}

/// Watches a job for R: interrupts, and a progress function (NULL for none) of stage, done, total and log-likelihood.
expertmix::Context host_context(int threads, SEXP progress);

/// What R gets instead of a result: class, place, argument and message of an exception.
Rcpp::List failure(const char* kind, const expertmix::error& error);

/// Runs `work` and returns its result, or the `failure` that it threw: no exception reaches R's frames.
template <class Work>
SEXP guarded(Work work) {
  try {
    return work();
  } catch (const expertmix::interrupted& error) {
    return failure("interrupted", error);
  } catch (const expertmix::degenerate_error& error) {
    return failure("degenerate", error);
  } catch (const expertmix::numerical_error& error) {
    return failure("numerical", error);
  } catch (const expertmix::file_error& error) {
    return failure(error.fault == expertmix::file_error::Fault::version ? "version" : "file", error);
  } catch (const expertmix::internal_error& error) {
    return failure("internal", error);
  } catch (const expertmix::error& error) {
    return failure("argument", error);
  } catch (const std::bad_alloc&) {
    return failure("memory", expertmix::error("core", "", "there is not enough memory"));
  } catch (const std::exception& error) {
    return failure("internal", expertmix::error("core", "", error.what()));
  }
}
