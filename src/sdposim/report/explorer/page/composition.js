// A method as parts by slot, and what follows from them, as model/compositions.py has it.
export const NONE = "none";
const TEACHER = ["guidance", "base"], DISTILS = [...TEACHER, "divergence"], CREDIT = ["advantage", "credit"];
const BY_ROLLOUT = ["pooling", "horizon", "routing"];
const all = names => names.join(" and ");

/** The slots of a method, in their order. */
export function slotsOf(about) {
  return Object.keys(about.codes).filter(slot => about.parts[about.codes[slot][0]].group === "update");
}

/** The name of the part that a composition has in a slot. */
export function partOf(composition, slot) {
  return slot in composition ? Object.keys(composition[slot])[0] : NONE;
}

/** The composition of a selection: that of its method, with the parts that the reader chose. */
export function compositionOf(about, selection) {
  const own = about.methods[selection.method].composition, made = {};
  for (const slot of slotsOf(about)) {
    const part = selection.parts[slot] ?? partOf(own, slot);
    if (part !== NONE) made[slot] = part === partOf(own, slot) ? own[slot] : { [part]: {} };
  }
  return made;
}

/** Declarations of a composition's parts. */
function chosen(about, composition) {
  return Object.keys(composition).map(slot => about.parts[partOf(composition, slot)]);
}

export function sees(about, composition, what) {
  return chosen(about, composition).some(part => part.sees.includes(what));
}

/** The parts that an autoregressive policy cannot have. */
export function factoredOnly(about, composition) {
  return Object.keys(composition).map(slot => partOf(composition, slot)).filter(name => about.parts[name].factored);
}

/** Which large tables a method asks for. */
export function tablesOf(about, composition) {
  return { coalitions: sees(about, composition, "coalitions"), gram: sees(about, composition, "gram") };
}

/** A method in the kernel's form but for its parameters, see `packed_method`. */
export function flagsOf(about, composition) {
  const has = slot => slot in composition;
  const taught = chosen(about, composition).filter(part => DISTILS.includes(part.slot));
  const byEach = sees(about, composition, "teacher") || BY_ROLLOUT.some(has);
  const quick = has("divergence") && !byEach && taught.every(part => part.quick);
  const made = {
    teaches: has("guidance"), distils: has("divergence"), quick, gives_credit: has("credit"),
    signalled: has("signal"), pools: has("pooling"), looks_ahead: has("horizon"), routes: has("routing"),
    regularised: has("regulariser"), preconditioned: has("preconditioner"),
    sees_feedback: sees(about, composition, "feedback"),
    guided_by_quality: has("guidance") && about.parts[partOf(composition, "guidance")].sees.includes("quality"),
    sees_coalitions: sees(about, composition, "coalitions"),
    by_rollout: (has("guidance") && !quick) || has("signal"),
  };
  for (const name of Object.keys(made)) made[name] = Number(made[name]);
  for (const slot of slotsOf(about)) made[slot] = has(slot) ? about.codes[slot].indexOf(partOf(composition, slot)) : 0;
  return made;
}

/** Why a composition is no method, a sentence; empty if it is, see `check_method`. */
export function unsound(about, composition) {
  const has = slot => slot in composition;
  for (const term of [TEACHER, CREDIT]) {
    const missing = term.filter(slot => !has(slot));
    if (missing.length && missing.length < term.length) return `${all(missing)} is missing, which ${all(term.filter(has))} needs`;
  }
  const distils = has("divergence"), teaches = has("guidance"), credit = has("credit");
  if (!distils && !credit) return `there is nothing to learn from; allowed: ${all(DISTILS)}, or ${all(CREDIT)}, or both`;
  if (distils && !teaches) return `${all(TEACHER)} is missing, which divergence needs`;
  const byTeacher = sees(about, composition, "teacher");
  if (byTeacher && !teaches) return `${all(TEACHER)} is missing, which ${partOf(composition, "credit")} needs`;
  if (teaches && !distils && !byTeacher) return `divergence is missing, which ${all(TEACHER)} needs`;
  if (distils && credit && !has("blend")) return "blend is missing, which a method with a teacher and credit needs";
  for (const slot of ["blend", "routing"]) {
    if (has(slot) && !(distils && credit)) return `${slot} is only for a method with a teacher and credit: ${all([...DISTILS, ...CREDIT])}`;
  }
  for (const [slot, needed] of [["pooling", TEACHER], ["horizon", DISTILS]]) {
    if (has(slot) && !needed.every(has)) return `${slot} is only for a method with ${all(needed)}`;
  }
  return has("signal") && !credit ? `signal is only for a method with ${all(CREDIT)}` : "";
}
