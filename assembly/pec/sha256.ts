// SHA-256 (FIPS 180-4), streaming, in one static context: the hash of records, tree nodes, policies and key ids.
// Sixteen rounds are unrolled a turn; working variables and message schedule rotate by name, so nothing is moved (see ChainSafe
// as-sha256) and the schedule never goes to memory.

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
/** What is added to W[t-16]: W[t-7], and W[t-15] and W[t-2] mixed. */
// @ts-ignore: decorator
@inline
function schedule(w15: u32, w7: u32, w2: u32): u32 {
  return (rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3)) + w7 + (rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10));
}

function compress(block: usize): void {
  let w0 = bswap(load<u32>(block));
  let w1 = bswap(load<u32>(block, 4));
  let w2 = bswap(load<u32>(block, 8));
  let w3 = bswap(load<u32>(block, 12));
  let w4 = bswap(load<u32>(block, 16));
  let w5 = bswap(load<u32>(block, 20));
  let w6 = bswap(load<u32>(block, 24));
  let w7 = bswap(load<u32>(block, 28));
  let w8 = bswap(load<u32>(block, 32));
  let w9 = bswap(load<u32>(block, 36));
  let w10 = bswap(load<u32>(block, 40));
  let w11 = bswap(load<u32>(block, 44));
  let w12 = bswap(load<u32>(block, 48));
  let w13 = bswap(load<u32>(block, 52));
  let w14 = bswap(load<u32>(block, 56));
  let w15 = bswap(load<u32>(block, 60));
  let a = load<u32>(H);
  let b = load<u32>(H, 4);
  let c = load<u32>(H, 8);
  let d = load<u32>(H, 12);
  let e = load<u32>(H, 16);
  let f = load<u32>(H, 20);
  let g = load<u32>(H, 24);
  let h = load<u32>(H, 28);
  // The majority of a, b, c is b ^ ((a ^ b) & (b ^ c)); b ^ c is what a ^ b was a round before.
  let x: u32;
  let y = b ^ c;
  for (let k: usize = K, end: usize = K + 192; ; k += 64) {
    h += S1(e) + choose(e, f, g) + load<u32>(k) + w0;
    d += h;
    x = a ^ b;
    h += S0(a) + (b ^ (x & y));
    g += S1(d) + choose(d, e, f) + load<u32>(k, 4) + w1;
    c += g;
    y = h ^ a;
    g += S0(h) + (a ^ (x & y));
    f += S1(c) + choose(c, d, e) + load<u32>(k, 8) + w2;
    b += f;
    x = g ^ h;
    f += S0(g) + (h ^ (x & y));
    e += S1(b) + choose(b, c, d) + load<u32>(k, 12) + w3;
    a += e;
    y = f ^ g;
    e += S0(f) + (g ^ (x & y));
    d += S1(a) + choose(a, b, c) + load<u32>(k, 16) + w4;
    h += d;
    x = e ^ f;
    d += S0(e) + (f ^ (x & y));
    c += S1(h) + choose(h, a, b) + load<u32>(k, 20) + w5;
    g += c;
    y = d ^ e;
    c += S0(d) + (e ^ (x & y));
    b += S1(g) + choose(g, h, a) + load<u32>(k, 24) + w6;
    f += b;
    x = c ^ d;
    b += S0(c) + (d ^ (x & y));
    a += S1(f) + choose(f, g, h) + load<u32>(k, 28) + w7;
    e += a;
    y = b ^ c;
    a += S0(b) + (c ^ (x & y));
    h += S1(e) + choose(e, f, g) + load<u32>(k, 32) + w8;
    d += h;
    x = a ^ b;
    h += S0(a) + (b ^ (x & y));
    g += S1(d) + choose(d, e, f) + load<u32>(k, 36) + w9;
    c += g;
    y = h ^ a;
    g += S0(h) + (a ^ (x & y));
    f += S1(c) + choose(c, d, e) + load<u32>(k, 40) + w10;
    b += f;
    x = g ^ h;
    f += S0(g) + (h ^ (x & y));
    e += S1(b) + choose(b, c, d) + load<u32>(k, 44) + w11;
    a += e;
    y = f ^ g;
    e += S0(f) + (g ^ (x & y));
    d += S1(a) + choose(a, b, c) + load<u32>(k, 48) + w12;
    h += d;
    x = e ^ f;
    d += S0(e) + (f ^ (x & y));
    c += S1(h) + choose(h, a, b) + load<u32>(k, 52) + w13;
    g += c;
    y = d ^ e;
    c += S0(d) + (e ^ (x & y));
    b += S1(g) + choose(g, h, a) + load<u32>(k, 56) + w14;
    f += b;
    x = c ^ d;
    b += S0(c) + (d ^ (x & y));
    a += S1(f) + choose(f, g, h) + load<u32>(k, 60) + w15;
    e += a;
    y = b ^ c;
    a += S0(b) + (c ^ (x & y));
    if (k == end) break;
    w0 += schedule(w1, w9, w14);
    w1 += schedule(w2, w10, w15);
    w2 += schedule(w3, w11, w0);
    w3 += schedule(w4, w12, w1);
    w4 += schedule(w5, w13, w2);
    w5 += schedule(w6, w14, w3);
    w6 += schedule(w7, w15, w4);
    w7 += schedule(w8, w0, w5);
    w8 += schedule(w9, w1, w6);
    w9 += schedule(w10, w2, w7);
    w10 += schedule(w11, w3, w8);
    w11 += schedule(w12, w4, w9);
    w12 += schedule(w13, w5, w10);
    w13 += schedule(w14, w6, w11);
    w14 += schedule(w15, w7, w12);
    w15 += schedule(w0, w8, w13);
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
  memory.fill(H, 0, 32);
  memory.fill(BLOCK, 0, 64);
}

/** SHA-256 of `len` bytes at `ptr` into the 32 bytes at `out`, which may overlap the input. */
export function sha256(ptr: usize, len: i32, out: usize): void {
  sha256Init();
  sha256Update(ptr, len);
  sha256Final(out);
}
