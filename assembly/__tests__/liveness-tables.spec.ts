// Evidence under the calibration "worked" of docs/liveness.md's vectors, and tables that are refused before any of them is used.
import { EVIDENCE_BYTES, evidenceAdd, evidenceAnswer } from "../liveness/evidence";
import { classAt, classCount, classEvidence, classNamed, isClassName, tablesOpen } from "../liveness/tables";
import { LIVENESS_GRADIENT } from "../pec/words";
import { at, bytes } from "./hex";

const WORKED =
  "a6656572726f72190400657465726d73a1686772616469656e744ab80ba00f800c480d100e66737461676564f5667374617465730867636c6173736573a2" +
  "657072696e7452100000000000000080000df41ffde102f30b667265706c617952600000009cff010000010cfe0cfefa005802686d6f64616c697479" +
  "6469726973";
const NAME = memory.data(16);
const EVIDENCE = memory.data(EVIDENCE_BYTES, 8);

function name(text: string): usize {
  memory.fill(NAME, 0, 16);
  for (let i = 0; i < text.length; i++) store<u8>(NAME + i, text.charCodeAt(i) as u8);
  return NAME;
}

/** Evidence against a class at a raw value, after `right` and `wrong` answers. */
function against(k: i32, value: i32, right: i32 = 0, wrong: i32 = 0): i32 {
  memory.fill(EVIDENCE, 0, EVIDENCE_BYTES);
  evidenceAdd(EVIDENCE, LIVENESS_GRADIENT, value);
  for (let i = 0; i < right; i++) evidenceAnswer(EVIDENCE, true);
  for (let i = 0; i < wrong; i++) evidenceAnswer(EVIDENCE, false);
  classAt(k);
  return classEvidence(EVIDENCE);
}

describe("evidence tables", () => {
  it("give the vectors: steps, guard, cap, offset, challenge", () => {
    const worked = bytes(WORKED);
    expect(tablesOpen(at(worked), at(worked) + worked.length)).toBe(true);
    expect(classCount).toBe(2);
    expect(against(0, 3700)).toBe(1208);
    expect(against(0, 3600)).toBe(1208);
    expect(against(0, 3599)).toBe(369);
    expect(against(0, 2999)).toBe(-1529);
    expect(against(0, 4001)).toBe(0);
    expect(against(1, 3700, 4)).toBe(5000);
    expect(against(1, 3700, 3, 1)).toBe(3624);
    memory.fill(EVIDENCE, 0, EVIDENCE_BYTES);
    expect(classEvidence(EVIDENCE)).toBe(-100);
  });

  it("find a class by its whole name", () => {
    const worked = bytes(WORKED);
    tablesOpen(at(worked), at(worked) + worked.length);
    expect(classNamed(name("print"))).toBe(true);
    expect(against(0, 3700)).toBe(1208);
    expect(classNamed(name("replay"))).toBe(true);
    expect(classNamed(name("prin"))).toBe(false);
    expect(classNamed(name("prints"))).toBe(false);
    expect(classNamed(name(""))).toBe(false);
    expect(isClassName(name("a234567890123456"), 16)).toBe(true);
    expect(isClassName(name("a_9"), 0)).toBe(false);
    expect(isClassName(name("9a"), 2)).toBe(false);
    expect(isClassName(name("Print"), 5)).toBe(false);
    expect(isClassName(name("pr-nt"), 5)).toBe(false);
  });

  it("are refused where a block is not as it should be, whichever byte makes it so", () => {
    const worked = bytes(WORKED);
    const end = at(worked) + worked.length;
    let refused = 0;
    for (let i = 0; i < worked.length; i++) {
      const kept = worked[i];
      worked[i] = 0xff;
      refused += i32(!tablesOpen(at(worked), end));
      worked[i] = kept;
    }
    expect(refused > 60).toBe(true);
    expect(tablesOpen(at(worked), end)).toBe(true);
  });
});
