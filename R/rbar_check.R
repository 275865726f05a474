#' The polynomial system behind the rates of over-specified mixtures
#'
#' The exponent \eqn{\bar r(m)}{rbar(m)} of arXiv:2305.03288 is the smallest \eqn{r} at which the system
#' \deqn{\sum_{i=1}^m \sum_{\alpha_1 + \alpha_2 = l_1, \; \alpha_3 + 2 \alpha_4 = l_2 - \alpha_2} \frac{t_{5i}^2 \,
#'   t_{1i}^{\alpha_1} t_{2i}^{\alpha_2} t_{3i}^{\alpha_3} t_{4i}^{\alpha_4}}{\alpha_1! \alpha_2! \alpha_3! \alpha_4!}
#'   = 0, \quad 1 \le l_1 + l_2 \le r}{sum_i sum_{a1 + a2 = l1, a3 + 2 a4 = l2 - a2} t5_i^2 t1_i^a1 t2_i^a2 t3_i^a3
#'   t4_i^a4 / (a1! a2! a3! a4!) = 0, 1 <= l1 + l2 <= r}
#' has no solution with all \eqn{t_{5i} \ne 0}{t5_i != 0} and some \eqn{t_{3i} \ne 0}{t3_i != 0}. It is 4 for \eqn{m =
#' 2} and 6 for \eqn{m = 3}, and the papers prove that it is at least 7 for larger \eqn{m}. (With \eqn{t_1 = t_2 =
#' 0}{t1 = t2 = 0} it is the system of Gaussian mixtures in Ho and Nguyen (2016), whose proof gives these values.)
#' For four atoms a solution at \eqn{r = 7} is known: equal weights, \eqn{t_1 = t_2 = 0}{t1 = t2 = 0}, \eqn{t_3 = (1,
#' -1, s, -s)}{t3 = (1, -1, s, -s)} and \eqn{t_4 = (p - 1/2, p - 1/2, -p - s^2/2, -p - s^2/2)}{t4 = (p - 1/2, p - 1/2,
#' -p - s^2/2, -p - s^2/2)} with \eqn{12 p^2 = 1 + s^4} and \eqn{12 (1 + s^6) = 45 p (1 - s^4)}, which some \eqn{s}
#' between 0 and 1 solves: \eqn{\bar r(4) \ge 8}{rbar(4) >= 8}. For five `rbar_check(5, 9)` finds one to rounding, and
#' an atom that is split into two with the same \eqn{t_1, \ldots, t_4}{t1, ..., t4} keeps a solution one: \eqn{\bar r(m)
#' \ge 10}{rbar(m) >= 10} for \eqn{m \ge 5}{m >= 5}. None was found at \eqn{m = 4, r = 8} and \eqn{m = 5, r = 10}:
#' evidence for \eqn{\bar r(4) = 8}{rbar(4) = 8} and \eqn{\bar r(5) = 10}{rbar(5) = 10}, and no proof. [voronoi_loss()]
#' takes these.
#'
#' A solution is looked for by least squares from many starting points, with \eqn{\max |t_3| = 1}{max |t3| = 1} and
#' \eqn{t_5^2}{t5^2} between 1/10 and 1. One that is found shows that \eqn{\bar r(m) > r}{rbar(m) > r}. That none is
#' found is evidence for \eqn{\bar r(m) \le r}{rbar(m) <= r}, and no proof.
#'
#' @param m Number of atoms in a cell, 1 to 6.
#' @param r Largest order of the equations, 1 to 12.
#' @param starts Number of starting points.
#' @param seed A whole number.
#' @param x A check.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"rbar_check"`: a list of `m`, `r`, `residual` (the largest absolute value of an equation
#'   at the best point found), `solution` (a matrix of \eqn{m} rows `t1` to `t5`) and `solvable` (`TRUE` where the
#'   residual is zero up to rounding).
#' @section Errors: `expertmix_error_rbar`.
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288, Lemma 1. Ho, N. and Nguyen, X. (2016). Convergence rates of parameter estimation for
#'   some weakly identifiable finite mixtures. Annals of Statistics 44, 2726-2755.
#' @examples
#' rbar_check(2, 3)
#' rbar_check(2, 4)
#' @export
rbar_check <- function(m, r, starts = 50, seed = 1, ...) {
  check_call(..., .what = "rbar")
  check_required("m", "r")
  within <- function(value, name, most) {
    if (!is_whole(value) || value < 1 || value > most) {
      abort_moe("rbar", sprintf("`%s` must be a whole number from 1 to %s.", name, format(most)))
    }
  }
  within(m, "m", 6)
  within(r, "r", 12)
  within(starts, "starts", 1e6)
  if (!is_whole(seed) || seed < 0 || seed > 2^53) abort_moe("rbar", "`seed` must be a whole number, 0 or more.")
  found <- computed_system(m, r, starts, seed)
  solution <- found$solution
  dimnames(solution) <- list(NULL, paste0("t", 1:5))
  new_object(
    list(
      m = m, r = r, residual = found$residual, solution = solution, solvable = found$residual < 1e-10, starts = starts
    ),
    class = "rbar_check"
  )
}

#' @rdname rbar_check
#' @export
print.rbar_check <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  if (x$solvable) {
    cat(sprintf("The system of m = %d atoms at r = %d has a solution: rbar(%d) > %d.\n", x$m, x$r, x$m, x$r))
    print(x$solution, ...)
    cat("Largest equation:", format(x$residual, digits = 2), "\n")
  } else {
    cat(sprintf("No solution of the system of m = %d atoms at r = %d was found from %d starts.\n", x$m, x$r, x$starts))
    cat(sprintf("Smallest value of the largest equation, with max |t3| = 1 and t5^2 >= 0.1: %s.\n",
      format(x$residual, digits = 3)))
    proof <- if (x$m %in% 2:3) "The proof: arXiv:2305.03288, Lemma 1." else "It is no proof."
    cat(sprintf("This is evidence that rbar(%d) <= %d. %s\n", x$m, x$r, proof))
  }
  invisible(x)
}
