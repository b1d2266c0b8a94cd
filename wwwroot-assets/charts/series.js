// The values of one metric, by step.
export class Series {
  x = [];
  y = [];
  #smoothed = { weight: 0, y: [] };

  /** An exponential mean with the bias of its beginning taken out; what is known already is not computed again. */
  smoothed(weight) {
    if (this.#smoothed.weight !== weight) this.#smoothed = { weight, y: [], last: 0, share: 1 };
    const state = this.#smoothed;
    for (let i = state.y.length; i < this.y.length; i++) {
      const value = this.y[i];
      if (!Number.isFinite(value)) {
        state.y.push(null);
        continue;
      }
      state.last = state.last * weight + value * (1 - weight);
      state.share *= weight;
      state.y.push(state.last / (1 - state.share));
    }
    // A copy: the chart must not see it grow under its hands.
    return state.y.slice();
  }

  range() {
    let lowest = Infinity;
    let highest = -Infinity;
    for (const value of this.y) {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    return [lowest, highest];
  }
}

/** From a step to the seconds of training before it, of the job that a metric belongs to ("job\nmetric", or the metric alone). */
export function timeline(board, key) {
  const prefix = key.includes('\n') ? key.slice(0, key.indexOf('\n') + 1) : '';
  const seconds = board.series.get(`${prefix}step_time`);
  if (!seconds) return step => step;
  const ends = new Map();
  let total = 0;
  for (let i = 0; i < seconds.x.length; i++) {
    total += seconds.y[i];
    ends.set(seconds.x[i], total);
  }
  return step => ends.get(step) ?? (step <= 0 ? 0 : total);
}
