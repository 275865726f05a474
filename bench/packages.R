# The packages compared: how each fits a case of design.R from its start, and where its coefficients are. All stop at a
# relative change of the log-likelihood below 1e-8, except that mixtools knows only an absolute one (2e-8 n) and that
# expertmix certifies the optimum instead.

available <- function(package) requireNamespace(package, quietly = TRUE)
any_case <- function(case) TRUE
response_on <- function(case, response = "y") stats::as.formula(paste(response, "~", case$covariates))

packages <- list(
  expertmix = list(
    repetitions = 9,
    covers = any_case,
    fit = function(case) expertmix::moe(response_on(case), case$data, experts = case$experts, start = case$start),
    estimate = function(fit, case) {
      list(gate = coef(fit, part = "gate"), experts = coef(fit, part = "experts"), sigma = sigma(fit))
    }
  ),

  flexmix = list(
    repetitions = 3,
    covers = any_case,
    fit = function(case) {
      flexmix::flexmix(
        response_on(case), case$data, k = case$experts, cluster = case$start,
        concomitant = flexmix::FLXPmultinom(response_on(case, "")),
        control = list(iter.max = 5000, tolerance = 1e-8, minprior = 0)
      )
    },
    estimate = function(fit, case) {
      parameters <- flexmix::parameters(fit)
      last <- nrow(parameters)
      list(gate = fit@concomitant@coef, experts = parameters[-last, , drop = FALSE], sigma = parameters[last, ])
    }
  ),

  mixtools = list(
    repetitions = 3,
    covers = function(case) case$experts == 2 && ncol(case$design) == 2,  # all that hmeEM() is written for
    fit = function(case) {
      start <- m_step(case)
      # hmeEM() gives its first component the logistic probability.
      utils::capture.output(fit <- mixtools::hmeEM(
        case$y, case$design[, -1], beta = start$experts[, 2:1], sigma = start$sigma[2:1], w = start$gate[, 2],
        k = 2, epsilon = 2e-8 * length(case$y), maxit = 10000
      ))
      fit
    },
    estimate = function(fit, case) list(gate = cbind(fit$w, 0), experts = fit$beta, sigma = fit$sigma)
  ),

  depmixS4 = list(
    repetitions = 3,
    covers = any_case,
    fit = function(case) {
      start <- m_step(case)
      model <- depmixS4::mix(
        response_on(case), data = case$data, nstates = case$experts, prior = response_on(case, ""),
        family = stats::gaussian()
      )
      model <- depmixS4::setpars(model, c(t(start$gate), rbind(start$experts, start$sigma)))
      stopifnot(all.equal(unname(model@prior@parameters$coefficients), unname(start$gate)))
      control <- depmixS4::em.control(maxit = 5000, tol = 1e-8, crit = "relative", random.start = FALSE)
      utils::capture.output(fit <- depmixS4::fit(model, verbose = FALSE, emcontrol = control))
      fit
    },
    estimate = function(fit, case) {
      responses <- lapply(fit@response, function(state) state[[1]]@parameters)
      list(
        gate = fit@prior@parameters$coefficients,
        experts = sapply(responses, function(r) unname(r$coefficients)), sigma = sapply(responses, function(r) r$sd)
      )
    }
  ),

  MoEClust = list(
    repetitions = 3,
    covers = any_case,
    fit = function(case) {
      suppressWarnings(MoEClust::MoE_clust(
        case$data["y"], G = case$experts, modelNames = "V", gating = response_on(case, ""),
        expert = response_on(case, ""), network.data = case$data[-1],
        control = MoEClust::MoE_control(
          init.z = "list", z.list = list(case$start), stopping = "relative", tol = rep(1e-8, 3),
          itmax = c(5000, 5000, 5000), exp.init = list(mahalanobis = FALSE), verbose = FALSE
        )
      ))
    },
    estimate = function(fit, case) {
      gate <- matrix(stats::coef(fit$gating), ncol = ncol(case$design), byrow = case$experts == 2)
      list(
        gate = cbind(0, t(gate)), experts = sapply(fit$expert, stats::coef),
        sigma = sqrt(fit$parameters$variance$sigmasq)
      )
    }
  )
)
