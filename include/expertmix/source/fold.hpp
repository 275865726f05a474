#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "../base/parallel.hpp"
#include "../mixture/request.hpp"
#include "../mixture/workspace.hpp"
#include "source.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Lanes of a fold over this many blocks: a function of the data's size only, so that results are bit-identical for any
/// number of threads. Lane l folds blocks l, l + lanes, ...; lanes are added up in order.
inline std::size_t fold_lanes(std::size_t blocks) {
  return std::min<std::size_t>(16, std::max<std::size_t>(1, blocks / 16));
}

/// Answers requests by passes over a source. Keeps each thread's memory from pass to pass.
class Fold {
 public:
  Fold(const Source& source, const Mixture& mixture, const Layout& layout, const Context& context)
      : source_(source),
        mixture_(mixture),
        layout_(layout),
        context_(context),
        memory_(static_cast<std::size_t>(std::max(1, context.threads))) {}

  /// The statistics at each of the request's points. Throws `interrupted` when the context asks to stop.
  std::vector<Statistics> operator()(const Request& request) {
    const std::size_t lanes = fold_lanes(source_.blocks());
    std::vector<std::vector<Totals>> partial(lanes);
    Context limited = context_;
    if (!worth_threads(request)) limited.threads = 1;
    for_each_item(lanes, limited, [&](std::size_t lane, const Worker& worker) {
      partial[lane] = fold_lane(request, lane, lanes, worker);
    });
    std::vector<Statistics> out;
    for (std::size_t s = 0; s < request.parameters.n_cols; ++s) {
      for (std::size_t lane = 1; lane < lanes; ++lane) partial[0][s] += partial[lane][s];
      out.push_back(statistics(partial[0][s], layout_));
    }
    return out;
  }

 private:
  struct Memory {
    AlignedVector buffer;
    std::unique_ptr<Workspace> work;
  };

  std::vector<Totals> fold_lane(const Request& request, std::size_t lane, std::size_t lanes, const Worker& worker) {
    Memory& memory = memory_[worker.number];
    if (!memory.work) memory.work = std::make_unique<Workspace>(mixture_, layout_);
    memory.work->needs = request.needs;
    memory.work->toll = request.toll;
    std::vector<Totals> out = zero_totals(request);
    for (std::size_t b = lane; b < source_.blocks() && !worker.stopped(); b += lanes) {
      Block block = source_.block(b, memory.buffer);
      block.ahead = source_.ahead(b + lanes);
      add_block(request, b, block, *memory.work, out);
    }
    return out;
  }

  std::vector<Totals> zero_totals(const Request& request) const {
    std::vector<Totals> out(request.parameters.n_cols, Totals(layout_, request.needs, !request.toll.empty()));
    if (request.needs.beside)
      for (Totals& totals : out) totals.beside.zeros(layout_.score.weights, source_.beside());
    return out;
  }

  /// Adds block b to the totals at each of the request's points.
  void add_block(const Request& request, std::size_t b, const Block& block, Workspace& work,
                 std::vector<Totals>& to) const {
    for (uword s = 0; s < request.parameters.n_cols; ++s) {
      std::swap(work.totals, to[s]);
      mixture_.add(block, layout_, request.parameters.unsafe_col(s), request.responsibility, work,
                   request.gate_alone && s > 0);
      if (request.needs.beside) source_.add_beside(b, work.weights.data, layout_.score.weights, work.totals.beside);
      std::swap(work.totals, to[s]);
    }
  }

  /// Threads pay from a few milliseconds of work on.
  bool worth_threads(const Request& request) const {
    const std::size_t sums = 40 * layout_.experts + layout_.score.sums + (request.needs.em ? layout_.em.sums : 0) +
                             (request.needs.observed ? layout_.observed.sums : 0);
    const std::size_t rows = source_.blocks() * max_block_rows * request.parameters.n_cols;
    return static_cast<double>(sums) * static_cast<double>(rows) > 2e7;
  }

  const Source& source_;
  const Mixture& mixture_;
  const Layout& layout_;
  const Context& context_;
  std::vector<Memory> memory_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
