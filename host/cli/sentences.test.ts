// Reasons as people read them: each in the words of its modality.
import { expect, test } from "vitest";
import { resultText, sentence } from "./sentences.ts";

test("nothing found is told by what was looked for", () => {
  expect(sentence("not_found", "iris")).toBe("no iris found");
  expect(sentence("not_found", "palm")).not.toContain("iris");
  expect(sentence("eye_closed", "iris")).toBe("eye closed");
  const failed = { decision: "failed", reason: "not_found", band: "none", record: 4, reasons: ["not_found"] } as const;
  expect(resultText(failed, "palm")).toBe("failed: not one hand alone (record 4)");
});
