// Reads what the image check needs from a WebAssembly binary (core specification 1.0, section 5.5): section sizes and each function's.

/** A defined function and the bytes of its body. */
export interface FunctionSize {
  name: string;
  bytes: number;
}

/** Size of the code section and of every defined function, largest first. Names come from the name section, else the index. */
export function codeSizes(wasm: Uint8Array): { codeBytes: number; functions: FunctionSize[] } {
  const names = new Map<number, string>();
  const bodies: number[] = [];
  let codeBytes = 0;
  let imported = 0;
  const reader = new Reader(wasm, 8, wasm.length);
  while (reader.left > 0) {
    const id = reader.byte();
    const section = reader.part(reader.u32());
    if (id === 2) imported = functionImports(section);
    if (id === 10) {
      codeBytes = section.left;
      for (let n = section.u32(); n > 0; n--) bodies.push(section.part(section.u32()).size);
    }
    if (id === 0 && section.text() === "name") readNames(section, names);
  }
  const functions = bodies.map((bytes, i) => ({ name: names.get(imported + i) ?? `#${imported + i}`, bytes }));
  return { codeBytes, functions: functions.sort((a, b) => b.bytes - a.bytes) };
}

function functionImports(section: Reader): number {
  let functions = 0;
  for (let n = section.u32(); n > 0; n--) {
    section.text();
    section.text();
    // The image imports functions only; another kind is reported by the import check, so the count may stop here.
    if (section.byte() !== 0) return functions;
    section.u32();
    functions++;
  }
  return functions;
}

function readNames(section: Reader, names: Map<number, string>): void {
  while (section.left > 0) {
    const id = section.byte();
    const part = section.part(section.u32());
    if (id === 1) for (let n = part.u32(); n > 0; n--) names.set(part.u32(), part.text());
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly size: number;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.size = end - at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    if (this.left <= 0) throw new RangeError("the module is truncated");
    return this.#bytes[this.#at++] as number;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  part(length: number): Reader {
    if (length > this.left) throw new RangeError("the module is truncated");
    this.#at += length;
    return new Reader(this.#bytes, this.#at - length, this.#at);
  }

  text(): string {
    const part = this.part(this.u32());
    return new TextDecoder().decode(part.#bytes.subarray(part.#at, part.#end));
  }
}
