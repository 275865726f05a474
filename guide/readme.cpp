// What README does in R, line by line: above each block the R lines that it stands for. A test keeps every block within
// twice as many lines. Pictures and `diagnose()` are R's.
#include <expertmix/expertmix.hpp>

#include <cmath>
#include <iostream>

using namespace expertmix;

int main() {
  // Data of which R has data sets: two regimes, a second covariate of the gate, classes, counts.
  const uword n = 240;
  Random random(1, 0);
  mat x(n, 2, arma::fill::ones), z(n, 3, arma::fill::ones), wide(n, 8, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  z.col(1) = x.col(1);
  z.col(2).imbue([&] { return random.normal(); });
  wide.tail_cols(7).imbue([&] { return random.normal(); });
  vec y = arma::abs(x.col(1)), classes(n), counts(n);
  for (uword i = 0; i < n; ++i) {
    y(i) += 0.2 * random.normal();
    classes(i) = random.uniform() < 1.0 / (1.0 + std::exp(-3.0 * x(i, 1))) ? 1.0 : 0.0;
    counts(i) = random.poisson(2.0 + y(i));
  }
  const vec outcome = wide.col(1) - 2.0 * wide.col(2) + 0.5 * y;
  const mat points = {{1.0, -1.0}, {1.0, 0.0}, {1.0, 1.0}}, ones = x.col(0);
  const auto gaussian = family_named("gaussian");
  const Data many(wide, outcome);

  // R: fit <- moe(accel ~ times, data = MASS::mcycle, experts = 4)
  // R: summary(fit)
  const Fit fit = expertmix::fit(Data(x, y), 2);
  std::cout << fit.report();

  // R: predict(fit, data.frame(times = c(10, 20, 30)))
  // R: predict(fit, data.frame(times = c(10, 20, 30)), type = "gate")
  // R: predict(fit, data.frame(times = 20), interval = "prediction", level = 0.9)
  // R: predict(fit, data.frame(times = 20), interval = "confidence")
  const mat means = predict(fit, Data(points)), who = gate_probabilities(Data(points), fit.mixture, fit);
  const mat new_responses = prediction_intervals(fit, Data(points), 0.9);
  const vec width = 1.96 * standard_errors(fit, Data(points), Quantity());
  arma::join_rows(means, who, new_responses, mat(means + width)).print("at three points:");

  // R: two <- moe(NOx ~ E | E + C, data = lattice::ethanol, experts = 2)
  // R: BIC(two)
  // R: vcov(two)
  // R: confint(two, type = "sandwich")
  // R: coef(two, part = "gate")
  const Data with_gate = Data(x, y).gate(z);
  const Fit two = expertmix::fit(with_gate, 2);
  std::cout << "BIC " << information_criteria(two).bic << '\n';
  two.covariance.diag().t().print("variances:");
  confidence_intervals(two, sandwich_covariance(two, with_gate)).print("95 %, sandwich:");
  two.gate.print("gate:");

  // R: confint(two, method = "profile")
  // R: confint(two, method = "bootstrap")
  const mat profiles = profile_intervals(two, with_gate).ends;
  const mat draws = arma::sort(bootstrap(two, with_gate, 39), "ascend", 1);  // the ends of 39 hold 95 % of what is new
  arma::join_rows(profiles, draws.head_cols(1), draws.tail_cols(1)).print("by profile and bootstrap:");

  // R: test_terms(two)
  // R: drop1(two)
  // R: anova(update(two, . ~ . | E), two)
  const mat last_of_gate = arma::eye(two.parameters.n_elem, two.parameters.n_elem).eval().row(2);
  const ChiSquaredTest wald = wald_test(two, last_of_gate), ratio = likelihood_ratio_test(fit, two);
  const ChiSquaredTest dropped = likelihood_ratio_test(expertmix::fit(Data(ones, y).gate(z), 2), two);
  std::cout << "p-values " << wald.p << ", " << ratio.p << ", " << dropped.p << '\n';

  // R: hard <- moe(log(medv) ~ lstat | lstat + rm, MASS::Boston, gate = gate_topk(1))
  // R: soft <- moe(log(medv) ~ lstat | lstat + rm, MASS::Boston, gate = gate_temperature(activation = "tanh"))
  // R: type <- moe(type ~ RI + Na | RI, data = MASS::fgl)
  // R: days <- moe(Days ~ Sex + Age, MASS::quine, family = negative_binomial())
  const Fit hard = expertmix::fit(with_gate, Mixture(gate_topk(1), gaussian, 2));
  const Fit soft = expertmix::fit(with_gate, Mixture(gate_temperature(0.0, "tanh"), gaussian, 2));
  const Fit type = expertmix::fit(Data(x, classes), Mixture(gate_softmax(), family_named("multinomial"), 2));
  const Fit days = expertmix::fit(Data(x, counts), Mixture(gate_softmax(), family_named("negative_binomial"), 2));
  for (const Fit& one : {hard, soft, type, days}) std::cout << one.log_likelihood << ' ' << one.record.status << '\n';

  // R: chosen <- moe_select(accel ~ times, MASS::mcycle, experts = 1:6)
  // R: chosen
  // R: select_fit(chosen)
  const ExpertSelection chosen = select_experts(Data(x, y), 3);
  std::cout << report(chosen);
  std::cout << chosen.best().log_likelihood << '\n';

  // R: same <- update(two, common = ~ E)
  // R: anova(same, two)
  const Parameter slope{Parameter::Part::experts, Parameter::Kind::coefficient, 0, 0, 1};
  const Fit same = expertmix::fit(with_gate, Mixture(gate_softmax(), gaussian, 2, common_to_all(slope, 2)));
  std::cout << "p-value of a common slope " << likelihood_ratio_test(same, two).p << '\n';

  // R: path <- moe_path(medv ~ ., MASS::Boston, experts = 2)
  // R: best <- select_fit(path)
  // R: moe_path(medv ~ ., MASS::Boston, refit = TRUE)
  // R: cv_moe(path, folds = 10, seed = 1)
  // R: moe(medv ~ ., MASS::Boston, penalty = penalty_lasso(0.05))
  const Mixture pair(gate_softmax(), gaussian, 2);
  PathOptions settings, again, at_one;
  settings.count = 10;
  again = settings;
  again.refit = true;
  at_one.lambda = {0.05};
  const LassoPath path = lasso_path(many, pair, {}, settings), refitted = lasso_path(many, pair, {}, again);
  const CrossValidation folds = cross_validate(many, pair, {}, path, 5, 1, settings);
  const LassoFit best = path.fits[select_fit(path)], one = lasso_path(many, pair, {}, at_one).fits[0];
  std::cout << best.slopes << " slopes, " << folds.simple << ", " << refitted.fits.size() << ", " << one.slopes << '\n';

  // R: study <- rate_study(theory_design("softmax-exact"), n = c(1000, 3000, 10000), replications = 20, seed = 1)
  // R: summary(study)
  const RateStudy study = rate_study(theory_design("softmax-exact"), 1, {200, 400, 800}, 5);
  std::cout << "slope " << study.slope << '\n';
}
