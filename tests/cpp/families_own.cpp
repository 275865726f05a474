#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/negative_binomial.hpp>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include "counts.hpp"
#include "saved.hpp"

using namespace expertmix;

namespace {

/// A family from outside, with a scalar of its own: negative binomial counts with mean mu = exp(eta) and variance
/// mu + mu^2 / theta. Predictors: the K etas, then the K logarithms of theta.
class NegativeBinomial final : public Experts {
 public:
  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::none, k});
    for (uword k = 0; k < experts; ++k)
      list.push_back({Design::constant, Unit::none, k, 0, std::log(1e-3), std::log(1e6)});
    return list;
  }
  std::vector<std::string> scalars() const override { return {"theta"}; }
  std::vector<Term> terms(uword experts) const override {
    std::vector<Term> list;
    for (uword k = 0; k < experts; ++k) {
      list.push_back({k, k});
      list.push_back({k, experts + k});
    }
    return list;
  }
  std::vector<TermPair> pairs(uword experts) const override {
    std::vector<TermPair> list;
    for (uword k = 0; k < experts; ++k) {
      list.push_back({2 * k, 2 * k, true});
      list.push_back({2 * k, 2 * k + 1, false});
      list.push_back({2 * k + 1, 2 * k + 1, true});
    }
    return list;
  }
  mat features(const mat& response) const override { return arma::log(response + 0.5); }

  /// The response, then the K means.
  std::size_t scratch(uword experts) const override { return experts + 1; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override {
    std::copy_n(block.response, rows.count, scratch[0]);
    for (uword k = 0; k < rows.experts; ++k) {
      const double theta = this->theta(rows, k);
      for (std::size_t i = 0; i < rows.count; ++i) {
        const double y = block.response[i], eta = rows.predictor[k][i] + (block.offset ? block.offset[i] : 0.0);
        const double mu = scratch[k + 1][i] = std::exp(std::min(eta, 600.0));
        log_f[k][i] = std::lgamma(y + theta) - std::lgamma(theta) - std::lgamma(y + 1.0) + theta * std::log(theta) +
                      y * eta - (y + theta) * std::log(theta + mu);
      }
    }
  }
  Distance distance(const Rows& rows, const Block&, std::size_t i, uword k) const override {
    return {std::abs(rows.predictor[k][i]), 0.0, 0.0};
  }
  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    each(rows, scratch, [&](uword k, std::size_t i, double y, double mu, double theta) {
      out[2 * k][i] = v[k][i] * theta * (y - mu) / (theta + mu);
      out[2 * k + 1][i] = v[k][i] * in_log_theta(y, mu, theta);
    });
  }
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    each(rows, scratch, [&](uword k, std::size_t i, double y, double mu, double theta) {
      const double s = theta + mu;
      out[3 * k][i] = v[k][i] * (y + theta) * mu * theta / (s * s);
      out[3 * k + 1][i] = v[k][i] * theta * mu * (mu - y) / (s * s);
      out[3 * k + 2][i] = -v[k][i] * (in_log_theta(y, mu, theta) +
                                      theta * theta *
                                          (boost::math::trigamma(y + theta) - boost::math::trigamma(theta) +
                                           1.0 / theta - 2.0 / s + (y + theta) / (s * s)));
    });
  }
  /// Of log theta by the square of its score, which has the same expectation.
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    each(rows, scratch, [&](uword k, std::size_t i, double y, double mu, double theta) {
      out[3 * k][i] = v[k][i] * mu * theta / (theta + mu);
      out[3 * k + 2][i] = v[k][i] * std::pow(in_log_theta(y, mu, theta), 2);
    });
  }
  void maximise(const Statistics&, const Layout& layout, const vec& step, vec& parameters) const override {
    for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
      const vec own = step(layout.span(p));
      parameters(layout.span(p)) += trusted_length(arma::norm(own, 1)) * own;
    }
  }
  void mean(const Rows& rows, const Block& block, Table out) const override {
    for (uword k = 0; k < rows.experts; ++k)
      for (std::size_t i = 0; i < rows.count; ++i)
        out[k][i] = std::exp(rows.predictor[k][i] + (block.offset ? block.offset[i] : 0.0));
  }
  void draw(const Rows&, const Block&, Table, const uword*, Random&, Table) const override {}

 private:
  static double theta(const Rows& rows, uword k) { return std::exp(rows.predictor[rows.experts + k][0]); }
  static double in_log_theta(double y, double mu, double theta) {
    return theta * (boost::math::digamma(y + theta) - boost::math::digamma(theta) + std::log(theta) + 1.0 -
                    std::log(theta + mu) - (y + theta) / (theta + mu));
  }
  template <class Visit>
  static void each(const Rows& rows, Table scratch, Visit visit) {
    for (uword k = 0; k < rows.experts; ++k)
      for (std::size_t i = 0; i < rows.count; ++i) visit(k, i, scratch[0][i], scratch[k + 1][i], theta(rows, k));
  }
};

Mixture negative_binomial(uword experts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<NegativeBinomial>(), experts};
}

}  // namespace

TEST_CASE("a family with a scalar of its own is fitted as by MASS::glm.nb", "[families]") {
  const Counts rows;
  const Fit found = fit(Data(rows.x, rows.y), negative_binomial(1));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood == Approx(-143.267618587080).epsilon(1e-10));
  CHECK(found.experts(0) == Approx(0.161976986944).epsilon(1e-5));
  CHECK(found.experts(1) == Approx(0.893384476401).epsilon(1e-5));
  REQUIRE(found.scalars.n_elem == 1);
  CHECK(found.scalars(0) == Approx(5.512765114855).epsilon(1e-4));
  const auto& table = found.parameter_table;
  CHECK(std::count_if(table.begin(), table.end(), [](const Parameter& p) {
          return p.part == Parameter::Part::experts && p.kind == Parameter::Kind::scalar;
        }) == 1);
}

TEST_CASE("its mixtures keep their log-likelihood, and their scalars stay in their bounds", "[families]") {
  const Counts rows;
  const Fit found = fit(Data(rows.x, rows.y), negative_binomial(2));
  CHECK(found.log_likelihood >= -143.2676186);
  CHECK(arma::accu(log_density(Data(rows.x, rows.y), negative_binomial(2), found)) ==
        Approx(found.log_likelihood).epsilon(1e-10));
  CHECK(found.scalars.n_rows == 2);
  CHECK(found.scalars.min() >= 1e-3 * (1.0 - 1e-12));
  CHECK(found.scalars.max() <= 1e6 * (1.0 + 1e-12));
}

TEST_CASE("a fit of a family from outside comes back from a file with the family at hand", "[families][save]") {
  const Counts rows;
  const PlaceForFile place("own-family");
  const Fit found = fit(Data(rows.x, rows.y), negative_binomial(2));
  save(found, place);
  const Fit back = load<Fit>(place, {nullptr, std::make_shared<NegativeBinomial>()});
  CHECK(arma::all(log_density(Data(rows.x, rows.y), found.mixture, found) ==
                  log_density(Data(rows.x, rows.y), back.mixture, back)));
  CHECK(arma::approx_equal(scores(found, Data(rows.x, rows.y)), scores(back, Data(rows.x, rows.y)), "absdiff", 0.0));
  CHECK(arma::all(arma::vectorise(found.covariance) == arma::vectorise(back.covariance)));
  CHECK_THROWS_AS(load<Fit>(place), file_error);
  // A family of the library has its name, and one without a scalar other parameters.
  CHECK_THROWS_AS(load<Fit>(place, {nullptr, std::make_shared<NegativeBinomialExperts>()}), file_error);
  CHECK_THROWS_AS(load<Fit>(place, {nullptr, std::make_shared<PoissonExperts>()}), file_error);
}
