#include "catch.hpp"
#include "conformance.hpp"
#include "expertmix/expertmix.hpp"
#include "expertmix/mixture/registry.hpp"
#include "expertmix/save/file.hpp"
#include "expertmix/save/numbers.hpp"
#include "in_child.hpp"
#include "saved.hpp"
#include "simulated.hpp"

#include <atomic>
#include <cstring>
#include <limits>
#include <thread>

#ifndef _WIN32
#include <sys/resource.h>
#include <csignal>
#endif

using namespace expertmix;
using namespace expertmix::detail;

namespace {

using Fault = file_error::Fault;

/// Whether two numbers are the same bit by bit.
bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

template <class Numbers>
bool same_bits(const Numbers& a, const Numbers& b) {
  if (a.n_rows != b.n_rows || a.n_cols != b.n_cols) return false;
  return a.empty() || std::memcmp(a.memptr(), b.memptr(), a.n_elem * sizeof(double)) == 0;
}

/// A short fit of a gate and a family to random rows of an own gate design.
struct Small {
  Small(std::shared_ptr<const Gate> gate, std::shared_ptr<const Experts> family, uword experts = 3)
      : mixture(std::move(gate), family, experts), rows(conformance::random_rows(150, 7)) {
    Random random(7, 1);
    rows.y = conformance::random_responses(*family, 150, random);
    x = arma::join_rows(vec(150, arma::fill::ones), rows.covariates.cols(0, 1));
    z = arma::join_rows(vec(150, arma::fill::ones), rows.covariates.col(2));
  }

  Data data() const { return Data(x, rows.y).gate(z).weights(rows.weight); }
  Fit fitted() const {
    Options options;
    options.starts = 1;
    options.iterations = 10;
    options.search = Thoroughness::quick;
    return fit(data(), mixture, options);
  }

  Mixture mixture;
  conformance::Sample rows;
  mat x, z;
};

/// All that is computed from a fit is the same of the other, bit by bit.
void check_same(const Fit& one, const Fit& other, const Data& data) {
  CHECK(same_bits(one.gate, other.gate));
  CHECK(same_bits(one.experts, other.experts));
  CHECK(same_bits(one.parameters, other.parameters));
  CHECK(same_bits(one.covariance, other.covariance));
  CHECK(one.parameter_table == other.parameter_table);
  CHECK(one.identified == other.identified);
  CHECK(one.estimable == other.estimable);
  CHECK(same_bits(one.log_likelihood, other.log_likelihood));
  CHECK(one.record.trace == other.record.trace);
  CHECK(one.record.status == other.record.status);
  CHECK(one.record.optima.size() == other.record.optima.size());
  CHECK(same_bits(predict(one, data), predict(other, data)));
  CHECK(same_bits(log_density(data, one.mixture, one), log_density(data, other.mixture, other)));
  CHECK(same_bits(scores(one, data), scores(other, data)));
  CHECK(same_bits(standard_errors(one, data, {}), standard_errors(other, data, {})));
}

/// The fault with which a file is refused as a fit.
Fault fault_of(const std::string& path, const Own& own = {}) {
  try {
    load<Fit>(path, own);
  } catch (const file_error& error) {
    CHECK(std::string(error.what()).find("load: ") == 0);
    return error.fault;
  }
  FAIL("the file was read");
  return {};
}

Fit small_fit() { return Small(gates().at("softmax"), families().at("gaussian"), 2).fitted(); }

/// Contents of a file behind a head that is right.
std::string with_head(const std::string& contents) { return detail::wrapped("fit", contents); }

std::string contents_of(const std::string& text) { return text.substr(text.find('\n', text.find('\n') + 1) + 1); }

/// An activation from outside the library.
void halve(const double* v, double* h, double* first, double* second, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    h[i] = std::atan(v[i]);
    first[i] = 1.0 / (1.0 + v[i] * v[i]);
    second[i] = -2.0 * v[i] * first[i] * first[i];
  }
}

std::shared_ptr<const Gate> own_gate() {
  GateChoices choices;
  choices.activation = {"arctangent", halve};
  return std::make_shared<SoftmaxGate>(choices);
}

}  // namespace

TEST_CASE("a number and its text are the same bit by bit", "[save]") {
  using Limits = std::numeric_limits<double>;
  std::vector<double> numbers{0.0,
                              -0.0,
                              1.0,
                              -1.0,
                              0.1,
                              1.0 / 3.0,
                              Limits::max(),
                              Limits::min(),
                              Limits::denorm_min(),
                              -Limits::denorm_min(),
                              3.0 * Limits::denorm_min(),
                              Limits::infinity(),
                              -Limits::infinity(),
                              Limits::epsilon(),
                              1e300,
                              1e-310,
                              6.02214076e23};
  Random random(1, 1);
  for (int i = 0; i < 2000; ++i) numbers.push_back(random.normal() * std::pow(10.0, 600.0 * (random.uniform() - 0.5)));
  for (double number : numbers) {
    const auto back = detail::number_of(detail::text_of(number));
    INFO(detail::text_of(number));
    REQUIRE(back);
    CHECK(same_bits(*back, number));
  }
  CHECK(std::isnan(*detail::number_of("nan")));
  CHECK(detail::text_of(0.75) == "0x1.8p-1");
  CHECK(std::strtod(detail::text_of(0.1).c_str(), nullptr) == 0.1);
  for (const char* text : {"",          "-",         "1",         "0x",        "0x1",    "0x1p",
                           "0x1p+",     "0x1.8p-1 ", "0x1.80p-1", "0x1.p+0",   "0X1p+0", "0x1p+99999999999",
                           "0x1p+2000", "0x1p-2000", "0x2p+0",    "0x1.g p+0", "0x1p*3", "0x1.00000000000001p+0",
                           "+0x1p+0",   "NaN",       "0x1p+01",   "0x1.8p--1"})
    CHECK_FALSE(detail::number_of(text));
}

TEST_CASE("a fit of every family comes back bit by bit", "[save]") {
  const PlaceForFile place("family");
  for (const auto& [name, family] : families()) {
    INFO(name);
    const Small small(gates().at("softmax"), family, 2);
    const Fit found = small.fitted();
    save(found, place);
    const Fit back = load<Fit>(place);
    check_same(found, back, small.data());
    CHECK(back.mixture.family->description() == family->description());
    CHECK_FALSE(family->description().name.empty());
    const std::string first = place.read();
    save(back, place);
    CHECK(place.read() == first);
  }
}

TEST_CASE("a fit of every gate comes back bit by bit", "[save]") {
  const PlaceForFile place("gate");
  for (const auto& [name, gate] : gates()) {
    INFO(name);
    const Small small(gate, families().at("gaussian"));
    const Fit found = small.fitted();
    save(found, place);
    const Fit back = load<Fit>(place);
    check_same(found, back, small.data());
    CHECK(back.mixture.gate->description() == gate->description());
    CHECK(same_bits(found.origin, back.origin));
  }
}

TEST_CASE("ties, aliased columns, profiles and a start from it survive a file", "[save]") {
  const PlaceForFile place("ties");
  Small small(gates().at("softmax"), families().at("gaussian"), 2);
  small.x = arma::join_rows(small.x, 2.0 * small.x.col(1));
  const auto table = fit_parameters(small.data(), small.mixture).table;
  const auto slope = std::find_if(table.begin(), table.end(), [](const Parameter& p) {
    return p.part == Parameter::Part::experts && p.kind == Parameter::Kind::coefficient && p.column == 1;
  });
  const Mixture tied_mixture(small.mixture.gate, small.mixture.family, 2, common_to_all(*slope, 2));
  const Fit found = fit(small.data(), tied_mixture);
  REQUIRE(found.map.given());
  save(found, place, {{"x", {"(Intercept)", "a \"b\"", "c\\n\n\xc3\xa4"}}, {"none", {}}});
  const Fit back = load<Fit>(place);
  check_same(found, back, small.data());
  CHECK(same_bits(found.map.slope, back.map.slope));
  CHECK(arma::all(found.map.free == back.map.free));
  CHECK(back.experts_aliased[3]);
  const Notes notes = notes_of(place);
  CHECK(notes.at("x") == std::vector<std::string>{"(Intercept)", "a \"b\"", "c\\n\n\xc3\xa4"});
  CHECK(notes.at("none").empty());
  Start start, again;
  static_cast<Coefficients&>(start) = found;
  static_cast<Coefficients&>(again) = back;
  CHECK(same_bits(fit(small.data(), found.mixture, {}, start).parameters,
                  fit(small.data(), back.mixture, {}, again).parameters));
}

TEST_CASE("intervals of a fit that comes back are the same", "[save]") {
  const PlaceForFile place("profiles");
  const Simulated s = simulate(200, 1, 2, 3);
  const Fit found = fit(Data(s.x, s.y), 2);
  save(found, place);
  CHECK(same_bits(profile_intervals(found, Data(s.x, s.y)).ends,
                  profile_intervals(load<Fit>(place), Data(s.x, s.y)).ends));
}

TEST_CASE("a path of penalised fits comes back bit by bit", "[save]") {
  const PlaceForFile place("path");
  PathOptions options;
  options.count = 5;
  options.starts = 2;
  for (const char* name : {"gaussian", "multinomial"}) {
    const Small small(gates().at("softmax"), families().at(name), 2);
    LassoPath found = lasso_path(small.data(), small.mixture, {}, options);
    found.refits.resize(found.fits.size());
    found.refits[0] = found.fits[0];
    save(found, place);
    const LassoPath back = load<LassoPath>(place);
    REQUIRE(back.fits.size() == found.fits.size());
    CHECK(back.status == found.status);
    CHECK(same_bits(back.largest_lambda, found.largest_lambda));
    CHECK(back.refits[0]);
    CHECK_FALSE(back.refits[1]);
    for (std::size_t i = 0; i < found.fits.size(); ++i) {
      CHECK(same_bits(back.fits[i].lambda, found.fits[i].lambda));
      CHECK(same_bits(predict(small.data(), back.mixture, back.fits[i]),
                      predict(small.data(), found.mixture, found.fits[i])));
    }
    CHECK(fault_of(place) == Fault::kind);
  }
  save(small_fit(), place);
  CHECK_THROWS_AS(load<LassoPath>(place), file_error);
}

TEST_CASE("a gate from outside is handed over, and nothing else in its place", "[save]") {
  const PlaceForFile place("own");
  const Small small(own_gate(), families().at("gaussian"), 2);
  const Fit found = small.fitted();
  save(found, place);
  check_same(found, load<Fit>(place, {own_gate(), nullptr}), small.data());
  CHECK(fault_of(place) == Fault::own);
  CHECK(fault_of(place, {gates().at("softmax"), nullptr}) == Fault::own);
  CHECK(fault_of(place, {own_gate(), families().at("poisson")}) == Fault::own);
  save(small_fit(), place);
  CHECK(fault_of(place, {own_gate(), nullptr}) == Fault::own);
  CHECK(load<Fit>(place, {gates().at("softmax"), families().at("gaussian")}).mixture.experts == 2);
  GateChoices impostor;
  impostor.activation = {"tanh", halve};
  CHECK(SoftmaxGate(impostor).description().name.empty());
}

TEST_CASE("what is wrong with a file is said", "[save]") {
  const PlaceForFile place("wrong");
  CHECK(fault_of(place) == Fault::unreadable);
  CHECK(fault_of(std::filesystem::temp_directory_path().string()) == Fault::unreadable);
  place.write("");
  CHECK(fault_of(place) == Fault::foreign);
  place.write("a,b\n1,2\n");
  CHECK(fault_of(place) == Fault::foreign);
  save(small_fit(), place);
  const std::string good = place.read();
  const auto written = [&](const std::string& text) {
    place.write(text);
    return fault_of(place);
  };
  CHECK(written("expert") == Fault::truncated);
  CHECK(written(good.substr(0, 30)) == Fault::truncated);
  CHECK(written(good.substr(0, good.size() - 1)) == Fault::truncated);
  CHECK(written(good.substr(0, good.size() / 2)) == Fault::truncated);
  CHECK(written(good + "\n") == Fault::edited);
  std::string other = good;
  other.replace(other.find(" 1 fit"), 6, " 2 fit");
  CHECK(written(other) == Fault::version);
  other = good;
  other[other.size() - 5] ^= 1;
  CHECK(written(other) == Fault::edited);
  other = good;
  for (std::size_t at = 0; (at = other.find('\n', at)) != std::string::npos; at += 2) other.replace(at, 1, "\r\n");
  CHECK(written(other) == Fault::edited);
  place.write(good);
  CHECK(load<Fit>(place).mixture.experts == 2);
}

TEST_CASE("numbers that no fit has are refused, also behind a checksum that fits", "[save]") {
  const PlaceForFile place("numbers");
  save(small_fit(), place);
  const std::string contents = contents_of(place.read());
  const auto line = [&](const std::string& name, const std::string& values) {
    const std::size_t at = contents.find("\n" + name + " ") + 1, end = contents.find('\n', at);
    REQUIRE(at > 0);
    place.write(with_head(contents.substr(0, at) + name + " " + values + contents.substr(end)));
    INFO(name << " " << values);
    return fault_of(place);
  };
  CHECK(line("experts", "0") == Fault::edited);
  CHECK(line("experts", "3") != Fault::truncated);
  CHECK(line("experts", "18446744073709551615") == Fault::edited);
  CHECK(line("experts", "two") == Fault::edited);
  CHECK(line("sigma", "2 0x1p+0 -0x1p+0") == Fault::edited);
  CHECK(line("sigma", "2 0x1p+0 nan") == Fault::edited);
  CHECK(line("sigma", "1000000000000 0x1p+0") == Fault::edited);
  CHECK(line("gate_coefficients", "4294967296 4294967296 0x1p+0") == Fault::edited);
  CHECK(line("gate_coefficients", "0 0") == Fault::edited);
  CHECK(line("temperature", "0x0p+0") == Fault::edited);
  CHECK(line("gate_intercept", "77") == Fault::edited);
  CHECK(line("parameters", "1 0x1p+0") == Fault::edited);
  CHECK(line("covariance", "1 1 0x1p+0") == Fault::edited);
  CHECK(line("collapsed", "1 9") == Fault::edited);
  CHECK(line("status", "unquoted") == Fault::edited);
  CHECK(line("family", "\"cauchy\" 0 0") == Fault::own);
  CHECK(line("family", "\"multinomial\" 0 1 \"classes\" 0x1p+19") == Fault::edited);
  CHECK(line("gate_scalars", "0") == Fault::own);
}

TEST_CASE("bytes that are changed or left out give an error of its class, or the same fit", "[save]") {
  const PlaceForFile place("bytes");
  const Fit found = small_fit();
  save(found, place);
  const std::string good = place.read(), contents = contents_of(good);
  Random random(11, 0);
  int read = 0;
  const auto attempt = [&](const std::string& text) {
    place.write(text);
    try {
      const Fit back = load<Fit>(place);
      predict(back,
              Data(mat(2, back.experts.n_rows, arma::fill::ones)).gate(mat(2, back.gate.n_rows, arma::fill::ones)));
      ++read;
      return same_bits(back.parameters, found.parameters);
    } catch (const file_error&) {
      return true;
    }
  };
  const auto place_in = [&](const std::string& text) { return random.index(text.size()); };
  const auto changed = [&](std::string text) {
    for (uword left = 1 + random.index(3); left > 0; --left)
      text[place_in(text)] ^= static_cast<char>(1 << random.index(8));
    return text;
  };
  for (int i = 0; i < 300; ++i) CHECK(attempt(changed(good)));
  for (int i = 0; i < 100; ++i) CHECK(attempt(good.substr(0, place_in(good))));
  CHECK(read == 0);
  // Behind a checksum that fits, anything but a crash.
  const std::string words = " \n\"0123456789-xpinfa";
  for (int i = 0; i < 1500; ++i) {
    std::string text = contents;
    const std::size_t at = place_in(text);
    if (i % 4 == 0) text.erase(at, 1 + random.index(40));
    if (i % 4 == 1) text[at] = words[random.index(words.size())];
    if (i % 4 == 2) text.insert(at, text.substr(place_in(text), random.index(60)));
    if (i % 4 == 3) text = changed(text);
    try {
      attempt(with_head(text));
    } catch (const error&) {
    }
  }
}

TEST_CASE("a file is replaced as a whole or stays, and what is no file is left alone", "[save]") {
  const PlaceForFile place("whole"), link("link");
  const Fit found = small_fit();
  const auto save_fault = [&](const std::string& path) {
    try {
      save(found, path);
    } catch (const file_error& error) {
      return error.fault;
    }
    FAIL("it was written");
    return Fault::own;
  };
  CHECK(save_fault(place.path() + "/no/folder") == Fault::unwritable);
  CHECK(save_fault(std::filesystem::temp_directory_path().string()) == Fault::unwritable);
  place.write("something else");
  save(found, place);
  CHECK(load<Fit>(place).mixture.experts == 2);
#ifndef _WIN32
  CHECK(save_fault("/dev/null") == Fault::unwritable);
  CHECK(std::filesystem::is_character_file("/dev/null"));
  std::filesystem::permissions(place.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::create_symlink(place.path(), link.path());
  const std::string good = place.read();
  save(found, link);
  CHECK(std::filesystem::is_symlink(link.path()));
  CHECK(place.read() == good);
  CHECK((std::filesystem::status(place.path()).permissions() & std::filesystem::perms::others_read) ==
        std::filesystem::perms::none);
  CHECK(holds_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit little{100, 100};
    setrlimit(RLIMIT_FSIZE, &little);
    try {
      save(found, place);
      return false;
    } catch (const file_error& error) {
      return error.fault == Fault::unwritable;
    }
  }));
  CHECK(place.read() == good);
  const auto beside = std::filesystem::directory_iterator(std::filesystem::path(place.path()).parent_path());
  for (const auto& entry : beside) CHECK(entry.path().string().find(place.path() + ".") == std::string::npos);
#endif
}

TEST_CASE("a file that several threads write at a time is whole whenever it is read", "[save]") {
  const PlaceForFile place("threads");
  const Fit one = small_fit();
  Fit other = one;
  other.log_likelihood += 1.0;
  save(one, place);
  std::atomic<int> left{2}, strange{0};
  const auto write = [&](const Fit& fit) {
    for (int i = 0; i < 50; ++i) save(fit, place);
    --left;
  };
  std::thread first([&] { write(one); }), second([&] { write(other); });
  do {
    const double value = load<Fit>(place).log_likelihood;
    strange += value != one.log_likelihood && value != other.log_likelihood;
  } while (left > 0);
  first.join();
  second.join();
  CHECK(strange == 0);
}
