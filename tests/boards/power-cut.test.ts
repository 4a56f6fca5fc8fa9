// The boot, the slots and the state in C, which every board links, over a fake flash: power is cut at every operation of each scenario, in
// every way that leaves a flash torn, and the board must boot what it must, lose nothing, and take an update. And what no image may do.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../host/firmware/compiler.ts";
import { build, type Geometry, makeImages, run } from "./power-cut-build.ts";

/** Ways in which an operation is torn (fake-flash.h, tear_t). */
const TEARS = 7;

const GEOMETRIES: Geometry[] = [
  { sector: 512, unit: 1, stateSectors: 3, slotSectors: 5, ecc: false, image: 2_000 },
  { sector: 4_096, unit: 8, stateSectors: 3, slotSectors: 2, ecc: false, image: 6_000 },
  { sector: 2_048, unit: 16, stateSectors: 2, slotSectors: 2, ecc: true, image: 2_500 },
  { sector: 131_072, unit: 32, stateSectors: 2, slotSectors: 1, ecc: true, image: 3_000 },
];

const gcc = findProgram("gcc") !== undefined;
if (!gcc) console.log("power cuts of boot and update: skipped, gcc is missing (scripts/toolchain.sh)");

describe.skipIf(!gcc)("boot and update in C", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "power-cut-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Builds in a folder of its own and runs; what it found. */
  async function prove(geometry: Geometry, own: string, args: string[] = []): Promise<Record<string, unknown>> {
    const place = join(folder, `${own}-${geometry.sector}-${geometry.unit}`);
    makeImages(place, geometry.image);
    const program = await build(place, geometry, own.split(" "));
    return JSON.parse(await run(program, [place, ...args], place)) as Record<string, unknown>;
  }

  it.each(GEOMETRIES)(
    "no power cut bricks, $sector byte sectors, $unit byte units, ecc $ecc",
    async (geometry) => {
      const found = await prove(geometry, "power-cut scenarios bench", geometry.ecc ? ["ecc"] : []);
      console.log(JSON.stringify(found));
      expect(found).toMatchObject({ bricked: 0, first: "" });
      expect(found["scenarios"]).toBeGreaterThanOrEqual(13);
      expect(found["operations"]).toBeGreaterThan(200);
      expect(found["cuts"]).toBe((found["operations"] as number) * TEARS);
      expect(found["second_cuts"]).toBeGreaterThan(150);
    },
    300_000,
  );

  it("no byte of an image can be changed, no other image boots, damage is got by", async () => {
    const found = await prove({ ...GEOMETRIES[0]!, unit: 8 }, "hostile bench", ["50000"]);
    expect(found).toMatchObject({ failures: 0, first: "" });
    expect(found["forged"]).toBe(100_000);
    // Each byte of the image, and each bit of its head and TLVs.
    expect(found["flips"]).toBeGreaterThan(4_000);
  }, 120_000);
});
