// The log's Merkle tree as a compact range: only the roots of its perfect subtrees, at most 32 hashes, are kept.
// Hashing is RFC 6962 section 2.1 (RFC 9162 section 2.1.1): a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right).
// One bit of the size is one subtree, the largest first, so hash i of the range belongs to the i-th set bit from the top.
import { DIGEST_BYTES, sha256, sha256Final, sha256Init, sha256Update } from "./sha256";

/** Most hashes a range holds: sizes are below 2^32. */
export const TREE_HASHES: i32 = 32;
/** Bytes of a serialised range at its longest: size (u32 LE) ‖ its hashes, largest subtree first. */
export const TREE_BYTES: i32 = 4 + TREE_HASHES * DIGEST_BYTES;

const RANGE = memory.data(1024, 8);
const NODE = memory.data(65, 8); // 0x01 ‖ left ‖ right
const LEAF = memory.data(32, 8);
let size: u32 = 0;

/** Hash of an entry as a leaf. */
export function leafHash(entry: usize, len: i32, out: usize): void {
  store<u8>(NODE, 0);
  sha256Init();
  sha256Update(NODE, 1);
  sha256Update(entry, len);
  sha256Final(out);
}

/** Hash of two subtrees; `out` may be either of them. */
export function nodeHash(left: usize, right: usize, out: usize): void {
  store<u8>(NODE, 1);
  memory.copy(NODE + 1, left, DIGEST_BYTES);
  memory.copy(NODE + 33, right, DIGEST_BYTES);
  sha256(NODE, 65, out);
}

/** An empty tree. */
export function treeReset(): void {
  size = 0;
}

/** How many leaves were appended. */
export function treeSize(): u32 {
  return size;
}

/** Appends a leaf's hash. Returns 0, or 1 when the tree is full (2^32 - 1 leaves) and nothing changed. */
export function treeAppend(leaf: usize): i32 {
  if (size == u32.MAX_VALUE) return 1;
  let top: usize = RANGE + popcnt(size) * DIGEST_BYTES;
  memory.copy(top, leaf, DIGEST_BYTES);
  // Each trailing set bit of the size is a subtree as large as the one just made: join them.
  for (let bits = size; bits & 1; bits >>= 1) {
    top -= DIGEST_BYTES;
    nodeHash(top, top + DIGEST_BYTES, top);
  }
  size++;
  return 0;
}

/** Appends an entry (its leaf hash). Returns as `treeAppend`. */
export function treeAppendEntry(entry: usize, len: i32): i32 {
  leafHash(entry, len, LEAF);
  return treeAppend(LEAF);
}

/** The root; of an empty tree, SHA-256 of nothing. */
export function treeRoot(out: usize): void {
  if (!size) {
    sha256(0, 0, out);
    return;
  }
  let hash: usize = RANGE + (popcnt(size) - 1) * DIGEST_BYTES;
  memory.copy(out, hash, DIGEST_BYTES);
  while (hash > RANGE) {
    hash -= DIGEST_BYTES;
    nodeHash(hash, out, out);
  }
}

/** Bytes that `treeSave` writes now. */
export function treeBytes(): i32 {
  return 4 + popcnt(size) * DIGEST_BYTES;
}

/** Writes the range (see TREE_BYTES) and returns its length. */
export function treeSave(out: usize): i32 {
  store<u32>(out, size);
  memory.copy(out + 4, RANGE, treeBytes() - 4);
  return treeBytes();
}

/** Takes a saved range back. Returns 0, or 1 when the length does not fit the size it states: the tree is unchanged. */
export function treeRestore(saved: usize, len: i32): i32 {
  if (len < 4 || len != 4 + (popcnt(load<u32>(saved)) as i32) * DIGEST_BYTES) return 1;
  size = load<u32>(saved);
  memory.copy(RANGE, saved + 4, len - 4);
  return 0;
}
