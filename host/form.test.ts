// The words of a presentation and the number that the image has for it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bandsFault, checkFrameSize, formOf, openForm, PROFILES, planesOf, REGIONS } from "./form.ts";

describe("a presentation", () => {
  test.each([
    [{}, 1, 1, {}],
    [{ bands_nm: [850] }, 1, 1, { bands: 1 }],
    [{ bands_nm: [900] }, 1, 1, { bands: 1 }],
    [{ bands_nm: [940] }, 2, 1, { bands: 2 }],
    [{ bands_nm: [850, 940], region: "window" }, 7, 2, { bands: 3, region: "window" }],
    [{ region: "whole hand", profile: "guided" }, 25, 1, { region: "whole hand", profile: "guided" }],
  ] as const)("%j", (presentation, form, planes, fields) => {
    expect(formOf(presentation)).toBe(form);
    expect(planesOf(presentation)).toBe(planes);
    expect(openForm(presentation)).toEqual(fields);
  });

  test.each([[[]], [[940, 850]], [[850, 860]], [[850, 940, 1050]]])("%j are no bands of a frame", (bands) => {
    expect(bandsFault(bands)).toContain("900 nm");
  });

  test("has the image's words", () => {
    const source = readFileSync(join(import.meta.dirname, "../assembly/vision/form.ts"), "utf8");
    for (const [table, words] of Object.entries({ REGIONS, PROFILES })) {
      const list = source.match(new RegExp(`${table}: StaticArray<string> = \\[([^\\]]*)\\]`))?.[1];
      expect(JSON.parse(`[${list}]`), table).toEqual(words);
    }
  });
});

test("a size that no frame has is refused with the sizes that there are, and no others", () => {
  expect(() => checkFrameSize("palm", "a.png", 64, 768)).not.toThrow();
  expect(() => checkFrameSize("palm", "a.png", 63, 768)).toThrow(
    "a.png: 63×768 pixels; for palm a reader takes 64×64 to",
  );
  try {
    checkFrameSize("palm", "a.png", 63, 768);
  } catch (error) {
    expect(error).toMatchObject({ code: "KAN-PICTURE-SIZE", exit: 3, help: expect.not.stringMatching(/\d/) });
  }
});
