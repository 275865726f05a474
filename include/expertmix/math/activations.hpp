#pragma once

#include <cstddef>

#include "exponential.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// z = exp(-|v|) and its share z / (1 + z).
template <class Width>
struct Tail {
  using Real = typename Width::type;

  EXPERTMIX_INLINE explicit Tail(const Real& v) {
    Real power[1] = {v < 0.0 ? v : -v};
    exponential<Width, 1>(power);
    z = power[0];
    log1p = 1.0 + z;
    Real inverse = log1p;
    logarithm_inverse<Width>(log1p, inverse);
    share = z * inverse;
    rest = inverse;
  }

  Real z, log1p, share, rest;  ///< rest = 1 / (1 + z) = 1 - share
};

/// h = tanh v, h' = 1 - h^2, h'' = -2 h h'
struct Tanh {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    const Tail<Width> tail(2.0 * v);
    const Real size = tail.rest - tail.share;
    h = v < 0.0 ? -size : size;
    first = 4.0 * tail.share * tail.rest;
    second = -2.0 * h * first;
  }
};

/// h = 1 / (1 + exp(-v)), h' = h (1 - h), h'' = h' (1 - 2 h)
struct Sigmoid {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    const Tail<Width> tail(v);
    h = v < 0.0 ? tail.share : tail.rest;
    first = tail.share * tail.rest;
    second = first * (1.0 - 2.0 * h);
  }
};

/// h = log(1 + exp v), h' = sigmoid(v), h'' = h' (1 - h')
struct Softplus {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    const Tail<Width> tail(v);
    h = (v < 0.0 ? Real{} : v) + tail.log1p;
    first = v < 0.0 ? tail.share : tail.rest;
    second = tail.share * tail.rest;
  }
};

/// h = log sigmoid(v) = -softplus(-v), h' = sigmoid(-v), h'' = -h' (1 - h')
struct LogSigmoid {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    const Tail<Width> tail(v);
    h = (v < 0.0 ? v : Real{}) - tail.log1p;
    first = v < 0.0 ? tail.rest : tail.share;
    second = -(tail.share * tail.rest);
  }
};

/// h = max(v, 0), h' = 1{v > 0}, h'' = 0
struct Relu {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    h = v > 0.0 ? v : Real{};
    first = v > 0.0 ? Real{} + 1.0 : Real{};
    second = Real{};
  }
};

/// h = v Phi(v), h' = Phi(v) + v phi(v), h'' = phi(v) (2 - v^2), with Phi(-|v|) = exp(-v^2 / 2) t q(2 t - 1) and t =
/// 1 / (1 + |v| / 4): q the Chebyshev interpolant of degree 24 of that ratio (relative error 2e-15).
struct Gelu {
  template <class Width, class Real>
  EXPERTMIX_INLINE static void at(const Real& v, Real& h, Real& first, Real& second) {
    constexpr double q[] = {
        0.18882128260393788,    0.15197416049297308,    0.09678435018555373,     0.04663046448990915,
        0.015099143722729469,   0.001885047241846578,   -0.0008699230917619934,  -0.00040770461685247714,
        3.333607735295814e-05,  5.7773754340693565e-05, -4.770615878536427e-07,  -8.786277975709413e-06,
        1.7916469102987802e-07, 1.4804027614809944e-06, -1.5745918346230922e-07, -2.5619627541381934e-07,
        6.811574237786468e-08,  3.994349035559805e-08,  -2.1716617539994733e-08, -4.461231943245354e-09,
        5.356900960863089e-09,  1.4684066912467977e-10, -9.326612704670926e-10,  2.999445507813274e-11,
        8.508280771623737e-11};
    constexpr double root_2pi_inverse = 0.39894228040143267794;
    const Real size = v < 0.0 ? -v : v, t = 4.0 / (4.0 + size), x = 2.0 * t - 1.0;
    Real sum = x * q[24] + q[23];
#pragma GCC unroll 24
    for (int j = 22; j >= 0; --j) sum = sum * x + q[j];
    Real density[1] = {-0.5 * v * v};
    exponential<Width, 1>(density);
    const Real tail = density[0] * t * sum, below = v < 0.0 ? tail : 1.0 - tail;
    density[0] *= root_2pi_inverse;
    h = v * below;
    first = below + v * density[0];
    second = density[0] * (2.0 - v * v);
  }
};

template <class Curve>
struct Activate {
  template <class Width>
  EXPERTMIX_INLINE static void run(const double* v, double* h, double* first, double* second, std::size_t n) {
    for (std::size_t i = 0; i < n; i += Width::size) {
      const typename Width::type at = wide<Width>(v + i).value;
      typename Width::type value, slope, curvature;
      Curve::template at<Width, typename Width::type>(at, value, slope, curvature);
      wide<Width>(h + i).value = value;
      wide<Width>(first + i).value = slope;
      wide<Width>(second + i).value = curvature;
    }
  }
};

/// h(v), h'(v) and h''(v) of a curve above; n is a multiple of 8.
template <class Curve>
void activate(const double* v, double* h, double* first, double* second, std::size_t n) {
  dispatch<Activate<Curve>>(v, h, first, second, n);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
