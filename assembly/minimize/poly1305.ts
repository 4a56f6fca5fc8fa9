// Poly1305 (RFC 8439 section 2.5), the one-time authenticator under the sealed references.
// Numbers mod 2^130 - 5 are five limbs of 26 bits (the form of Andrew Moon's poly1305-donna), products in 64 bits; no branch
// and no address depends on key or message.

const KEY = memory.data(20, 4); // r0..r4, clamped
const PAD = memory.data(16, 8); // s of the RFC, added at the end
const SUM = memory.data(20, 4); // accumulator
const TAIL = memory.data(16, 8);

/** Starts with a 32-byte one-time key: r ‖ s. */
export function polyInit(key: usize): void {
  store<u32>(KEY, load<u32>(key) & 0x3ffffff);
  store<u32>(KEY, (load<u32>(key, 3) >> 2) & 0x3ffff03, 4);
  store<u32>(KEY, (load<u32>(key, 6) >> 4) & 0x3ffc0ff, 8);
  store<u32>(KEY, (load<u32>(key, 9) >> 6) & 0x3f03fff, 12);
  store<u32>(KEY, (load<u32>(key, 12) >> 8) & 0x00fffff, 16);
  memory.copy(PAD, key + 16, 16);
  memory.fill(SUM, 0, 20);
}

/**
 * Takes in the whole blocks of 16 bytes from `m` to `end`, each with the bit `high` (1 << 24, or 0 for a block that brings its own end
 * mark) above it. Limbs are of 32 bits and widened for the product alone: one instruction on a 32-bit processor.
 */
function blocks(m: usize, end: usize, high: u32): void {
  const r0 = load<u32>(KEY) as u64;
  const r1 = load<u32>(KEY, 4) as u64;
  const r2 = load<u32>(KEY, 8) as u64;
  const r3 = load<u32>(KEY, 12) as u64;
  const r4 = load<u32>(KEY, 16) as u64;
  const s1 = (load<u32>(KEY, 4) * 5) as u64;
  const s2 = (load<u32>(KEY, 8) * 5) as u64;
  const s3 = (load<u32>(KEY, 12) * 5) as u64;
  const s4 = (load<u32>(KEY, 16) * 5) as u64;
  let a = load<u32>(SUM);
  let b = load<u32>(SUM, 4);
  let c = load<u32>(SUM, 8);
  let d = load<u32>(SUM, 12);
  let e = load<u32>(SUM, 16);
  for (; m < end; m += 16) {
    const h0 = (a + (load<u32>(m) & 0x3ffffff)) as u64;
    const h1 = (b + ((load<u32>(m, 3) >> 2) & 0x3ffffff)) as u64;
    const h2 = (c + ((load<u32>(m, 6) >> 4) & 0x3ffffff)) as u64;
    const h3 = (d + (load<u32>(m, 9) >> 6)) as u64;
    const h4 = (e + (load<u32>(m, 12) >> 8) + high) as u64;
    let p = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    a = (p as u32) & 0x3ffffff;
    p = (p >> 26) + h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
    b = (p as u32) & 0x3ffffff;
    p = (p >> 26) + h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
    c = (p as u32) & 0x3ffffff;
    p = (p >> 26) + h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
    d = (p as u32) & 0x3ffffff;
    p = (p >> 26) + h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
    e = (p as u32) & 0x3ffffff;
    a += ((p >> 26) as u32) * 5;
    b += a >> 26;
    a &= 0x3ffffff;
  }
  store<u32>(SUM, a);
  store<u32>(SUM, b, 4);
  store<u32>(SUM, c, 8);
  store<u32>(SUM, d, 12);
  store<u32>(SUM, e, 16);
}

/** Takes in `len` bytes, the last block marked as RFC 8439 section 2.5 says: for a message given in one piece. */
export function polyUpdate(ptr: usize, len: i32): void {
  const whole = len & ~15;
  blocks(ptr, ptr + whole, 1 << 24);
  if (whole == len) return;
  memory.fill(TAIL, 0, 16);
  memory.copy(TAIL, ptr + whole, len - whole);
  store<u8>(TAIL + len - whole, 1);
  blocks(TAIL, TAIL + 16, 0);
}

/** Takes in `len` bytes padded with zeros to whole blocks: a part of the AEAD's message (RFC 8439 section 2.8). */
export function polyUpdatePadded(ptr: usize, len: i32): void {
  const whole = len & ~15;
  polyUpdate(ptr, whole);
  if (whole == len) return;
  memory.fill(TAIL, 0, 16);
  memory.copy(TAIL, ptr + whole, len - whole);
  blocks(TAIL, TAIL + 16, 1 << 24);
}

/** Writes the 16-byte tag and wipes the key. */
export function polyFinal(tag: usize): void {
  // Carry once through, so that every limb has 26 bits.
  let h1 = load<u32>(SUM, 4) as u64;
  let h2 = (load<u32>(SUM, 8) as u64) + (h1 >> 26);
  let h3 = (load<u32>(SUM, 12) as u64) + (h2 >> 26);
  let h4 = (load<u32>(SUM, 16) as u64) + (h3 >> 26);
  let h0 = (load<u32>(SUM) as u64) + (h4 >> 26) * 5;
  h1 = (h1 & 0x3ffffff) + (h0 >> 26);
  h0 &= 0x3ffffff;
  h2 &= 0x3ffffff;
  h3 &= 0x3ffffff;
  h4 &= 0x3ffffff;
  // h - (2^130 - 5) = h + 5 - 2^130; taken when it is not negative, by mask.
  let g0 = h0 + 5;
  let g1 = h1 + (g0 >> 26);
  let g2 = h2 + (g1 >> 26);
  let g3 = h3 + (g2 >> 26);
  const g4 = h4 + (g3 >> 26) - (1 << 26);
  const take: u64 = (g4 >> 63) - 1; // all ones when g4 >= 0
  const keep = ~take;
  g0 = (h0 & keep) | (g0 & 0x3ffffff & take);
  g1 = (h1 & keep) | (g1 & 0x3ffffff & take);
  g2 = (h2 & keep) | (g2 & 0x3ffffff & take);
  g3 = (h3 & keep) | (g3 & 0x3ffffff & take);
  h4 = (h4 & keep) | (g4 & take);
  // (h + s) mod 2^128, in two 64-bit words.
  const low = g0 | (g1 << 26) | (g2 << 52);
  const high = (g2 >> 12) | (g3 << 14) | (h4 << 40);
  const sum = low + load<u64>(PAD);
  store<u64>(tag, sum);
  store<u64>(tag, high + load<u64>(PAD, 8) + (sum < low ? 1 : 0), 8);
  memory.fill(KEY, 0, 20);
  memory.fill(PAD, 0, 16);
  memory.fill(SUM, 0, 20);
  memory.fill(TAIL, 0, 16);
}
