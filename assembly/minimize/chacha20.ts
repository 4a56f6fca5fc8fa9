// ChaCha20 (RFC 8439 sections 2.3 and 2.4) in place: the stream cipher under the sealed references.

const STATE = memory.data(64, 8); // constants, key, counter, nonce
const STREAM = memory.data(64, 8); // a first or last block that is not whole

/** Loads a 32-byte key and a 12-byte nonce, with the block counter at `counter`. */
export function chachaInit(key: usize, nonce: usize, counter: u32): void {
  store<u32>(STATE, 0x61707865);
  store<u32>(STATE, 0x3320646e, 4);
  store<u32>(STATE, 0x79622d32, 8);
  store<u32>(STATE, 0x6b206574, 12);
  memory.copy(STATE + 16, key, 32);
  store<u32>(STATE, counter, 48);
  memory.copy(STATE + 52, nonce, 12);
}

/** Adds the next 64 bytes of key stream to what is at `out`, of which `keep` (all ones or none) says whether it counts. */
function block(out: usize, keep: u32): void {
  let a0 = load<u32>(STATE);
  let a1 = load<u32>(STATE, 4);
  let a2 = load<u32>(STATE, 8);
  let a3 = load<u32>(STATE, 12);
  let b0 = load<u32>(STATE, 16);
  let b1 = load<u32>(STATE, 20);
  let b2 = load<u32>(STATE, 24);
  let b3 = load<u32>(STATE, 28);
  let c0 = load<u32>(STATE, 32);
  let c1 = load<u32>(STATE, 36);
  let c2 = load<u32>(STATE, 40);
  let c3 = load<u32>(STATE, 44);
  let d0 = load<u32>(STATE, 48);
  let d1 = load<u32>(STATE, 52);
  let d2 = load<u32>(STATE, 56);
  let d3 = load<u32>(STATE, 60);
  for (let round = 0; round < 10; round++) {
    a0 += b0;
    d0 = rotl(d0 ^ a0, 16);
    c0 += d0;
    b0 = rotl(b0 ^ c0, 12);
    a0 += b0;
    d0 = rotl(d0 ^ a0, 8);
    c0 += d0;
    b0 = rotl(b0 ^ c0, 7);
    a1 += b1;
    d1 = rotl(d1 ^ a1, 16);
    c1 += d1;
    b1 = rotl(b1 ^ c1, 12);
    a1 += b1;
    d1 = rotl(d1 ^ a1, 8);
    c1 += d1;
    b1 = rotl(b1 ^ c1, 7);
    a2 += b2;
    d2 = rotl(d2 ^ a2, 16);
    c2 += d2;
    b2 = rotl(b2 ^ c2, 12);
    a2 += b2;
    d2 = rotl(d2 ^ a2, 8);
    c2 += d2;
    b2 = rotl(b2 ^ c2, 7);
    a3 += b3;
    d3 = rotl(d3 ^ a3, 16);
    c3 += d3;
    b3 = rotl(b3 ^ c3, 12);
    a3 += b3;
    d3 = rotl(d3 ^ a3, 8);
    c3 += d3;
    b3 = rotl(b3 ^ c3, 7);
    a0 += b1;
    d3 = rotl(d3 ^ a0, 16);
    c2 += d3;
    b1 = rotl(b1 ^ c2, 12);
    a0 += b1;
    d3 = rotl(d3 ^ a0, 8);
    c2 += d3;
    b1 = rotl(b1 ^ c2, 7);
    a1 += b2;
    d0 = rotl(d0 ^ a1, 16);
    c3 += d0;
    b2 = rotl(b2 ^ c3, 12);
    a1 += b2;
    d0 = rotl(d0 ^ a1, 8);
    c3 += d0;
    b2 = rotl(b2 ^ c3, 7);
    a2 += b3;
    d1 = rotl(d1 ^ a2, 16);
    c0 += d1;
    b3 = rotl(b3 ^ c0, 12);
    a2 += b3;
    d1 = rotl(d1 ^ a2, 8);
    c0 += d1;
    b3 = rotl(b3 ^ c0, 7);
    a3 += b0;
    d2 = rotl(d2 ^ a3, 16);
    c1 += d2;
    b0 = rotl(b0 ^ c1, 12);
    a3 += b0;
    d2 = rotl(d2 ^ a3, 8);
    c1 += d2;
    b0 = rotl(b0 ^ c1, 7);
  }
  store<u32>(out, (load<u32>(out) & keep) ^ (a0 + load<u32>(STATE)));
  store<u32>(out, (load<u32>(out, 4) & keep) ^ (a1 + load<u32>(STATE, 4)), 4);
  store<u32>(out, (load<u32>(out, 8) & keep) ^ (a2 + load<u32>(STATE, 8)), 8);
  store<u32>(out, (load<u32>(out, 12) & keep) ^ (a3 + load<u32>(STATE, 12)), 12);
  store<u32>(out, (load<u32>(out, 16) & keep) ^ (b0 + load<u32>(STATE, 16)), 16);
  store<u32>(out, (load<u32>(out, 20) & keep) ^ (b1 + load<u32>(STATE, 20)), 20);
  store<u32>(out, (load<u32>(out, 24) & keep) ^ (b2 + load<u32>(STATE, 24)), 24);
  store<u32>(out, (load<u32>(out, 28) & keep) ^ (b3 + load<u32>(STATE, 28)), 28);
  store<u32>(out, (load<u32>(out, 32) & keep) ^ (c0 + load<u32>(STATE, 32)), 32);
  store<u32>(out, (load<u32>(out, 36) & keep) ^ (c1 + load<u32>(STATE, 36)), 36);
  store<u32>(out, (load<u32>(out, 40) & keep) ^ (c2 + load<u32>(STATE, 40)), 40);
  store<u32>(out, (load<u32>(out, 44) & keep) ^ (c3 + load<u32>(STATE, 44)), 44);
  store<u32>(out, (load<u32>(out, 48) & keep) ^ (d0 + load<u32>(STATE, 48)), 48);
  store<u32>(out, (load<u32>(out, 52) & keep) ^ (d1 + load<u32>(STATE, 52)), 52);
  store<u32>(out, (load<u32>(out, 56) & keep) ^ (d2 + load<u32>(STATE, 56)), 56);
  store<u32>(out, (load<u32>(out, 60) & keep) ^ (d3 + load<u32>(STATE, 60)), 60);
  store<u32>(STATE, load<u32>(STATE, 48) + 1, 48);
}

/** Goes on with block `counter` of the key stream. */
export function chachaSeek(counter: u32): void {
  store<u32>(STATE, counter, 48);
}

/** Writes the next 64 bytes of key stream and counts the block. */
export function chachaBlock(out: usize): void {
  block(out, 0);
}

/** Encrypts or decrypts `len` bytes at `ptr` in place, from byte `skip` (0..63) of the next block of key stream on. */
export function chachaXor(ptr: usize, len: i32, skip: i32 = 0): void {
  if (skip) {
    const part = min(64 - skip, len);
    memory.copy(STREAM + skip, ptr, part);
    block(STREAM, ~0);
    memory.copy(ptr, STREAM + skip, part);
    ptr += part;
    len -= part;
  }
  for (; len >= 64; len -= 64, ptr += 64) block(ptr, ~0);
  if (len <= 0) return;
  memory.copy(STREAM, ptr, len);
  block(STREAM, ~0);
  memory.copy(ptr, STREAM, len);
}

/** Wipes the key and the key stream. Not counted in the session's tally: only its own data is. */
export function chachaWipe(): void {
  memory.fill(STATE, 0, 64);
  memory.fill(STREAM, 0, 64);
}
