// SHA-256 (FIPS 180-4), streaming, in one static context: the hash of records, tree nodes, policies and key ids.
// Eight rounds are unrolled a turn and the working variables rotate by name, so nothing is moved (see ChainSafe as-sha256).

/** Bytes of a digest. */
export const DIGEST_BYTES: i32 = 32;

// FIPS 180-4 section 4.2.2.
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
const W = memory.data(256, 8); // message schedule
const H = memory.data(32, 8); // chaining value
const BLOCK = memory.data(64, 8); // the part of a block that waits for more
let filled: i32 = 0; // bytes in BLOCK
let total: u64 = 0; // bytes hashed

// @ts-ignore: decorator
@inline
function S0(x: u32): u32 {
  return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
}
// @ts-ignore: decorator
@inline
function S1(x: u32): u32 {
  return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
}
// @ts-ignore: decorator
@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}
// @ts-ignore: decorator
@inline
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) ^ (z & (x ^ y));
}
/** W[t] from W[t-16] at `p`. */
// @ts-ignore: decorator
@inline
function schedule(p: usize): u32 {
  const w15 = load<u32>(p, 4);
  const w2 = load<u32>(p, 56);
  const s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
  const s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
  return load<u32>(p) + s0 + load<u32>(p, 36) + s1;
}

function compress(block: usize): void {
  let w: usize = W;
  for (const end: usize = W + 64; w < end; w += 16, block += 16) {
    store<u32>(w, bswap(load<u32>(block)));
    store<u32>(w, bswap(load<u32>(block, 4)), 4);
    store<u32>(w, bswap(load<u32>(block, 8)), 8);
    store<u32>(w, bswap(load<u32>(block, 12)), 12);
  }
  w = W;
  for (const end: usize = W + 192; w < end; w += 8) {
    store<u32>(w, schedule(w), 64);
    store<u32>(w, schedule(w + 4), 68);
  }
  let a = load<u32>(H);
  let b = load<u32>(H, 4);
  let c = load<u32>(H, 8);
  let d = load<u32>(H, 12);
  let e = load<u32>(H, 16);
  let f = load<u32>(H, 20);
  let g = load<u32>(H, 24);
  let h = load<u32>(H, 28);
  let k: usize = K;
  w = W;
  for (const end: usize = W + 256; w < end; w += 32, k += 32) {
    h += S1(e) + choose(e, f, g) + load<u32>(k) + load<u32>(w);
    d += h;
    h += S0(a) + majority(a, b, c);
    g += S1(d) + choose(d, e, f) + load<u32>(k, 4) + load<u32>(w, 4);
    c += g;
    g += S0(h) + majority(h, a, b);
    f += S1(c) + choose(c, d, e) + load<u32>(k, 8) + load<u32>(w, 8);
    b += f;
    f += S0(g) + majority(g, h, a);
    e += S1(b) + choose(b, c, d) + load<u32>(k, 12) + load<u32>(w, 12);
    a += e;
    e += S0(f) + majority(f, g, h);
    d += S1(a) + choose(a, b, c) + load<u32>(k, 16) + load<u32>(w, 16);
    h += d;
    d += S0(e) + majority(e, f, g);
    c += S1(h) + choose(h, a, b) + load<u32>(k, 20) + load<u32>(w, 20);
    g += c;
    c += S0(d) + majority(d, e, f);
    b += S1(g) + choose(g, h, a) + load<u32>(k, 24) + load<u32>(w, 24);
    f += b;
    b += S0(c) + majority(c, d, e);
    a += S1(f) + choose(f, g, h) + load<u32>(k, 28) + load<u32>(w, 28);
    e += a;
    a += S0(b) + majority(b, c, d);
  }
  store<u32>(H, load<u32>(H) + a);
  store<u32>(H, load<u32>(H, 4) + b, 4);
  store<u32>(H, load<u32>(H, 8) + c, 8);
  store<u32>(H, load<u32>(H, 12) + d, 12);
  store<u32>(H, load<u32>(H, 16) + e, 16);
  store<u32>(H, load<u32>(H, 20) + f, 20);
  store<u32>(H, load<u32>(H, 24) + g, 24);
  store<u32>(H, load<u32>(H, 28) + h, 28);
}

/** Starts a new digest; the one under way, if any, is dropped (there is one context). */
export function sha256Init(): void {
  store<u32>(H, 0x6a09e667);
  store<u32>(H, 0xbb67ae85, 4);
  store<u32>(H, 0x3c6ef372, 8);
  store<u32>(H, 0xa54ff53a, 12);
  store<u32>(H, 0x510e527f, 16);
  store<u32>(H, 0x9b05688c, 20);
  store<u32>(H, 0x1f83d9ab, 24);
  store<u32>(H, 0x5be0cd19, 28);
  filled = 0;
  total = 0;
}

/** Adds `len` bytes at `ptr`. */
export function sha256Update(ptr: usize, len: i32): void {
  total += len as u64;
  if (filled) {
    const take = min(len, 64 - filled);
    memory.copy(BLOCK + filled, ptr, take);
    filled += take;
    ptr += take;
    len -= take;
    if (filled < 64) return;
    compress(BLOCK);
    filled = 0;
  }
  for (; len >= 64; len -= 64, ptr += 64) compress(ptr);
  if (len > 0) {
    memory.copy(BLOCK, ptr, len);
    filled = len;
  }
}

/** Writes the 32-byte digest and wipes the context, which may have held a key's or a template's bytes. */
export function sha256Final(out: usize): void {
  const bits = total << 3;
  store<u8>(BLOCK + filled, 0x80);
  memory.fill(BLOCK + filled + 1, 0, 63 - filled);
  if (filled > 55) {
    compress(BLOCK);
    memory.fill(BLOCK, 0, 56);
  }
  store<u64>(BLOCK, bswap(bits), 56);
  compress(BLOCK);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap(load<u32>(H + i)));
  memory.fill(W, 0, 256);
  memory.fill(H, 0, 32);
  memory.fill(BLOCK, 0, 64);
}

/** SHA-256 of `len` bytes at `ptr` into the 32 bytes at `out`, which may overlap the input. */
export function sha256(ptr: usize, len: i32, out: usize): void {
  sha256Init();
  sha256Update(ptr, len);
  sha256Final(out);
}
