#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

/// What the library puts into `expertmix::`, read from the sources: what users call or extend. All else is `detail`'s.
namespace {

namespace fs = std::filesystem;

/// The file without comments, strings, characters and directives of the preprocessor.
std::string code_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const char* what : {"//[^\n]*", "\"(\\\\.|[^\"\\\\\n])*\"", "'(\\\\.|[^'\\\\\n])'", "(^|\n)#(.*\\\\\n)*[^\n]*"})
    text = std::regex_replace(text, std::regex(what), "\n");
  return text;
}

/// The text that stands directly in `expertmix::`, cut at semicolons and at bodies, which are left out.
std::vector<std::string> statements_of(const std::string& code) {
  const std::regex outer("\\s*namespace expertmix |\\s*inline namespace EXPERTMIX_ABI ");
  std::vector<std::string> out;
  std::string statement;
  int ours = 0, within = 0, parentheses = 0;
  for (const char c : code) {
    if (within == 0) parentheses += (c == '(') - (c == ')');
    if (parentheses > 0) {
      statement += c;
    } else if (c == '{' && within == 0 && std::regex_match(statement, outer)) {
      ++ours;
      statement.clear();
    } else if (c == '{') {
      if (within++ == 0) statement += ' ';
    } else if (c == '}' && within == 0) {
      --ours;
      statement.clear();
    } else if (c == '}') {
      if (--within == 0) out.push_back(std::exchange(statement, {}));
    } else if (c == ';' && within == 0) {
      out.push_back(std::exchange(statement, {}));
    } else if (within == 0) {
      statement += c;
    }
  }
  CHECK(ours == 0);
  return out;
}

/// The names that a statement declares: none where it defines a member, or belongs to `detail`.
std::set<std::string> names_in(const std::string& statement) {
  std::smatch match;
  if (std::regex_search(statement, std::regex("^\\s*(namespace detail|static_assert|extern)\\b"))) return {};
  if (std::regex_search(statement, match, std::regex("^\\s*using [\\w:]*?(\\w+)\\s*($|=)"))) return {match[1]};
  if (std::regex_search(statement, match,
                        std::regex("^\\s*(template <[^>]*>\\s*)?(class|struct|enum class|namespace) (\\w+)")))
    return {match[3]};
  if (std::regex_search(statement, std::regex("^[^(]*::\\w+\\("))) return {};
  if (std::regex_search(statement, match, std::regex("^[^(=]*?(\\w+)\\("))) return {match[1]};
  std::set<std::string> out;
  const std::regex variable("(\\w+)\\s*(\\[\\])?\\s*=");
  for (std::sregex_iterator found(statement.begin(), statement.end(), variable), end; found != end; ++found)
    out.insert((*found)[1]);
  return out;
}

std::set<std::string> public_names() {
  std::set<std::string> out;
  const fs::path root = fs::path(EXPERTMIX_SOURCE_DIR) / "include" / "expertmix";
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (std::regex_match(entry.path().extension().string(), std::regex("\\.[hi]pp")))
      for (const std::string& statement : statements_of(code_of(entry.path()))) out.merge(names_in(statement));
  return out;
}

/// The names by what they are for.
std::set<std::string> intended_names() {
  const std::map<std::string, std::string> by_topic{
      {"numbers", "mat vec uvec uword Given Random version"},
      {"data and mixtures",
       "Data SparseData DataSet RowData Mixture Coefficients KeptColumns Parameter Tie "
       "AffineMap held_at tied common_to_all"},
      {"gates",
       "Gate SoftmaxGate GateChoices Activation Normaliser activation_named activations "
       "normaliser_named normalisers gate_named gate_softmax gate_topk gate_temperature gate_sigmoid"},
      {"families",
       "Experts CanonicalExperts GaussianExperts StudentTExperts GammaExperts "
       "PoissonExperts NegativeBinomialExperts BinomialExperts MultinomialExperts "
       "FamilyChoices family_named"},
      {"what an own gate or family says and is given",
       "Predictor Design Unit is_log_scale Outcomes Columns Layout Term TermPair "
       "Distance Block Rows Table GateTables PairTable Statistics Information "
       "with_offset trusted_length"},
      {"fits",
       "fit Fit Options SearchOptions Thoroughness Method Bounds Start Record "
       "Certificate SeenOptimum Spike SpikeRule Runaway BoundedScalar most_starts "
       "fit_parameters FitParameters"},
      {"what watches a fit", "Context Progress Deadline Stage name_of"},
      {"paths", "lasso_path Lasso LassoFit LassoPath PathOptions most_lambdas"},
      {"prediction and inference",
       "predict expert_means gate_probabilities posterior log_density distribution "
       "survival quantiles highest_density DensityInterval scores score_products "
       "gradients Quantity standard_errors profile_intervals Profiles Runaways draw "
       "classes likeliest_experts confidence_intervals prediction_intervals sandwich_covariance "
       "ChiSquaredTest likelihood_ratio_test wald_test bootstrap "
       "Draws"},
      {"results in words and files", "report Names Notes notes_of save load Own Description file_error"},
      {"choices",
       "InformationCriteria information_criteria PathCriteria path_criteria Criterion "
       "select_fit folds_of_rows fold_losses CrossValidation cross_validation cross_validate "
       "select_experts ExpertSelection SelectionOptions ExpertCriterion ExpertSearch Candidate Merge fold_score "
       "merge_experts expert_distances merged_responsibilities split_responsibilities"},
      {"studies",
       "Measure TheoryDesign theory_design theory_designs RateStudy Replication replicate "
       "rate_study StudyLoss StudyStart study_loss"},
      {"theory",
       "Atoms atoms_of Gauge gauge_of with_total_of with_reference reflected voronoi "
       "Voronoi Loss LossTerm loss_named Translate rbar rbar_check RbarCheck Conditional "
       "Divergence divergence sampled_divergence most_draws"},
      {"errors",
       "error invalid_argument degenerate_error numerical_error internal_error "
       "interrupted require"},
  };
  std::set<std::string> out;
  for (const auto& [topic, names] : by_topic) {
    std::istringstream words(names);
    for (std::string name; words >> name;) out.insert(name);
  }
  return out;
}

}  // namespace

TEST_CASE("expertmix holds what users call or extend, and nothing else", "[walls]") {
  const std::set<std::string> found = public_names(), intended = intended_names();
  for (const std::string& name : found) {
    INFO(name << " is in expertmix::, not in expertmix::detail");
    CHECK(intended.count(name) == 1);
  }
  for (const std::string& name : intended) {
    INFO(name << " is not in expertmix::");
    CHECK(found.count(name) == 1);
  }
}
