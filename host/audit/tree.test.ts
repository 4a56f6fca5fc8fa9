// Trees against Certificate Transparency's published reference values, against the definition, and against mutation.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  consistencyProof,
  type Hash,
  inclusionProof,
  leafHash,
  nodeHash,
  nodesOf,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "./tree.ts";

const hex = (hash: Hash) => Buffer.from(hash).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

// google/certificate-transparency, merkletree tests: eight leaves, their roots, and proofs.
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const INCLUSION: [index: number, size: number, proof: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [
    1,
    5,
    [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];
const CONSISTENCY: [old: number, size: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [
    2,
    5,
    [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];
const reference = nodesOf(LEAVES.map((leaf) => leafHash(bytes(leaf))));

describe("Certificate Transparency's reference tree", () => {
  it("has the published roots", () => {
    expect(hex(treeRoot(reference, 0))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const [i, root] of ROOTS.entries()) expect(hex(treeRoot(reference, i + 1))).toBe(root);
  });

  it.each(INCLUSION)("has the published inclusion proof of leaf %i in %i", (index, size, proof) => {
    expect(inclusionProof(reference, index, size).map(hex)).toEqual(proof);
    const leaf = leafHash(bytes(LEAVES[index] as string));
    expect(verifyInclusion(leaf, index, size, proof.map(bytes), bytes(ROOTS[size - 1] as string))).toBe(true);
  });

  it.each(CONSISTENCY)("has the published consistency proof of %i in %i", (old, size, proof) => {
    expect(consistencyProof(reference, old, size).map(hex)).toEqual(proof);
    const [before, after] = [ROOTS[old - 1], ROOTS[size - 1]].map((root) => bytes(root as string)) as [Hash, Hash];
    expect(verifyConsistency(old, size, proof.map(bytes), before, after)).toBe(true);
  });
});

/** The definition of RFC 6962 section 2.1, as it is written. */
function definition(leaves: Hash[]): Hash {
  if (leaves.length < 2) return leaves[0] ?? treeRoot(reference, 0);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

const tree = fc.integer({ min: 1, max: 600 }).map((size) => {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255)));
  return { leaves, size, nodes: nodesOf(leaves) };
});

describe("any tree", () => {
  it("has the root of the definition", () => {
    fc.assert(fc.property(tree, ({ leaves, size, nodes }) => hex(treeRoot(nodes, size)) === hex(definition(leaves))));
  });

  it("proves each of its leaves, and nothing else", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), fc.nat(), ({ leaves, size, nodes }, pick, where, bit) => {
        const index = pick % size;
        const root = treeRoot(nodes, size);
        const proof = inclusionProof(nodes, index, size);
        const leaf = leaves[index] as Hash;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        // A tree of one leaf: the same index again, and no proof to cut.
        for (const [l, i, s, p, r] of [
          [flip(leaf, bit), index, size, proof, root],
          [leaf, (index + 1) % size, size, proof, root],
          [leaf, index, size, proof, flip(root, bit)],
          [leaf, index, size, [...proof, root], root],
          [leaf, index, size, proof.slice(0, -1), root],
          [leaf, index, size, proof.slice(1), root],
          [leaf, index, size, mutate(proof, where, bit), root],
          [leaf, index + size, size, proof, root],
          [leaf, -1, size, proof, root],
          [leaf, index + 0.5, size, proof, root],
        ] as [Hash, number, number, Hash[], Hash][])
          if (
            i !== index ||
            p.length !== proof.length ||
            l !== leaf ||
            r !== root ||
            p.some((h, at) => h !== proof[at])
          )
            expect(verifyInclusion(l, i, s, p, r)).toBe(false);
      }),
    );
  });

  it("proves that it grew from each smaller one, and from nothing else", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), fc.nat(), ({ size, nodes }, pick, where, bit) => {
        const old = (pick % size) + 1;
        const [before, after] = [treeRoot(nodes, old), treeRoot(nodes, size)];
        const proof = consistencyProof(nodes, old, size);
        expect(verifyConsistency(old, size, proof, before, after)).toBe(true);
        expect(verifyConsistency(old, size, proof, flip(before, bit), after)).toBe(false);
        expect(verifyConsistency(old, size, [...proof, after], before, after)).toBe(false);
        expect(verifyConsistency(size + 1, size, proof, before, after)).toBe(false);
        if (old === size) return;
        expect(verifyConsistency(old, size, proof, before, flip(after, bit))).toBe(false);
        expect(verifyConsistency(old, size, mutate(proof, where, bit), before, after)).toBe(false);
        expect(verifyConsistency(old, size, proof.slice(1), before, after)).toBe(false);
        expect(verifyConsistency(old, size, proof.slice(0, -1), before, after)).toBe(false);
        expect(verifyConsistency(old, size, [], before, after)).toBe(false);
      }),
    );
  });
});

function flip(hash: Hash, bit: number): Hash {
  const out = Uint8Array.from(hash);
  out[(bit >> 3) & 31] = (out[(bit >> 3) & 31] as number) ^ (1 << (bit & 7));
  return out;
}

function mutate(proof: Hash[], where: number, bit: number): Hash[] {
  return proof.map((hash, i) => (i === where % proof.length ? flip(hash, bit) : hash));
}
