#include <expertmix/save.hpp>
#include <expertmix/save/layout.hpp>

#include "host.h"
#include "result.h"

namespace {

using namespace expertmix;
using Rcpp::_;

/// Numbers that R counts from 1.
std::vector<uword> from_zero(const Rcpp::RObject& numbers) {
  std::vector<uword> out;
  for (double number : Rcpp::as<std::vector<double>>(numbers)) out.push_back(static_cast<uword>(number) - 1);
  return out;
}

/// A row of a matrix, its columns counted from 1; NA is what stands for all experts.
std::vector<uword> row_of(const Rcpp::NumericMatrix& table, int row, uword all) {
  std::vector<uword> out;
  for (int j = 0; j < table.ncol(); ++j)
    out.push_back(std::isnan(table(row, j)) ? all : static_cast<uword>(table(row, j)) - 1);
  return out;
}

mat read_square(const Rcpp::RObject& values) { return values.isNULL() ? mat() : Rcpp::as<mat>(values); }

void read_starts(const Rcpp::List& from, Record& out) {
  const auto starts = Rcpp::as<std::vector<double>>(from["starts"]);
  out.starts = static_cast<uword>(starts[0]);
  out.hops = static_cast<uword>(starts[1]);
  out.finished = static_cast<uword>(starts[2]);
  out.reached = static_cast<uword>(starts[3]);
  const Rcpp::List optima = from["optima"];
  const auto value = Rcpp::as<std::vector<double>>(optima["value"]),
             found = Rcpp::as<std::vector<double>>(optima["starts"]),
             hops = Rcpp::as<std::vector<double>>(optima["hops"]);
  const auto spiked = Rcpp::as<std::vector<bool>>(optima["spike"]);
  for (std::size_t i = 0; i < value.size(); ++i)
    out.optima.push_back({value[i], static_cast<uword>(found[i]), static_cast<uword>(hops[i]), spiked[i]});
}

/// What a record says of single experts.
void read_experts(const Rcpp::List& from, uword experts, Record& out) {
  out.collapsed = from_zero(from["collapsed"]);
  out.separated = from_zero(from["separated"]);
  out.empty = from_zero(from["empty"]);
  const Rcpp::List spikes = from["spikes"];
  for (const Rcpp::List spike : spikes)
    out.spikes.push_back({static_cast<uword>(Rcpp::as<double>(spike["expert"])) - 1, from_zero(spike["rows"])});
  const Rcpp::NumericMatrix runaways = from["separated_classes"], scalars = from["scalars"];
  for (int i = 0; i < runaways.nrow(); ++i) {
    const auto row = row_of(runaways, i, experts);
    out.runaways.push_back({row[0], row[1]});
  }
  for (int i = 0; i < scalars.nrow(); ++i) {
    const auto row = row_of(scalars, i, experts);
    out.scalars.push_back({row[0], row[1], scalars(i, 2) == 1.0});
  }
}

Record read_record(const Rcpp::List& from, uword experts) {
  const auto number = [&](const char* name) { return Rcpp::as<double>(from[name]); };
  const auto word = [&](const char* name) { return Rcpp::as<std::string>(from[name]); };
  Record out;
  out.objective = word("objective");
  out.method = word("method");
  out.status = word("status");
  out.version = word("version");
  out.converged = Rcpp::as<bool>(from["converged"]);
  out.objective_value = number("objective_value");
  const Rcpp::List certificate = from["certificate"];
  out.certificate = {Rcpp::as<double>(certificate["decrement"]), Rcpp::as<double>(certificate["scaled_score"]),
                     Rcpp::as<bool>(certificate["maximum"])};
  out.iterations = static_cast<uword>(number("iterations"));
  out.passes = static_cast<uword>(number("passes"));
  out.trace = Rcpp::as<std::vector<double>>(from["trace"]);
  out.unseen = number("unseen");
  out.drifted = Rcpp::as<bool>(from["drifted"]);
  out.at_bounds = Rcpp::as<std::vector<std::string>>(from["at_bounds"]);
  const auto rule = Rcpp::as<std::vector<double>>(from["spike_rule"]);
  out.spike_rule = {rule[0], rule[1]};
  out.tolerance = number("tolerance");
  out.seconds = number("seconds");
  out.seed = static_cast<std::uint64_t>(number("seed"));
  read_starts(from, out);
  read_experts(from, experts, out);
  return out;
}

/// A fit from the numbers of R's, which has the free parameters and their covariance only.
Fit read_fit(const Rcpp::List& from, const Mixture& mixture) {
  Fit out(mixture);
  static_cast<Coefficients&>(out) = read_coefficients(from["estimates"]);
  out.gate_aliased = Rcpp::as<std::vector<bool>>(from["gate_aliased"]);
  out.experts_aliased = Rcpp::as<std::vector<bool>>(from["experts_aliased"]);
  out.identified = Rcpp::as<std::vector<bool>>(from["identified"]);
  out.estimable = Rcpp::as<std::vector<bool>>(from["estimable"]);
  const vec given = Rcpp::as<vec>(from["parameters"]);
  out.parameters = detail::parameters_of(detail::layout_of(out), detail::kept_of(out), out);
  const uvec known = arma::find_finite(given);
  out.parameters(known) = given(known);
  out.covariance = read_square(from["covariance"]);
  out.loose = read_square(from["loose"]);
  out.degrees = Rcpp::as<double>(from["degrees"]);
  out.mass = Rcpp::as<vec>(from["mass"]);
  out.gate_mass = Rcpp::as<vec>(from["gate_mass"]);
  out.log_likelihood = Rcpp::as<double>(from["log_likelihood"]);
  out.weight = Rcpp::as<double>(from["weight"]);
  out.record = read_record(from["record"], mixture.experts);
  const Rcpp::RObject map = from["map"];
  if (map.isNULL()) return out;
  const Rcpp::List affine(map);
  out.map.slope = Rcpp::as<mat>(affine["slope"]);
  out.map.origin = Rcpp::as<vec>(affine["origin"]);
  out.map.free = uvec(from_zero(affine["free"]));
  return out;
}

/// A path of one penalised fit from the numbers of R's.
LassoPath read_penalised(const Rcpp::List& from, const Mixture& mixture) {
  const auto number = [&](const char* name) { return Rcpp::as<double>(from[name]); };
  LassoFit fit;
  static_cast<Coefficients&>(fit) = read_coefficients(from["estimates"]);
  fit.lambda = number("lambda");
  fit.log_likelihood = number("log_likelihood");
  fit.objective = number("objective");
  fit.violation = number("violation");
  fit.degrees = number("degrees");
  fit.slopes = number("slopes");
  fit.mass = Rcpp::as<vec>(from["mass"]);
  fit.gate_mass = Rcpp::as<vec>(from["gate_mass"]);
  fit.empty = from_zero(from["empty"]);
  fit.spikes = from_zero(from["spikes"]);
  fit.guarded = Rcpp::as<bool>(from["guarded"]);
  fit.converged = Rcpp::as<bool>(from["converged"]);
  fit.iterations = static_cast<uword>(number("iterations"));
  fit.status = Rcpp::as<std::string>(from["status"]);
  fit.began = Rcpp::as<std::string>(from["began"]);
  LassoPath out(mixture);
  out.weight = number("weight");
  out.largest_lambda = fit.lambda;
  out.slopes = fit.slopes;
  out.passes = static_cast<uword>(number("passes"));
  out.starts = static_cast<uword>(number("starts"));
  out.seconds = number("seconds");
  out.status = fit.status;
  out.fits.push_back(std::move(fit));
  return out;
}

Notes read_notes(const Rcpp::List& given) {
  Notes out;
  if (given.size() == 0) return out;
  const auto names = Rcpp::as<std::vector<std::string>>(given.names());
  for (std::size_t i = 0; i < names.size(); ++i)
    out[names[i]] = Rcpp::as<std::vector<std::string>>(given[static_cast<R_xlen_t>(i)]);
  return out;
}

Rcpp::List write_notes(const Notes& notes) {
  Rcpp::List out;
  for (const auto& [name, words] : notes) {
    Rcpp::CharacterVector marked(words.begin(), words.end());
    for (R_xlen_t i = 0; i < marked.size(); ++i)
      marked[i] = Rf_mkCharCE(words[static_cast<std::size_t>(i)].c_str(), CE_UTF8);
    out[name] = marked;
  }
  return out;
}

Rcpp::List write_choices(const Description& part) {
  Rcpp::List out = Rcpp::List::create(_["name"] = part.name);
  for (const auto& [name, word] : part.words) out[name] = word;
  for (const auto& [name, number] : part.numbers) out[name] = number;
  return out;
}

/// What a file says beside the numbers.
Rcpp::List of_file(const Mixture& mixture, const std::string& path) {
  return Rcpp::List::create(_["gate"] = write_choices(mixture.gate->description()),
                            _["family"] = write_choices(mixture.family->description()),
                            _["notes"] = write_notes(notes_of(path)));
}

/// Ties as `read_mixture` takes them: rows of conditions, and the values.
SEXP write_ties(const Mixture& mixture) {
  if (mixture.ties.empty()) return R_NilValue;
  std::vector<Parameter> parameters;
  std::vector<double> tie, factor, value;
  for (const Tie& one : mixture.ties) {
    value.push_back(one.value);
    for (const Tie::Term& term : one.terms) {
      parameters.push_back(term.parameter);
      tie.push_back(static_cast<double>(value.size()));
      factor.push_back(term.factor);
    }
  }
  Rcpp::List conditions = write_table(mixture, parameters);
  conditions["tie"] = tie;
  conditions["factor"] = factor;
  return Rcpp::List::create(_["conditions"] = conditions, _["value"] = value);
}

Rcpp::List fit_of_file(const std::string& path) {
  const Fit fit = load<Fit>(path);
  Rcpp::List out = of_file(fit.mixture, path);
  out["result"] = write_fit(fit);
  out["ties"] = write_ties(fit.mixture);
  return out;
}

Rcpp::List path_of_file(const std::string& path) {
  const LassoPath fits = load<LassoPath>(path);
  Rcpp::List out = of_file(fits.mixture, path);
  out["path"] = write_path(fits);
  return out;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_write_fit(const Rcpp::List& given, const Rcpp::List& model, const Rcpp::List& notes,
                    const std::string& path) {
  return guarded([&]() -> SEXP {
    save(read_fit(given, read_mixture(model)), path, read_notes(notes));
    return R_NilValue;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_write_penalised(const Rcpp::List& given, const Rcpp::List& model, const Rcpp::List& notes,
                          const std::string& path) {
  return guarded([&]() -> SEXP {
    save(read_penalised(given, read_mixture(model)), path, read_notes(notes));
    return R_NilValue;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_read_file(const std::string& path) {
  return guarded([&]() -> SEXP {
    try {
      return fit_of_file(path);
    } catch (const file_error& error) {
      if (error.fault != file_error::Fault::kind) throw;
    }
    return path_of_file(path);
  });
}
