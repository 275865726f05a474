# The battery of bench/search.R: real data that ship with R packages, and simulated ones, with formulas of every shape.
# A case is a name and a list: formula, data, experts, and what else moe() takes (family, gate, sigma).

real <- function(package, name) {
  place <- new.env()
  utils::data(list = name, package = package, envir = place)
  as.data.frame(get(name, envir = place))
}

case <- function(formula, data, experts, ...) list(formula = formula, data = data, experts = experts, ...)

# Rows drawn from a softmax-gated mixture of Gaussian experts; coefficients are normal, gates of size `steep`.
drawn <- function(seed, n, p, experts, sd = 0.5, steep = 2, gate = p) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  x <- matrix(stats::rnorm(n * p), n, dimnames = list(NULL, paste0("x", seq_len(p))))
  slopes <- matrix(stats::rnorm((p + 1) * experts, sd = 1.5), p + 1)
  logits <- cbind(1, x[, seq_len(gate), drop = FALSE]) %*%
    cbind(0, matrix(stats::rnorm((gate + 1) * (experts - 1), sd = steep), gate + 1))
  label <- max.col(logits - log(-log(stats::runif(n * experts))), ties.method = "first")
  means <- cbind(1, x) %*% slopes
  sds <- rep_len(sd, experts)
  data.frame(y = means[cbind(seq_len(n), label)] + stats::rnorm(n) * sds[label], x)
}

gaussian_cases <- function() {
  mcycle <- real("MASS", "mcycle")
  iris <- datasets::iris
  faithful <- datasets::faithful
  boston <- real("MASS", "Boston")
  ethanol <- real("lattice", "ethanol")
  cars <- real("MASS", "Cars93")
  quakes <- datasets::quakes
  galaxies <- data.frame(v = as.numeric(MASS::galaxies) / 1000)
  geyser <- real("MASS", "geyser")
  swiss <- datasets::swiss
  trees <- datasets::trees
  air <- stats::na.omit(datasets::airquality)
  birthwt <- real("MASS", "birthwt")
  birthwt$smoke <- factor(birthwt$smoke)
  gag <- real("MASS", "GAGurine")
  cats <- real("MASS", "cats")
  crabs <- real("MASS", "crabs")
  hills <- real("MASS", "hills")
  cpus <- real("MASS", "cpus")
  diamonds <- real("survival", "pbc")
  barley <- real("lattice", "barley")
  environmental <- real("lattice", "environmental")
  orthodont <- real("nlme", "Orthodont")
  warp <- datasets::warpbreaks
  attitude <- datasets::attitude
  chick <- as.data.frame(datasets::ChickWeight)
  tooth <- datasets::ToothGrowth
  prestige <- stats::na.omit(real("carData", "Prestige"))
  list(
    mcycle_2 = case(accel ~ times, mcycle, 2),
    mcycle_3 = case(accel ~ times, mcycle, 3),
    mcycle_4 = case(accel ~ times, mcycle, 4),
    mcycle_5 = case(accel ~ times, mcycle, 5),
    mcycle_constant = case(accel ~ times | 1, mcycle, 2),
    iris_width_2 = case(Sepal.Width ~ Sepal.Length, iris, 2),
    iris_width_3 = case(Sepal.Width ~ Sepal.Length, iris, 3),
    iris_species = case(Sepal.Length ~ Petal.Length | Species, iris, 2),
    iris_wide = case(Sepal.Length ~ Sepal.Width + Petal.Length + Petal.Width, iris, 3),
    faithful_2 = case(eruptions ~ waiting, faithful, 2),
    faithful_3 = case(eruptions ~ waiting, faithful, 3),
    geyser_3 = case(duration ~ waiting, geyser, 3),
    boston_2 = case(log(medv) ~ lstat | lstat + rm, boston, 2),
    boston_3 = case(log(medv) ~ lstat + rm, boston, 3),
    boston_wide = case(log(medv) ~ crim + nox + rm + age + dis + tax + ptratio + lstat | lstat + rm, boston, 2),
    boston_4 = case(medv ~ lstat | lstat, boston, 4),
    ethanol_2 = case(NOx ~ E, ethanol, 2),
    ethanol_3 = case(NOx ~ E, ethanol, 3),
    ethanol_constant = case(NOx ~ C | 1, ethanol, 2),
    cars_2 = case(Price ~ Horsepower | Horsepower, cars, 2),
    cars_factor = case(MPG.highway ~ Weight | Origin, cars, 2),
    quakes_2 = case(mag ~ stations | depth, quakes, 2),
    quakes_3 = case(depth ~ long + lat, quakes, 3),
    galaxies_3 = case(v ~ 1, galaxies, 3),
    swiss_2 = case(Fertility ~ Agriculture + Education | Catholic, swiss, 2),
    trees_2 = case(Volume ~ Girth, trees, 2),
    air_2 = case(Ozone ~ Temp + Wind | Temp, air, 2),
    air_3 = case(log(Ozone) ~ Temp + Wind, air, 3),
    birthwt_2 = case(bwt ~ lwt + age | smoke, birthwt, 2),
    gag_3 = case(GAG ~ Age, gag, 3),
    gag_4 = case(GAG ~ Age, gag, 4),
    cats_2 = case(Hwt ~ Bwt | 1, cats, 2),
    cats_sex = case(Hwt ~ Bwt | Sex, cats, 2),
    crabs_2 = case(RW ~ CL | 1, crabs, 2),
    crabs_3 = case(FL ~ CL + CW | CL, crabs, 3),
    hills_2 = case(time ~ dist + climb | dist, hills, 2),
    cpus_2 = case(log(perf) ~ log(mmax) + log(cach + 1), cpus, 2),
    cpus_3 = case(log(perf) ~ log(mmax) | log(mmax) + log(syct), cpus, 3),
    barley_2 = case(yield ~ site | year, barley, 2),
    environmental_3 = case(ozone ~ temperature + wind + radiation, environmental, 3),
    orthodont_2 = case(distance ~ age | Sex, orthodont, 2),
    warpbreaks_2 = case(breaks ~ wool + tension | 1, warp, 2),
    attitude_2 = case(rating ~ complaints + learning | 1, attitude, 2),
    chick_2 = case(weight ~ Time | Diet, chick, 2),
    chick_3 = case(weight ~ Time | Time, chick, 3),
    chick_common = case(weight ~ Time | Time, chick, 3, sigma = "common"),
    tooth_2 = case(len ~ dose | supp, tooth, 2),
    prestige_2 = case(prestige ~ income + education | type, prestige, 2),
    prestige_4 = case(prestige ~ income | income, prestige, 4),
    pbc_3 = case(log(bili) ~ age + albumin | albumin, diamonds, 3)
  )
}

simulated_cases <- function() {
  list(
    drawn_2 = case(y ~ x1 + x2, drawn(1, 300, 2, 2), 2),
    drawn_unequal = case(y ~ x1 + x2, drawn(11, 500, 2, 3, sd = c(0.2, 0.5, 1)), 3),
    drawn_3 = case(y ~ x1 + x2 + x3, drawn(2, 500, 3, 3), 3),
    drawn_wide = case(stats::reformulate(paste0("x", 1:12), "y"), drawn(3, 600, 12, 2), 2),
    drawn_wide_3 = case(stats::reformulate(paste0("x", 1:8), "y"), drawn(4, 800, 8, 3), 3),
    drawn_noisy = case(y ~ x1, drawn(5, 400, 1, 3, sd = 1), 3),
    drawn_4 = case(y ~ x1 + x2, drawn(6, 600, 2, 4), 4),
    drawn_4_line = case(y ~ x1, drawn(7, 500, 1, 4, sd = 0.3), 4),
    drawn_constant = case(y ~ x1 + x2 | 1, drawn(8, 500, 2, 4), 4),
    drawn_5 = case(y ~ x1 + x2, drawn(9, 1000, 2, 5), 5),
    drawn_6 = case(y ~ x1 + x2, drawn(10, 1000, 2, 6), 6),
    drawn_6_line = case(y ~ x1, drawn(12, 800, 1, 6, sd = 0.3), 6)
  )
}

class_cases <- function() {
  iris <- datasets::iris
  pima <- real("MASS", "Pima.tr")
  birthwt <- real("MASS", "birthwt")
  birthwt$low <- factor(birthwt$low)
  fgl <- real("MASS", "fgl")
  crabs <- real("MASS", "crabs")
  chick <- as.data.frame(datasets::ChickWeight)
  infert <- datasets::infert
  infert$case <- factor(infert$case)
  kyphosis <- real("rpart", "kyphosis")
  list(
    class_iris_2 = case(Species ~ Sepal.Length + Sepal.Width, iris, 2, family = "multinomial"),
    class_iris_3 = case(Species ~ Sepal.Length, iris, 3, family = "multinomial"),
    class_pima_2 = case(type ~ glu + bmi | age, pima, 2, family = "multinomial"),
    class_pima_3 = case(type ~ glu | bmi, pima, 3, family = "multinomial"),
    class_birthwt_2 = case(low ~ lwt + age | smoke, birthwt, 2, family = "multinomial"),
    class_fgl_2 = case(type ~ RI + Mg | Al, fgl, 2, family = "multinomial"),
    class_crabs_2 = case(sp ~ CL + RW | FL, crabs, 2, family = "multinomial"),
    class_chick_2 = case(Diet ~ weight + Time | weight, chick, 2, family = "multinomial"),
    class_infert_2 = case(case ~ induced + spontaneous | age, infert, 2, family = "multinomial"),
    class_kyphosis_2 = case(Kyphosis ~ Age + Number | Start, kyphosis, 2, family = "multinomial")
  )
}

gate_cases <- function() {
  boston <- real("MASS", "Boston")
  mcycle <- real("MASS", "mcycle")
  iris <- datasets::iris
  top <- expertmix::gate_topk
  curved <- function(activation, ...) expertmix::gate_softmax(activation = activation, ...)
  list(
    top1_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = top(1)),
    top1_raw_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = top(1, origin = 0)),
    top1_logit_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = top(1, select = "logit")),
    top2_boston = case(log(medv) ~ lstat | lstat + rm, boston, 3, gate = top(2)),
    top1_mcycle = case(accel ~ times, mcycle, 2, gate = top(1, select = "logit")),
    tanh_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = curved("tanh")),
    tanh_raw_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = curved("tanh", origin = 0)),
    tanh_warm_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = curved("tanh", temperature = NULL)),
    tanh_mcycle = case(accel ~ times, mcycle, 3, gate = curved("tanh")),
    sigmoid_iris = case(Sepal.Width ~ Sepal.Length, iris, 2, gate = curved("sigmoid")),
    relu_boston = case(log(medv) ~ lstat | lstat + rm, boston, 2, gate = curved("relu")),
    temperature_mcycle = case(accel ~ times, mcycle, 3, gate = expertmix::gate_temperature(0.5)),
    modified_mcycle = case(accel ~ times, mcycle, 3, gate = expertmix::gate_modified(tanh))
  )
}

# So many rows that the search runs on a sample of them: only run by name, or by "large" all of them.
large_cases <- function() {
  list(
    large_2 = case(y ~ x1 + x2 + x3, drawn(21, 20000, 3, 2), 2),
    large_unequal = case(y ~ x1 + x2, drawn(22, 20000, 2, 3, sd = c(0.2, 0.5, 1)), 3),
    large_4 = case(y ~ x1 + x2, drawn(23, 30000, 2, 4), 4),
    large_wide = case(stats::reformulate(paste0("x", 1:10), "y"), drawn(24, 20000, 10, 3), 3)
  )
}

search_cases <- function() c(gaussian_cases(), simulated_cases(), class_cases(), gate_cases())
