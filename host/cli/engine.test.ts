// An engine is a board's: without a board it is refused, not silently ignored.
import { expect, it } from "vitest";
import { runVerb } from "../../tests/verb.ts";
import { bench } from "./bench.ts";
import { enroll, verify } from "./recognize.ts";
import { sim } from "./sim.ts";

const person = ["--modality", "iris", "--user", "ann", "--input", "a.png"];

it.each([
  ["sim", sim, ["--once"]],
  ["enroll", enroll, person],
  ["verify", verify, person],
  ["bench", bench, []],
] as const)("%s --engine needs --board", async (_, verb, argv) => {
  expect(await runVerb(verb, "--engine", "aot", ...argv)).toMatchObject({
    exit: 2,
    value: { error: { code: "KAN-USAGE", message: "--engine needs --board" } },
  });
});
