#pragma once

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "../inference.hpp"
#include "table.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// A fit in words.
class Report {
 public:
  Report(const Fit& fit, Names names, vec errors, const InformationCriteria& criteria)
      : fit_(fit), names_(std::move(names)), errors_(std::move(errors)), criteria_(criteria) {
    complete(names_.x, "x", fit.experts.n_rows, "x");
    complete(names_.z, "z", fit.gate.n_rows, "z");
    const uword classes = fit.mixture.family->outcomes().count;
    complete(names_.classes, "", classes, "classes", 0);
  }

  std::string text() const {
    std::string out = heading() + '\n' + held() + "\n\n";
    std::vector<uword> block;
    for (uword i = 0; i < fit_.parameters.n_elem; ++i) {
      if (!block.empty() && title_of(i) != title_of(block.front())) {
        out += table_of(block);
        block.clear();
      }
      block.push_back(i);
    }
    out += table_of(block);
    return out + scalars() + masses() + value() + search() + certificate() + warnings();
  }

 private:
  void complete(std::vector<std::string>& names, const std::string& prefix, uword count, const char* argument,
                uword first = 1) const {
    require(names.empty() || names.size() == count, "report", argument,
            "has " + std::to_string(names.size()) + " names where the fit has " + std::to_string(count));
    for (uword j = names.size(); j < count; ++j) names.push_back(prefix + std::to_string(j + first));
  }

  const Record& record() const { return fit_.record; }
  uword experts() const { return fit_.mixture.experts; }
  bool has_classes() const { return fit_.mixture.family->outcomes().count > 1; }

  /// What gate and family are: their names and the choices that are not 0, the usual ones.
  static std::string words_of(const Description& description) {
    if (description.name.empty()) return "own";
    std::string out = description.name;
    for (const auto& [choice, word] : description.words)
      if (word != "identity" && word != "softmax") out.append(", ").append(choice).append(" ").append(word);
    for (const auto& [choice, number] : description.numbers)
      if (number != (choice == "temperature" ? 1.0 : 0.0)) out += ", " + choice + " " + shown(number);
    return out;
  }

  std::string heading() const {
    return "Mixture of " + std::to_string(experts()) + (experts() > 1 ? " experts" : " expert") +
           "\nExperts: " + words_of(fit_.mixture.family->description()) +
           "\nGate: " + words_of(fit_.mixture.gate->description()) + '\n' + ties();
  }
  std::string ties() const {
    const std::size_t count = fit_.mixture.ties.size();
    return count ? "Ties: " + std::to_string(count) + '\n' : std::string();
  }

  /// What the standard errors are, and why some are not known.
  std::string held() const {
    if (fit_.covariance.empty()) return "Standard errors: none, as this is no maximum inside the bounds";
    std::string out = "Standard errors: inverse of the observed information";
    if (!errors_.has_nan()) return out;
    std::vector<std::string> causes;
    if (!record().separated.empty())
      causes.push_back("the gate of " + experts_named(record().separated) + " splits the rows");
    if (!record().runaways.empty()) causes.emplace_back("the likelihood rises for ever along some");
    if (!record().scalars.empty()) causes.emplace_back("a scalar is at a bound");
    if (causes.empty()) causes.emplace_back("the likelihood is flat or jumps along them");
    return out + "\nNA for parameters that the data do not hold: " + listed(causes) + ". All others are valid.";
  }

  /// What a parameter stands under; nothing for scalars of experts, which have a table of their own.
  std::string title_of(uword i) const {
    const Parameter& it = fit_.parameter_table[i];
    const bool scalar = it.kind == Parameter::Kind::scalar;
    if (it.part == Parameter::Part::gate) {
      if (scalar) return "Gate, scalars";
      return "Gate, expert " + std::to_string(it.expert + 1) + (has_gate_of_first() ? "" : " against expert 1");
    }
    if (scalar) return {};
    const std::string expert = "Expert " + std::to_string(it.expert + 1);
    return has_classes() ? expert + ", " + names_.classes[it.outcome] + " against " + names_.classes[0] : expert;
  }
  bool has_gate_of_first() const {
    return std::any_of(fit_.parameter_table.begin(), fit_.parameter_table.end(), [](const Parameter& it) {
      return it.part == Parameter::Part::gate && it.kind == Parameter::Kind::coefficient && it.expert == 0;
    });
  }
  std::string label_of(const Parameter& it) const {
    if (it.kind == Parameter::Kind::scalar) return "log(" + fit_.mixture.gate->scalars()[it.outcome] + ")";
    return it.part == Parameter::Part::gate ? names_.z[it.column] : names_.x[it.column];
  }

  static std::string probability(double p) { return p < 2e-16 ? "<2e-16" : shown(p, 3); }

  /// Estimates, errors and two-sided normal tests of parameters under one title.
  std::string table_of(const std::vector<uword>& block) const {
    if (block.empty() || title_of(block.front()).empty()) return {};
    TextTable table({"", "Estimate", "Std. Error", "z value", "Pr(>|z|)"});
    for (uword i : block) {
      const double z = errors_(i) == 0.0 ? arma::datum::nan : fit_.parameters(i) / errors_(i);
      table.add({label_of(fit_.parameter_table[i]), shown(fit_.parameters(i)), shown(errors_(i)), shown(z),
                 probability(std::erfc(std::abs(z) / std::sqrt(2.0)))});
    }
    return title_of(block.front()) + ":\n" + table.text() + '\n';
  }

  /// The experts' scalars with standard errors by the delta rule.
  std::string scalars() const {
    const std::vector<std::string> names = fit_.mixture.family->scalars();
    std::string out;
    for (uword s = 0; s < names.size(); ++s) {
      TextTable table({"", "Estimate", "Std. Error"});
      for (uword i = 0; i < fit_.parameters.n_elem; ++i) {
        const Parameter& it = fit_.parameter_table[i];
        if (it.part != Parameter::Part::experts || it.kind != Parameter::Kind::scalar || it.outcome != s) continue;
        const double value = std::exp(fit_.parameters(i));
        const std::string who = it.expert < experts() ? "expert" + std::to_string(it.expert + 1) : "all experts";
        table.add({who, shown(value), shown(value * errors_(i))});
      }
      out += names[s] + ":\n" + table.text() + '\n';
    }
    return out;
  }

  std::string masses() const {
    std::vector<std::string> heading{""}, posterior{"posterior"}, gate{"gate"};
    for (uword k = 0; k < experts(); ++k) {
      heading.push_back("expert" + std::to_string(k + 1));
      posterior.push_back(shown(fit_.mass(k)));
      gate.push_back(shown(fit_.gate_mass(k)));
    }
    TextTable table(heading);
    table.add(posterior);
    table.add(gate);
    return "Rows held by each expert (sum of weights):\n" + table.text() + '\n';
  }

  std::string value() const {
    return "Log-likelihood " + shown(criteria_.log_likelihood, 8) + " on " + shown(criteria_.parameters) +
           " parameters, " + shown(criteria_.observations, 10) + " observations; AIC " + shown(criteria_.aic, 7) +
           ", BIC " + shown(criteria_.bic, 7) + (record().spikes.empty() ? "" : " (of a spike: see the warning)") +
           '\n';
  }

  /// What a search saw, and what that says of the rest.
  std::string search() const {
    const Record& it = record();
    const std::string tried =
        std::to_string(it.starts) + (it.starts == 1 ? " independent start" : " independent starts");
    if (it.starts == 0) return "Search: time ran out before its first start came to an end\n";
    if (it.optima.empty()) return "Search: none, from the given start\n";
    if (experts() == 1) return "Search: none needed for one expert\n";
    return "Search: " + tried + " and " + std::to_string(it.hops) + " hops saw " + std::to_string(it.optima.size()) +
           (it.optima.size() == 1 ? " optimum, " : " optima, ") +
           (it.reached > 0 ? std::to_string(it.reached) + " of the starts" : std::string("hops alone")) +
           " led here; one more start would end at one not seen yet with chance " + shown(it.unseen, 2) + '\n';
  }

  std::string certificate() const {
    const Record& it = record();
    return "Certificate: the objective can rise by " + shown(it.certificate.decrement, 2) + "; largest scaled score " +
           shown(it.certificate.scaled_score, 2) + "; " +
           (it.certificate.maximum ? "a maximum" : "not a strict maximum") + "\nStatus: " + it.status + " (" +
           it.method + ", " + std::to_string(it.iterations) + " iterations, " + std::to_string(it.passes) +
           " passes over the data)\n" +
           (it.at_bounds.empty() ? "" : "At a bound: " + listed(it.at_bounds) + ". There are no standard errors.\n");
  }

  std::string warnings() const {
    const Record& it = record();
    std::string out;
    const auto warn = [&](bool holds, const std::string& message) {
      if (holds) out += "Warning: " + message + '\n';
    };
    const std::string left_out = aliased();
    if (!left_out.empty()) out += "Note: Collinear columns are left out: " + left_out + ".\n";
    warn(!it.collapsed.empty(), "The variance of " + experts_named(it.collapsed) + " collapsed; a guard bounds it.");
    for (const Spike& spike : it.spikes)
      warn(true, "Expert " + std::to_string(spike.expert + 1) + " follows rows " + listed(spike.rows) +
                     " alone: log-likelihood, AIC and BIC say nothing about this fit.");
    warn(!it.separated.empty(), "The gate of " + experts_named(it.separated) + " separates the rows; it is bounded.");
    warn(!it.runaways.empty(), "The likelihood of " + experts_named(away()) + " rises for ever; it is bounded.");
    warn(!it.scalars.empty(), "A scalar of the experts went to its bound.");
    warn(it.drifted, "The temperature went to its bound.");
    warn(!it.empty.empty(), "Without rows: " + experts_named(it.empty) + ".");
    warn(!it.converged, "The fit did not converge: " + it.status + ".");
    return out;
  }
  std::vector<uword> away() const {
    std::set<uword> experts;
    for (const Runaway& runaway : record().runaways) experts.insert(runaway.expert);
    return {experts.begin(), experts.end()};
  }
  std::string aliased() const {
    std::vector<std::string> columns;
    for (uword j = 0; j < fit_.gate_aliased.size(); ++j)
      if (fit_.gate_aliased[j]) columns.push_back(names_.z[j] + " (gate)");
    for (uword j = 0; j < fit_.experts_aliased.size(); ++j)
      if (fit_.experts_aliased[j]) columns.push_back(names_.x[j] + " (experts)");
    return listed(columns);
  }

  const Fit& fit_;
  Names names_;
  vec errors_;
  const InformationCriteria& criteria_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
