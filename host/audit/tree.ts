// Merkle trees as RFC 6962 section 2.1 and RFC 9162 section 2.1 define them: roots, inclusion and consistency proofs, and their
// verification. Sizes and indexes are plain numbers (the device's tree is below 2^32). The proofs are read from a source of node
// hashes, so that the same code serves an array of leaves and the tiles on disk.
import { createHash } from "node:crypto";

/** A SHA-256 digest, 32 bytes. */
export type Hash = Uint8Array;

/** Hash of the perfect subtree `index` (counted from the left) at `level` (0: leaves). */
export type Nodes = (level: number, index: number) => Hash;

/** Hash of an entry as a leaf: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Hash {
  return createHash("sha256").update(Uint8Array.of(0)).update(entry).digest();
}

/** Hash of two subtrees: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  return createHash("sha256").update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** True where two digests are the same. */
export function sameHash(a: Hash, b: Hash): boolean {
  return Buffer.from(a).equals(b);
}

/** A source of node hashes over leaf hashes in memory; computed once, kept. */
export function nodesOf(leaves: readonly Hash[]): Nodes {
  const levels: Hash[][] = [leaves as Hash[]];
  return (level, index) => {
    while (levels.length <= level) {
      const below = levels.at(-1) as Hash[];
      levels.push(
        Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(below[2 * i] as Hash, below[2 * i + 1] as Hash)),
      );
    }
    const hash = levels[level]?.[index];
    if (!hash) throw new RangeError(`no node ${index} at level ${level}`);
    return hash;
  };
}

/** Root of the first `size` leaves; of none, SHA-256 of nothing. */
export function treeRoot(nodes: Nodes, size: number): Hash {
  return size === 0 ? createHash("sha256").digest() : rangeRoot(nodes, 0, size);
}

/** Proof that leaf `index` is in the tree of `size` leaves: siblings from the leaf up (RFC 6962 section 2.1.1). Throws RangeError. */
export function inclusionProof(nodes: Nodes, index: number, size: number): Hash[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} in ${size}`);
  const proof: Hash[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      proof.push(rangeRoot(nodes, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(nodes, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** Proof that the tree of `size` leaves begins with the tree of `old` leaves (RFC 6962 section 2.1.2). Throws RangeError. */
export function consistencyProof(nodes: Nodes, old: number, size: number): Hash[] {
  if (!Number.isSafeInteger(old) || old < 0 || old > size) throw new RangeError(`no tree of ${old} in ${size}`);
  if (old === 0 || old === size) return [];
  const proof: Hash[] = [];
  let [start, end, whole] = [0, size, true]; // whole: the old tree is the range from 0 so far, and its root is known
  while (end !== old) {
    const middle = start + split(end - start);
    if (old <= middle) {
      proof.push(rangeRoot(nodes, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(nodes, start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) proof.push(rangeRoot(nodes, start, end));
  return proof.reverse();
}

/** True where `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves with `root` (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!validSize(size) || !validSize(index) || index >= size) return false;
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameHash(hash, root);
}

/**
 * True where `proof` shows that the tree of `size` leaves with `root` begins with the tree of `old` leaves with `oldRoot`
 * (RFC 9162 section 2.1.4.2). An empty old tree begins every tree, with an empty proof.
 */
export function verifyConsistency(
  old: number,
  size: number,
  proof: readonly Hash[],
  oldRoot: Hash,
  root: Hash,
): boolean {
  if (!validSize(old) || !validSize(size) || old > size) return false;
  if (old === 0) return proof.length === 0 && sameHash(oldRoot, createHash("sha256").digest());
  if (old === size) return proof.length === 0 && sameHash(oldRoot, root);
  // A power of two: the old root is itself the first node, and is left out of the proof.
  const path = 2 ** height(old) === old ? [oldRoot, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  let [node, last] = [old - 1, size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else after = nodeHash(after, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameHash(before, oldRoot) && sameHash(after, root);
}

/** Root of leaves [start, end): perfect where it is aligned, else split as RFC 6962 does. */
function rangeRoot(nodes: Nodes, start: number, end: number): Hash {
  const width = end - start;
  const level = height(width);
  if (2 ** level === width && start % width === 0) return nodes(level, start / width);
  const middle = start + split(width);
  return nodeHash(rangeRoot(nodes, start, middle), rangeRoot(nodes, middle, end));
}

/** The largest power of two below `width` (at least 2). */
function split(width: number): number {
  return 2 ** (height(width) - 1);
}

/** Least height of a perfect tree of at least `width` leaves. Counted, since Math.log2 rounds near large powers. */
function height(width: number): number {
  let levels = 0;
  for (let leaves = 1; leaves < width; leaves *= 2) levels++;
  return levels;
}

/** Halves without 32-bit operations, which would cut sizes from 2^31 on. */
function half(n: number): number {
  return Math.floor(n / 2);
}

function validSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}
