// The kernel's arguments in its memory, in Numba's calling form: a pointer for the result, one for an
// exception, then the arguments, an array as two owners, size, item size, data, shape and strides.
// What belongs together, such as work.logits and work.values, is a record, of which the kernel gets
// the address: a number has a slot of it, an array one for its data and one for each length.

const VIEWS = { float64: Float64Array, int64: BigInt64Array, uint64: BigUint64Array };
const ALIGNED = 64, PAGE = 65536, SLOT = 8;

/** Sizes that an axis can have; report/explorer/layout.py has the same. */
export function axisSizes({ T, V, C, n, levels, coalitions, gram, cells, rows, kept }) {
  const table = coalitions ? (V + 1) ** T : 1;
  return {
    T, V, C, n, cells, rows, kept,
    lanes: Math.ceil(Math.max(n, levels) / 8) * 8,
    CV: C * V, TV: T * V, VV: V * V, "V+7": V + 7,
    pairs: V * Math.floor((n + 1) / 2),
    table,
    chances: coalitions && C > T ? Math.floor(table / (V + 1)) : 1,
    gram: gram ? n : 1,
  };
}

/** Lay out all arguments: their form for the call, and where arrays are. Arrays are zero. */
export function layOut(wasm, layout, sizes, scalars) {
  let top = Number(wasm.__heap_base.value);
  const allocate = bytes => {
    const start = Math.ceil(top / ALIGNED) * ALIGNED;
    top = start + bytes;
    return start;
  };
  const first = allocate(ALIGNED);
  const call = [first, allocate(ALIGNED)], places = {}, records = new Map();
  for (const { path, type, axes } of layout) {
    const owner = path.includes(".") ? path.split(".")[0] : null;
    if (owner !== null && !records.has(owner)) {
      records.set(owner, []);
      call.push(owner);
    }
    const slots = records.get(owner);
    if (axes) {
      const shape = axes.map(axis => typeof axis === "number" ? axis : sizes[axis]);
      const size = shape.reduce((product, length) => product * length, 1);
      const start = allocate(size * SLOT);
      const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, SLOT));
      places[path] = { start, size, shape, type };
      const lengths = shape.map(BigInt);
      if (slots) slots.push(BigInt(start), ...lengths);
      else call.push(0, 0, BigInt(size), BigInt(SLOT), start, ...lengths, ...strides.map(BigInt));
    } else {
      const value = scalars[path];
      if (value === undefined) throw new Error(`the kernel needs ${path}`);
      slots.push(type === "float" ? Number(value) : BigInt(value));
    }
  }
  for (const [owner, slots] of records) {
    places[owner] = { start: allocate(slots.length * SLOT) };
    call[call.indexOf(owner)] = places[owner].start;
  }
  const missing = top - wasm.memory.buffer.byteLength;
  if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE));
  new Uint8Array(wasm.memory.buffer, first, top - first).fill(0);
  const memory = new DataView(wasm.memory.buffer);
  for (const [owner, slots] of records) {
    slots.forEach((value, i) => {
      const place = places[owner].start + i * SLOT;
      if (typeof value === "bigint") memory.setBigInt64(place, value, true);
      else memory.setFloat64(place, value, true);
    });
  }
  const view = path => {
    const { start, size, type } = places[path];
    return new VIEWS[type](wasm.memory.buffer, start, size);
  };
  view("work.ones").fill(1);
  return { call, view, place: path => places[path] };
}
