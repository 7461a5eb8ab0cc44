// Training cells with the project's kernel, and what it leaves of its last step.

/** The landscapes of seeds: groups of cells that one call trains, with tables or drawn by it. */
function byLandscape(cell, seeds) {
  const { generator, seed } = cell.settings.landscape;
  const listed = Array.isArray(seed) ? seed : [seed];
  const own = seeds.map(number => seed === "each" ? number : listed[number % listed.length]);
  if (generator === "keyed") return [{ members: seeds.map((_, i) => i), own, tables: null }];
  return [...new Set(own)].map(landscape => ({
    members: seeds.map((_, i) => i).filter(i => own[i] === landscape),
    own, tables: landscape,
  }));
}

/** The unscaled tables of a landscape that NumPy drew, of T positions and V tokens. */
function tablesOf(landscapes, seed, T, V) {
  const { normals, targets } = landscapes.seeds[seed];
  if (T > landscapes.largest.T || V > landscapes.largest.V) {
    throw new Error(`the landscape ${seed} is here up to T ${landscapes.largest.T} and V ${landscapes.largest.V}`);
  }
  return { quality: normals.slice(0, T * V), bigram: normals.slice(T * V, T * V + V * V), target: targets[`${T},${V}`] };
}

/** A trainer of a compiled kernel; `about` is the part of the catalogue that it needs. */
export class Trainer {
  constructor(instance, about) {
    this.wasm = instance.exports;
    this.about = about;
  }

  /**
   * Train cells that differ in their seed. Returns `logs` (cells, rows, metrics), every step a row
   * unless `until` says one row of so many steps, and `view`, which reads the kernel's arrays of the
   * last cell.
   */
  train(cell, seeds, until = 0) {
    const rows = until ? 1 : cell.settings.training.steps, metrics = this.about.metrics;
    const logs = new Float64Array(seeds.length * rows * metrics);
    let view, stopped = null;
    for (const { members, own, tables } of byLandscape(cell, seeds)) {
      const laid = this.lay(cell, members.length, rows, tables === null);
      view = laid.view;
      const chosen = list => members.map(i => list[i]);
      const keys = cellKeys(chosen(seeds), chosen(own), this.about.purposes), place = laid.place("keys");
      new Uint32Array(this.wasm.memory.buffer, place.start, keys.length).set(keys);
      if (tables !== null) this.writeTables(cell, tables, view);
      view("row_ends").forEach((_, row, ends) => { ends[row] = BigInt(until || row + 1); });
      this.wasm.train_cells(...laid.call);
      const [last, step] = view("stopped");
      if (step) stopped = { seed: chosen(seeds)[Number(last)], step: Number(step) };
      const made = view("logs"), width = rows * metrics;
      members.forEach((i, j) => logs.set(made.subarray(j * width, (j + 1) * width), i * width));
    }
    return { logs, view, stopped };
  }

  lay(cell, cells, rows, draws) {
    const { settings: { landscape, training }, sizes } = cell;
    const scalars = { ...cell.scalars, "run.draws_landscape": draws };
    return layOut(this.wasm, this.about.layout, axisSizes({
      T: landscape.sequence_length, V: landscape.vocabulary_size, n: training.rollouts,
      ...sizes, cells, rows, kept: 0,
    }), scalars);
  }

  writeTables(cell, seed, view) {
    const { sequence_length: T, vocabulary_size: V, quality_sd, bigram_sd } = cell.settings.landscape;
    const drawn = tablesOf(this.about.landscapes, seed, T, V);
    view("landscape.quality").set(drawn.quality.map(value => quality_sd * value));
    view("landscape.bigram").set(drawn.bigram.map(value => bigram_sd * value));
    view("landscape.target").set(BigInt64Array.from(drawn.target, BigInt));
  }

  /** What a cell's step number `step` (from 0) sees and does: tables (contexts, V), row by row. */
  step(cell, seed, step) {
    const { logs, view, stopped } = this.train(cell, [seed], step + 1);
    const copied = path => Float64Array.from(view(path), Number);
    return {
      stopped, logs,
      quality: copied("landscape.quality"), target: copied("landscape.target"),
      policy: copied("work.probabilities"), reference: copied("work.reference"),
      advantages: copied("work.advantages"), direction: copied("work.direction"),
      second: copied("work.second"),
    };
  }
}
