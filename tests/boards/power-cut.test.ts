// The boot, the slots and the state in C, which every board links, over a fake flash: power is cut at every operation of each scenario, in
// every way that leaves a flash torn, and the board must boot what it must, lose nothing, and take an update. And what no image may do.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/firmware/board.ts";
import { findProgram } from "../../host/firmware/compiler.ts";
import { build, type Geometry, makeImages, makeSpeakingImages, type Parts, run } from "./power-cut-build.ts";

/** Ways in which an operation is torn (fake-flash.h, tear_t). */
const TEARS = 7;

const GEOMETRIES: Geometry[] = [
  { sector: 512, unit: 1, keysSectors: 2, stateSectors: 3, slotSectors: 5, ecc: false, image: 2_000 },
  { sector: 4_096, unit: 8, keysSectors: 2, stateSectors: 3, slotSectors: 2, ecc: false, image: 6_000 },
  { sector: 2_048, unit: 16, keysSectors: 1, stateSectors: 2, slotSectors: 2, ecc: true, image: 2_500 },
  { sector: 131_072, unit: 32, keysSectors: 1, stateSectors: 2, slotSectors: 1, ecc: true, image: 3_000 },
];

const gcc = findProgram("gcc") !== undefined;
if (!gcc) console.log("power cuts of boot and update: skipped, gcc is missing (scripts/toolchain.sh)");

describe.skipIf(!gcc)("boot and update in C", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "power-cut-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Makes images, builds in a folder of its own and runs; what it found. */
  async function prove(
    geometry: Geometry,
    parts: Partial<Parts>,
    args: string[] = [],
  ): Promise<Record<string, unknown>> {
    const place = mkdtempSync(join(folder, "prove-"));
    if (parts.runner) makeSpeakingImages(place);
    else makeImages(place, geometry.image);
    const program = await build(place, geometry, { own: [], wrap: [], runner: false, ...parts });
    const found = await run(program, [place, ...(geometry.ecc ? ["ecc"] : []), ...args], place);
    console.log(found);
    return JSON.parse(found) as Record<string, unknown>;
  }

  it.each(GEOMETRIES)(
    "no power cut bricks, $sector byte sectors, $unit byte units, ecc $ecc",
    async (geometry) => {
      const found = await prove(geometry, { own: ["power-cut", "scenarios", "bench"] });
      expect(found).toMatchObject({ bricked: 0, first: "" });
      expect(found["scenarios"]).toBeGreaterThanOrEqual(13);
      expect(found["operations"]).toBeGreaterThan(200);
      expect(found["cuts"]).toBe((found["operations"] as number) * TEARS);
      expect(found["second_cuts"]).toBeGreaterThan(150);
    },
    300_000,
  );

  it("no power cut in an update over the link bricks: the runner, wasm3 and the images themselves", async () => {
    // The slots of this computer's board: smaller ones than the reader's image would refuse the update.
    const { sector, unit, partitions } = loadBoard("native_sim").flash;
    const slotSectors = partitions.slot_b.bytes / sector;
    const geometry = { sector, unit, keysSectors: 2, stateSectors: 3, slotSectors, ecc: false, image: 0 };
    const parts = { own: ["over-link", "host"], wrap: ["boot_choose"], runner: true };
    const found = await prove(geometry, parts);
    expect(found).toMatchObject({ bricked: 0, first: "" });
    expect(found["operations"]).toBeGreaterThan(150);
    expect(found["cuts"]).toBeGreaterThan(700);
  }, 300_000);

  it("no byte of an image can be changed, no other image boots, damage is got by", async () => {
    const found = await prove({ ...GEOMETRIES[0]!, unit: 8 }, { own: ["hostile", "bench"] }, ["50000"]);
    expect(found).toMatchObject({ failures: 0, first: "" });
    expect(found["forged"]).toBe(100_000);
    // Each byte of the image, and each bit of its head and TLVs.
    expect(found["flips"]).toBeGreaterThan(3_000);
  }, 120_000);
});
