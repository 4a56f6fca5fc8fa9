// The host's copy of a log: what it takes in, what it refuses, what is on disk after a crash anywhere, and the proofs made from it.
import { generateKeyPairSync, sign } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rawKey } from "../cose.ts";
import { type Verifier, verifierOf, verifyCheckpoint } from "./note.ts";
import { parseProof, proveEntry, verifyProof } from "./prove.ts";
import { LogStore } from "./store.ts";
import { TileTree, tilePath, tileWidth } from "./tiles.ts";
import { inclusionProof, leafHash, nodesOf, treeRoot } from "./tree.ts";

// The real file system, on which the test may let one renaming fail: where a crash would have cut.
const crash = vi.hoisted(() => ({ at: Number.POSITIVE_INFINITY, count: 0 }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const renameSync: typeof fs.renameSync = (from, to) => {
    if (crash.count++ >= crash.at) throw new Error("crash");
    fs.renameSync(from, to);
  };
  return { ...fs, default: { ...fs, renameSync }, renameSync };
});

const encode = (text: string) => new TextEncoder().encode(text);

/** A device's side of the log: entries, and a signed checkpoint of any size. */
class Device {
  readonly #key = generateKeyPairSync("ed25519").privateKey;
  readonly verifier: Verifier = verifierOf("kanmon.example/device/0011223344556677", rawKey(this.#key));
  readonly entries: Uint8Array[] = [];

  grow(count: number): Uint8Array[] {
    const from = this.entries.length;
    for (let i = 0; i < count; i++) this.entries.push(encode(`entry ${from + i}`));
    return this.entries.slice(from);
  }

  checkpoint(size = this.entries.length): string {
    const root = treeRoot(nodesOf(this.entries.slice(0, size).map(leafHash)), size);
    const text = `${this.verifier.name}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
    const id = Buffer.alloc(4);
    id.writeUInt32BE(this.verifier.id);
    const signature = Buffer.concat([id, sign(null, Buffer.from(text), this.#key)]).toString("base64");
    return `${text}\n\u2014 ${this.verifier.name} ${signature}\n`;
  }
}

let folder: string;
let device: Device;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-log-"));
  device = new Device();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath, file.name)))
    .sort();

describe("tile paths", () => {
  it("are those of the specification", () => {
    expect(tilePath(0, 1_234_067, 256)).toBe("tile/0/x001/x234/067");
    expect(tilePath(1, 5, 17)).toBe("tile/1/005.p/17");
    expect(tilePath("entries", 999, 256)).toBe("tile/entries/999");
    expect(tilePath("entries", 1000, 1)).toBe("tile/entries/x001/000.p/1");
  });

  it("for 70,000 entries are 273 full tiles and one of 112, one full and one of 17, and one of 1", () => {
    const widths = [0, 1, 2].map((level) =>
      [0, 1, 272, 273].map((index) => tileWidth(level, index, 70_000)).filter((width) => width > 0),
    );
    expect(widths).toEqual([[256, 256, 256, 112], [256, 17], [1]]);
    const tree = new TileTree(folder, 0);
    const leaves = Array.from({ length: 70_000 }, (_, i) => leafHash(encode(`${i}`)));
    for (const leaf of leaves) tree.append(leaf);
    const nodes = nodesOf(leaves);
    for (const size of [70_000, 65_536, 65_535, 257, 256, 1])
      expect(treeRoot(tree.nodes, size)).toEqual(treeRoot(nodes, size));
    expect(inclusionProof(tree.nodes, 65_537, 70_000)).toEqual(inclusionProof(nodes, 65_537, 70_000));
  });
});

describe("a copy of a log", () => {
  it("takes in what the checkpoint covers, in pieces of any size, and gives it back", () => {
    const pieces = fc.array(fc.nat(200), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.nat(), (sizes, pick) => {
        rmSync(folder, { recursive: true, force: true });
        device = new Device();
        for (const size of sizes)
          LogStore.of(folder, device.verifier).append(
            (device.grow(size), device.checkpoint()),
            device.entries.slice(device.entries.length - size),
          );
        const store = LogStore.open(folder);
        expect([...store.entries()].map(([, entry]) => entry)).toEqual(device.entries);
        expect(store.check()).toBe(device.entries.length);
        if (store.size === 0) return;
        const index = pick % store.size;
        expect(verifyProof(proveEntry(store, index), device.verifier)).toMatchObject({
          index,
          entry: device.entries[index],
        });
      }),
      { numRuns: 8 },
    );
  });

  it("keeps no partial tile that its checkpoint does not need", () => {
    const store = LogStore.of(folder, device.verifier);
    for (const size of [100, 155, 1, 44])
      store.append((device.grow(size), device.checkpoint()), device.entries.slice(store.size));
    const tiles = ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"];
    expect(files()).toEqual(["checkpoint", ...tiles, "verifier"]);
  });

  it("refuses what does not continue it, and stays as it was", () => {
    const store = LogStore.of(folder, device.verifier);
    store.append((device.grow(5), device.checkpoint()), device.entries);
    const before = readFileSync(join(folder, "checkpoint"), "utf8");
    const refuses = (note: string, entries: Uint8Array[], error: string | RegExp) => {
      expect(() => store.append(note, entries)).toThrow(
        expect.objectContaining(
          typeof error === "string" ? { code: error } : { message: expect.stringMatching(error) },
        ),
      );
      expect(readFileSync(join(folder, "checkpoint"), "utf8")).toBe(before);
      expect(LogStore.open(folder).check()).toBe(5);
    };
    refuses(device.checkpoint(4), [], "KAN-LOG-ROLLBACK");
    refuses(new Device().checkpoint(), [], "KAN-LOG-SIGNATURE");
    refuses(before.replace("\n5\n", "\n6\n"), [], "KAN-LOG-SIGNATURE");
    refuses("", [], "KAN-LOG-NOTE");
    const more = device.grow(2);
    refuses(device.checkpoint(), more.slice(1), /1 entries do not lead from size 5 to 7/);
    refuses(device.checkpoint(), [more[0] as Uint8Array, encode("another")], "KAN-LOG-FORK");
    device.entries[2] = encode("rewritten");
    refuses(device.checkpoint(), more, "KAN-LOG-FORK");
    refuses(device.checkpoint(5), [], "KAN-LOG-FORK");
  });

  it("is held to the device it began with, and to one writer", () => {
    LogStore.of(folder, device.verifier).append((device.grow(1), device.checkpoint()), device.entries);
    expect(() => LogStore.of(folder, new Device().verifier)).toThrow(
      expect.objectContaining({ code: "KAN-LOG-DEVICE" }),
    );
    expect(() => LogStore.open(join(folder, "tile"))).toThrow(expect.objectContaining({ code: "KAN-LOG-ABSENT" }));
    writeFileSync(join(folder, "lock"), String(process.pid));
    const store = LogStore.open(folder);
    expect(() => store.append(device.checkpoint(), [])).toThrow(expect.objectContaining({ code: "KAN-LOG-BUSY" }));
    writeFileSync(join(folder, "lock"), "999999999"); // a process that is gone
    store.append(device.checkpoint(), []);
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("tells damage to any byte of it", () => {
    const store = LogStore.of(folder, device.verifier);
    store.append((device.grow(300), device.checkpoint()), device.entries);
    const paths = [
      tilePath(0, 0, 256),
      tilePath(0, 1, 44),
      tilePath(1, 0, 1),
      tilePath("entries", 1, 44),
      tilePath("entries", 0, 256),
      "checkpoint",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 1, max: 255 }), (path, at, change) => {
        const good = readFileSync(join(folder, path));
        const bad = Buffer.from(good);
        bad[at % bad.length] = (bad[at % bad.length] as number) ^ change;
        writeFileSync(join(folder, path), bad);
        expect(() => LogStore.open(folder).check()).toThrow(/^log: /);
        writeFileSync(join(folder, path), good);
      }),
    );
    expect(LogStore.open(folder).check()).toBe(300);
  });

  it("is whole after a crash at any renaming, and takes the same entries in again", () => {
    for (let at = 0; ; at++) {
      rmSync(folder, { recursive: true, force: true });
      device = new Device();
      LogStore.of(folder, device.verifier).append((device.grow(250), device.checkpoint()), device.entries);
      const more = device.grow(300);
      Object.assign(crash, { at, count: 0 });
      let crashed = false;
      try {
        LogStore.open(folder).append(device.checkpoint(), more);
      } catch {
        crashed = true;
      }
      Object.assign(crash, { at: Number.POSITIVE_INFINITY });
      const store = LogStore.open(folder);
      expect(store.check()).toBe(crashed ? 250 : 550);
      store.append(device.checkpoint(), device.entries.slice(store.size));
      expect(LogStore.open(folder).check()).toBe(550);
      if (!crashed) {
        expect(at).toBe(8); // three bundles, three tiles and one above, the checkpoint: each was cut once
        return;
      }
    }
  });
});

describe("a proof", () => {
  it("holds for its entry under the device's key only, and not when any character is changed", () => {
    const store = LogStore.of(folder, device.verifier);
    store.append((device.grow(21), device.checkpoint()), device.entries);
    const proof = proveEntry(store, 13);
    expect(proof.startsWith("c2sp.org/tlog-proof@v1\nextra ")).toBe(true);
    expect(verifyProof(proof, device.verifier).index).toBe(13);
    expect(() => verifyProof(proof, new Device().verifier)).toThrow(
      expect.objectContaining({ code: "KAN-LOG-SIGNATURE" }),
    );
    expect(() => verifyProof(proof, device.verifier, device.entries[14])).toThrow(
      expect.objectContaining({ code: "KAN-LOG-PROOF" }),
    );
    const bare = proof.replace(/extra .*\n/, "");
    expect(verifyProof(bare, device.verifier, device.entries[13]).index).toBe(13);
    expect(() => verifyProof(bare, device.verifier)).toThrow(/the entry must be given/);
    for (let at = 0; at < proof.length; at++)
      for (const other of ["A", "\n", "9", ""]) {
        if (proof[at] === other) continue;
        expect(
          () => verifyProof(proof.slice(0, at) + other + proof.slice(at + 1), device.verifier),
          `${at} ${other}`,
        ).toThrow(/^log: /);
      }
    expect(parseProof(proof).note).toBe(device.checkpoint());
    expect(verifyCheckpoint(parseProof(proof).note, device.verifier).size).toBe(21);
  });
});
