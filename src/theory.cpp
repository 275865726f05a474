#include <expertmix/simulate.hpp>
#include <expertmix/theory/distance.hpp>
#include <expertmix/theory/rbar.hpp>
#include <expertmix/theory/voronoi.hpp>

#include "host.h"
#include "model.h"

namespace {

using namespace expertmix;
using Rcpp::_;

uword whole(const Rcpp::List& from, const char* name) { return static_cast<uword>(Rcpp::as<double>(from[name])); }

Atoms read_atoms(const Rcpp::List& estimates, Outcomes outcomes, bool unit) {
  return atoms_of(read_coefficients(estimates), outcomes, unit);
}

Loss read_loss(const Rcpp::List& from) {
  Loss out = loss_named(Rcpp::as<std::string>(from["name"]), whole(from, "active"), Rcpp::as<double>(from["power"]),
                        vec(Rcpp::as<std::vector<double>>(from["larger"])));
  const std::string translate = Rcpp::as<std::string>(from["translate"]);
  if (translate == "estimate") out.translate = Translate::estimate;
  if (translate == "none") out.translate = Translate::none;
  return out;
}

/// In the gauge that a loss states: with the reference that is given, counted from one, or the truth's total weight. A
/// loss that translates the estimate has the same value in all.
Atoms in_gauge(const Rcpp::List& loss, const Gauge& gauge, const Atoms& estimate, const Atoms& truth) {
  if (Rcpp::as<std::string>(loss["translate"]) == "estimate") return estimate;
  const uword reference = whole(loss, "reference");
  return reference == 0 ? with_total_of(truth, estimate) : with_reference(reference - 1, gauge, estimate);
}

/// Norms of the differences between every atom and the true atom of its cell, blocks side by side; the last column is
/// the difference of the logarithms of their weights.
mat differences(const Voronoi& at, const Atoms& truth) {
  const uvec cell(std::vector<uword>(at.cell.begin(), at.cell.end()));
  const auto norms = [&](const mat& a, const mat& b) {
    return arma::sqrt(arma::sum(arma::square(a - b.cols(cell)), 0)).t();
  };
  mat out(cell.n_elem, 0);
  for (auto block : {&Atoms::gate, &Atoms::slope, &Atoms::intercept, &Atoms::variance})
    out.insert_cols(out.n_cols, mat(norms(at.estimate.*block, truth.*block)));
  out.insert_cols(out.n_cols, mat(at.estimate.log_weight - truth.log_weight.elem(cell)));
  return out;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_draw(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates, double seed) {
  return guarded([&]() -> SEXP {
    const Mixture mixture = read_mixture(model);
    const Coefficients coefficients = read_coefficients(estimates);
    const Draws draws =
        draw(host_data(data), mixture, coefficients, static_cast<std::uint64_t>(seed), host_context(1, R_NilValue));
    Rcpp::NumericVector expert(draws.expert.begin(), draws.expert.end());
    return Rcpp::List::create(_["y"] = draws.y, _["expert"] = expert + 1.0);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_voronoi(const Rcpp::List& model, const Rcpp::List& estimate, const Rcpp::List& truth,
                  const Rcpp::List& loss) {
  return guarded([&]() -> SEXP {
    const Mixture mixture = read_mixture(model);
    const bool unit = Rcpp::as<bool>(loss["unit"]);
    const Atoms from = read_atoms(estimate, mixture.family->outcomes(), unit);
    const Atoms to = read_atoms(truth, mixture.family->outcomes(), unit);
    const Gauge gauge = gauge_of(*mixture.gate, from.count());
    const Voronoi at =
        voronoi(in_gauge(loss, gauge, from, to), to, gauge, read_loss(loss), host_context(1, R_NilValue));
    Rcpp::NumericVector cell(at.cell.begin(), at.cell.end());
    return Rcpp::List::create(_["value"] = at.value, _["attained"] = at.attained, _["cell"] = cell + 1.0,
                              _["tied"] = Rcpp::LogicalVector(at.tied.begin(), at.tied.end()),
                              _["weight"] = as_vector(arma::exp(at.estimate.log_weight)),
                              _["differences"] = differences(at, to));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_divergence(const Rcpp::List& truth, const Rcpp::List& estimate, double draws, double seed) {
  return guarded([&]() -> SEXP {
    const Data p_data = host_data(truth["data"]), q_data = host_data(estimate["data"]);
    const Conditional p{p_data.x(), p_data.gate(), read_mixture(truth["model"]), read_coefficients(truth["estimates"])};
    const Conditional q{q_data.x(), q_data.gate(), read_mixture(estimate["model"]),
                        read_coefficients(estimate["estimates"])};
    const Context context = host_context(1, R_NilValue);
    const Divergence d =
        draws > 0.0 ? sampled_divergence(p, q, static_cast<uword>(draws), static_cast<std::uint64_t>(seed), context)
                    : divergence(p, q, 1e-9, context);
    return Rcpp::NumericVector::create(_["hellinger"] = d.hellinger, _["total_variation"] = d.total_variation,
                                       _["kullback_leibler"] = d.kullback_leibler);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_rbar(double m, double r, double starts, double seed) {
  return guarded([&]() -> SEXP {
    const RbarCheck check = rbar_check(static_cast<uword>(m), static_cast<uword>(r), static_cast<uword>(starts),
                                       static_cast<std::uint64_t>(seed), 0.1, host_context(1, R_NilValue));
    return Rcpp::List::create(_["residual"] = check.residual, _["solution"] = check.solution);
  });
}

/// A seed for R's generator that belongs to one replication of a study: a function of the three numbers only.
// [[Rcpp::export(rng = false)]]
double core_stream(double seed, double size, double replication) {
  Random of_size(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(size));
  return 1.0 + static_cast<double>(
                   Random(of_size.index(uword{1} << 53), static_cast<std::uint64_t>(replication)).index(2147483646));
}
