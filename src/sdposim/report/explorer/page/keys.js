// The keys of random numbers: NumPy's SeedSequence([purpose, seed]).generate_state(2, uint64), as in
// model/numerics/randomness.py.

const WORD = 2 ** 32;

function hasher(constant, factor) {
  return value => {
    value ^= constant;
    constant = Math.imul(constant, factor);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
}

function mixed(x, y) {
  const value = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715);
  return value ^ (value >>> 16);
}

/** Write the key of a purpose and a seed, two uint64 as four words, low ones first. */
export function writeKey(purpose, seed, words, place) {
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = [purpose, seed % WORD, Math.floor(seed / WORD), 0].map(value => hash(value | 0));
  for (let source = 0; source < 4; source++) {
    for (let target = 0; target < 4; target++) {
      if (source !== target) pool[target] = mixed(pool[target], hash(pool[source]));
    }
  }
  const last = hasher(0x8b51f9dd, 0x58f38ded);
  pool.forEach((value, i) => { words[place + i] = last(value); });
  words[place + 2] |= 1; // gamma is odd
}

/** The keys of cells, as `model.cells.cell_keys`: uint32 words of uint64 (cells, purposes, 2). */
export function cellKeys(seeds, landscapeSeeds, purposes) {
  const count = purposes.count, words = new Uint32Array(seeds.length * count * 4);
  seeds.forEach((seed, cell) => {
    for (let purpose = 0; purpose < count; purpose++) {
      const own = purposes.landscape.includes(purpose) ? landscapeSeeds[cell] : seed;
      writeKey(purpose, own, words, (cell * count + purpose) * 4);
    }
  });
  return words;
}
