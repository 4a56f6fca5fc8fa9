// Bounds checks of compiled images, made fewer: accesses that lie at constant distances from one value, in code that runs straight through,
// are checked at the first of them as one range, and not again while that is known. An image traps if and only if it would have (no
// call, branch or label lies between check and access; what a trapped image wrote is never seen), and memory never shrinks.
// A pass over the statements that host/firmware/aot.ts makes of wasm2c's, one a line; a value is known by how it was made (local value
// numbering: Cocke and Schwartz 1970).

/** A value: `add` beyond another, modulo 2^32. Constants are beyond "0". */
interface Value {
  readonly root: string;
  readonly add: number;
}

/** Distances from a root, in bytes, that are inside of memory: all of from..to. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What holds at a place of the program. */
interface Known {
  readonly values: Map<string, Value>;
  readonly ranges: Map<string, Range>;
}

interface Access {
  readonly op: string;
  readonly address: string;
  readonly offset: number;
  readonly width: number;
}

const ACCESS = /\b((?:[if](?:32|64))_(?:load|store)(8|16|32)?(?:_[su])?)\((w2c_\w+), (\d+)u/;
const ASSIGN = /^\s*(w2c_\w+) (?:[-+*/&|^]|<<|>>)?= /;
/** Statements that only compute: nothing else may stand between a check and what it is for. */
const STRAIGHT =
  /^\s*w2c_\w+ (?:[-+*/&|^]|<<|>>)?= (?!.*\b(?:w2c_\w+|board_\w+|memory_grow|table_entry)\()|^\s*[if](?:32|64)_store/;
/** Calls: what they assign to globals is not known. */
const CALL = /\b(?:w2c_\w+|board_\w+|table_entry)\(/;
/** Widest range that is checked at once: no memory is smaller. */
const SPAN_MOST = 65_536;

/** Rewrites every function of `code`; memory never has less than `minimum` bytes. */
export function mergeChecks(code: string, minimum: number): string {
  const lines = code.split("\n");
  const out: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!/^static [^=;]*\) \{$/.test(lines[at] as string)) {
      out.push(lines[at] as string);
      continue;
    }
    const end = lines.indexOf("}", at);
    out.push(...new FunctionPass(lines.slice(at, end + 1), minimum).run());
    at = end;
  }
  return out.join("\n");
}

class FunctionPass {
  readonly #lines: readonly string[];
  readonly #minimum: number;
  /** The blocks that are open: what was known before each, its first line, and whether its second branch has begun. */
  readonly #open: { known: Known; from: number; second: boolean }[] = [];
  readonly #numbers = new Map<string, string>();
  #known: Known = { values: new Map(), ranges: new Map() };
  /** Counts places from which nothing is known of what was assigned before. */
  #epoch = 0;
  #fresh = 0;

  constructor(lines: readonly string[], minimum: number) {
    this.#lines = lines;
    this.#minimum = minimum;
  }

  run(): string[] {
    const out: string[] = [];
    for (const [at, line] of this.#lines.entries()) {
      const access = parseAccess(line);
      const { inside, before } = access ? this.#check(access, at) : { inside: false, before: [] };
      out.push(...before, inside ? line.replace(`${access?.op}(`, `${access?.op}_inside(`) : line);
      if (at > 0) this.#follow(at);
    }
    return out;
  }

  /** Whether the access needs no check of its own, and the check that has to stand before it. */
  #check({ address, offset, width }: Access, at: number): { inside: boolean; before: string[] } {
    const { root, add } = this.#valueOf(this.#known, address);
    // From the address itself, without the offset: if that is inside then adding the offset does not wrap.
    const needed: Range = { from: add, to: add + offset + width };
    if (root === ZERO) return { inside: needed.from >= 0 && needed.to <= this.#minimum, before: [] };
    const known = this.#known.ranges.get(root);
    if (known && known.from <= needed.from && needed.to <= known.to) return { inside: true, before: [] };
    const range = this.#ahead(root, known ? union(known, needed) : needed, at);
    const span = range.to - range.from;
    if (span > SPAN_MOST) return { inside: false, before: [] };
    this.#known.ranges.set(root, range);
    // One access alone is checked as it is.
    if (range.from === needed.from && range.to === needed.to) return { inside: false, before: [] };
    return { inside: true, before: [`CHECK_RANGE(${address} + ${(range.from - add) >>> 0}u, ${span}u);`] };
  }

  /** `range` and all accesses to `root` from line `at` on, as far as the code runs straight through. */
  #ahead(root: string, range: Range, at: number): Range {
    const known: Known = { values: new Map(this.#known.values), ranges: new Map() };
    let all = range;
    for (let next = at; next < this.#lines.length; next++) {
      const line = this.#lines[next] as string;
      if (!STRAIGHT.test(line)) break;
      const access = parseAccess(line);
      const value = access && this.#valueOf(known, access.address);
      if (access && value?.root === root) {
        const wider = union(all, { from: value.add, to: value.add + access.offset + access.width });
        if (wider.to - wider.from <= SPAN_MOST) all = wider;
      }
      this.#assign(known, line);
    }
    return all;
  }

  /** Learns what is known after a line. */
  #follow(at: number): void {
    const line = (this.#lines[at] as string).trim();
    const label = /^(w2c_\w+):/.exec(line)?.[1];
    if (label) this.#join(label, at);
    else if (line.startsWith("}")) this.#leave(at, line.endsWith("{"));
    else if (line.endsWith("{")) this.#open.push({ known: copy(this.#known), from: at, second: false });
    else {
      this.#assign(this.#known, line);
      if (CALL.test(line)) this.#renewGlobals();
    }
  }

  /** The end of a branch: what was known before it holds again, but for what branches may have changed. */
  #leave(at: number, second: boolean): void {
    const block = this.#open.pop();
    if (!block) return; // the function's end
    this.#known = copy(block.known);
    if (second) this.#open.push({ ...block, second });
    // A single branch that left for elsewhere changed nothing here.
    else if (block.second || !/^\s*(goto w2c_\w+|return\b.*);$/.test(this.#lines[at - 1] as string))
      this.#forget(block.from, at);
  }

  /** At a label control comes from elsewhere too: from below (a loop's), or from any place above that leaves for it. */
  #join(label: string, at: number): void {
    const last = this.#lines.findLastIndex((line) => line.includes(`goto ${label};`));
    // What held before a loop still does, but for what the loop changes.
    if (last > at) return this.#forget(at, last);
    this.#known = { values: new Map(), ranges: new Map() };
    this.#epoch++;
  }

  /** Whatever the lines from..to assign has an unknown value from now on. */
  #forget(from: number, to: number): void {
    for (const line of this.#lines.slice(from, to + 1)) {
      const name = ASSIGN.exec(line)?.[1];
      if (name) this.#renew(name);
      if (CALL.test(line)) this.#renewGlobals();
    }
  }

  #renew(name: string): void {
    this.#known.values.set(name, { root: `v${this.#fresh++}`, add: 0 });
  }

  /** Globals that were not read yet have no value to lose, but must not be taken for what they will have been. */
  #renewGlobals(): void {
    for (const name of this.#globals) this.#renew(name);
  }

  /** The globals of the function. */
  get #globals(): Set<string> {
    this.#globalNames ??= new Set(this.#lines.flatMap((line) => line.match(/\bw2c_g\w+/g) ?? []));
    return this.#globalNames;
  }
  #globalNames: Set<string> | undefined;

  #valueOf({ values }: Known, name: string): Value {
    return values.get(name) ?? { root: `${name}@${this.#epoch}`, add: 0 };
  }

  /** Takes note of what an assignment gives to its variable. */
  #assign(known: Known, line: string): void {
    const [, name, operator, right = ""] = /^\s*(w2c_\w+) ((?:[-+*/&|^]|<<|>>)?)= (.*);$/.exec(line) ?? [];
    if (name === undefined) return;
    const constant = /^(\d+)u$/.exec(right)?.[1];
    const other = /^\(?(w2c_\w+)(?: & \d+\))?$/.exec(right)?.[1];
    let value: Value = { root: `v${this.#fresh++}`, add: 0 };
    if (operator === "" && constant !== undefined) value = { root: ZERO, add: Number(constant) | 0 };
    else if (operator === "" && right === other) value = this.#valueOf(known, other);
    else if (operator && other)
      value = this.#compute(this.#valueOf(known, name), operator, this.#valueOf(known, other));
    known.values.set(name, value);
  }

  #compute(a: Value, operator: string, b: Value): Value {
    if (operator === "+" && b.root === ZERO) return { root: a.root, add: (a.add + b.add) | 0 };
    if (operator === "+" && a.root === ZERO) return { root: b.root, add: (a.add + b.add) | 0 };
    if (operator === "-" && b.root === ZERO) return { root: a.root, add: (a.add - b.add) | 0 };
    if (operator === "+") return { root: this.#number([a.root, b.root].sort().join("+")), add: (a.add + b.add) | 0 };
    return { root: this.#number(`${a.root}:${a.add}${operator}${b.root}:${b.add}`), add: 0 };
  }

  /** A short name for an expression: the same for the same one. */
  #number(expression: string): string {
    const known = this.#numbers.get(expression) ?? `e${this.#numbers.size}`;
    this.#numbers.set(expression, known);
    return known;
  }
}

/** The root of constants. */
const ZERO = "0";

function parseAccess(line: string): Access | undefined {
  const [, op, bits, address, offset] = ACCESS.exec(line) ?? [];
  if (op === undefined || address === undefined) return undefined;
  return {
    op,
    address,
    offset: Number(offset),
    width: bits === undefined ? Number(op.slice(1, 3)) / 8 : Number(bits) / 8,
  };
}

function union(a: Range, b: Range): Range {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

function copy({ values, ranges }: Known): Known {
  return { values: new Map(values), ranges: new Map(ranges) };
}
