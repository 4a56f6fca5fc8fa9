// The compact range against Certificate Transparency's published test values (google/certificate-transparency, the
// "reference" tree of eight leaves), and through saving and restoring.
import { TREE_BYTES, treeAppendEntry, treeReset, treeRestore, treeRoot, treeSave, treeSize } from "../pec/tree";
import { at, bytes, hex } from "./hex";

const OUT = memory.data(32);
const SAVED = memory.data(1028);
const LEAVES: string[] = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: string[] = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("the log's tree", () => {
  it("has Certificate Transparency's roots at every size, saved and restored between appends", () => {
    treeReset();
    for (let i = 0; i <= 8; i++) {
      treeRoot(OUT);
      expect(hex(OUT, 32)).toBe(ROOTS[i]);
      expect(treeSize()).toBe(i);
      const length = treeSave(SAVED);
      treeReset();
      expect(treeRestore(SAVED, length)).toBe(0);
      if (i < 8) {
        const leaf = bytes(LEAVES[i]);
        expect(treeAppendEntry(at(leaf), leaf.length)).toBe(0);
      }
    }
  });

  it("refuses a saved range whose length does not fit its size, and keeps what it had", () => {
    treeReset();
    treeAppendEntry(0, 0);
    const length = treeSave(SAVED);
    expect(length).toBe(36);
    expect(treeRestore(SAVED, 35)).toBe(1);
    expect(treeRestore(SAVED, 3)).toBe(1);
    store<u32>(SAVED, 3);
    expect(treeRestore(SAVED, length)).toBe(1);
    treeRoot(OUT);
    expect(hex(OUT, 32)).toBe(ROOTS[1]);
  });

  it("refuses a leaf beyond the largest size", () => {
    store<u32>(SAVED, u32.MAX_VALUE);
    expect(treeRestore(SAVED, TREE_BYTES)).toBe(0);
    expect(treeAppendEntry(0, 0)).toBe(1);
    expect(treeSize()).toBe(u32.MAX_VALUE);
  });
});
