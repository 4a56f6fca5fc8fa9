// Poly1305 (RFC 8439 section 2.5), the one-time authenticator under the sealed references.
// Numbers mod 2^130 - 5 are five limbs of 26 bits (the form of Andrew Moon's poly1305-donna), products in 64 bits; no branch
// and no address depends on key or message.

const KEY = memory.data(40, 8); // r0..r4, clamped
const PAD = memory.data(16, 8); // s of the RFC, added at the end
const SUM = memory.data(40, 8); // accumulator
const TAIL = memory.data(16, 8);

/** Starts with a 32-byte one-time key: r ‖ s. */
export function polyInit(key: usize): void {
  store<u64>(KEY, load<u32>(key) & 0x3ffffff);
  store<u64>(KEY, (load<u32>(key, 3) >> 2) & 0x3ffff03, 8);
  store<u64>(KEY, (load<u32>(key, 6) >> 4) & 0x3ffc0ff, 16);
  store<u64>(KEY, (load<u32>(key, 9) >> 6) & 0x3f03fff, 24);
  store<u64>(KEY, (load<u32>(key, 12) >> 8) & 0x00fffff, 32);
  memory.copy(PAD, key + 16, 16);
  memory.fill(SUM, 0, 40);
}

/** Takes in the 16 bytes at `m` with the bit `high` (1 << 24, or 0 for a block that brings its own end mark) above them. */
function block(m: usize, high: u64): void {
  const r0 = load<u64>(KEY);
  const r1 = load<u64>(KEY, 8);
  const r2 = load<u64>(KEY, 16);
  const r3 = load<u64>(KEY, 24);
  const r4 = load<u64>(KEY, 32);
  const s1 = r1 * 5;
  const s2 = r2 * 5;
  const s3 = r3 * 5;
  const s4 = r4 * 5;
  const h0 = load<u64>(SUM) + ((load<u32>(m) & 0x3ffffff) as u64);
  const h1 = load<u64>(SUM, 8) + (((load<u32>(m, 3) >> 2) & 0x3ffffff) as u64);
  const h2 = load<u64>(SUM, 16) + (((load<u32>(m, 6) >> 4) & 0x3ffffff) as u64);
  const h3 = load<u64>(SUM, 24) + ((load<u32>(m, 9) >> 6) as u64);
  const h4 = load<u64>(SUM, 32) + ((load<u32>(m, 12) >> 8) as u64) + high;
  const d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
  const d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2 + (d0 >> 26);
  const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3 + (d1 >> 26);
  const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4 + (d2 >> 26);
  const d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + (d3 >> 26);
  const low = (d0 & 0x3ffffff) + (d4 >> 26) * 5;
  store<u64>(SUM, low & 0x3ffffff);
  store<u64>(SUM, (d1 & 0x3ffffff) + (low >> 26), 8);
  store<u64>(SUM, d2 & 0x3ffffff, 16);
  store<u64>(SUM, d3 & 0x3ffffff, 24);
  store<u64>(SUM, d4 & 0x3ffffff, 32);
}

/** Takes in `len` bytes, the last block marked as RFC 8439 section 2.5 says: for a message given in one piece. */
export function polyUpdate(ptr: usize, len: i32): void {
  for (; len >= 16; len -= 16, ptr += 16) block(ptr, 1 << 24);
  if (len <= 0) return;
  memory.fill(TAIL, 0, 16);
  memory.copy(TAIL, ptr, len);
  store<u8>(TAIL + len, 1);
  block(TAIL, 0);
}

/** Takes in `len` bytes padded with zeros to whole blocks: a part of the AEAD's message (RFC 8439 section 2.8). */
export function polyUpdatePadded(ptr: usize, len: i32): void {
  const whole = len & ~15;
  polyUpdate(ptr, whole);
  if (whole == len) return;
  memory.fill(TAIL, 0, 16);
  memory.copy(TAIL, ptr + whole, len - whole);
  block(TAIL, 1 << 24);
}

/** Writes the 16-byte tag and wipes the key. */
export function polyFinal(tag: usize): void {
  // Carry once through, so that every limb has 26 bits.
  let h1 = load<u64>(SUM, 8);
  let h2 = load<u64>(SUM, 16) + (h1 >> 26);
  let h3 = load<u64>(SUM, 24) + (h2 >> 26);
  let h4 = load<u64>(SUM, 32) + (h3 >> 26);
  let h0 = load<u64>(SUM) + (h4 >> 26) * 5;
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
  memory.fill(KEY, 0, 40);
  memory.fill(PAD, 0, 16);
  memory.fill(SUM, 0, 40);
  memory.fill(TAIL, 0, 16);
}
