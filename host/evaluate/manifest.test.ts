// Manifests as people write them, and as nobody should.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isReported } from "../errors.ts";
import { csvField, parseCsv } from "./csv.ts";
import { parseManifest, readDataSet, unknownKeys } from "./manifest.ts";

const HEADER = "path,subject,position,session";
const parse = (text: string) => parseManifest(text, "m.csv", "/data");
const fault = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    return isReported(error) ? `${error.code} ${error.message}` : String(error);
  }
  return "accepted";
};

describe("accepted", () => {
  test("paths are relative to the folder, several make one capture", () => {
    const { samples } = parse(`${HEADER}\na/1.png,001,L,\n../b/2.png; c/3.png,001,L,\n/abs/4.png,002,,\n`);
    expect(samples.map(({ files }) => files)).toEqual([
      ["/data/a/1.png"],
      ["/b/2.png", "/data/c/3.png"],
      ["/abs/4.png"],
    ]);
    expect(samples[1]).toMatchObject({ line: 3, subject: "001", position: "L", session: "" });
  });

  test("byte order mark, CRLF, quotes, empty lines, other columns in any order", () => {
    const text = `\uFEFFsession,age,"Path",subject,position\r\n1,30,"a, ""b"".png",x,L\r\n\r\n2,31,c.png,x,L`;
    const { samples, ignored } = parse(text);
    expect(ignored).toEqual(["age"]);
    expect(samples).toMatchObject([
      { line: 2, path: 'a, "b".png', session: "1" },
      { line: 4, path: "c.png", session: "2" },
    ]);
  });
});

test.each([
  ["", "line 1: the manifest is empty"],
  ["\n\n", "line 1: the manifest is empty"],
  [HEADER, "line 1: there are no samples after the header"],
  ["path,subject,position\na,b,c", 'line 1: no column "session"'],
  ["a.png,1,L,\nb.png,1,L,", 'line 1: no column "path", "subject", "position", "session"'],
  [`${HEADER},path\na,b,c,d,e`, 'line 1: column "path" is there twice'],
  [`${HEADER}\na.png,1,L,\nb.png,1,L`, "line 3: 3 fields instead of 4"],
  [`${HEADER}\na.png,1,L,,`, "line 2: 5 fields instead of 4"],
  [`${HEADER}\n"a\nb.png",1,L,\n,1,L,`, "line 4: a path is empty"],
  [`${HEADER}\na.png;,1,L,`, "line 2: a path is empty"],
  [`${HEADER}\na.png,,L,`, "line 2: the subject is empty"],
  [`${HEADER}\na.png,1,L,\n./a.png,2,L,`, "line 3: the same capture as line 2"],
  [`${HEADER}\na.png,1,L,1\nb.png,1,L,`, "line 3: no session, but 1 of 2 samples name one"],
  [`${HEADER}\na\0.png,1,L,`, "line 2: a path has a null character"],
  [`${HEADER}\n"a.png,1,L,`, "line 2: a quote is not closed"],
  [`${HEADER}\n"a.png"x,1,L,`, "line 2: something follows the closing quote"],
  [`${HEADER}\na"b.png,1,L,`, "line 2: a quote within a field"],
])("refused with its line: %j", (text, message) => {
  expect(fault(text)).toContain(`KAN-MANIFEST-FORMAT m.csv, ${message}`);
});

test("any text is accepted or refused with a line, and CSV fields come back as they were", () => {
  const piece = fc.constantFrom(HEADER, "\n", "\r\n", ",", '"', ";", "a.png", "x", "\uFEFF", "\0", " ", "1");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(fault(pieces.join(""))).toMatch(/^accepted$|^KAN-MANIFEST-FORMAT m\.csv, line \d+: /);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
      const text = rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
      expect(parseCsv(text).map(({ fields }) => fields)).toEqual(rows);
    }),
  );
});

describe("files", () => {
  let folder = "";
  const code = async (name: string) => {
    try {
      await readDataSet(join(folder, name));
    } catch (error) {
      return isReported(error) ? error.code : String(error);
    }
    return "accepted";
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kanmon-manifest-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("missing, a folder, not text", async () => {
    await mkdir(join(folder, "set"));
    await writeFile(join(folder, "latin.csv"), Buffer.from([0x70, 0xe9, 0x0a]));
    expect(await code("none.csv")).toBe("KAN-MANIFEST-FILE");
    expect(await code("set")).toBe("KAN-MANIFEST-FILE");
    expect(await code("latin.csv")).toBe("KAN-MANIFEST-FILE");
  });

  test("sensor.json is taken up, and refused where it is wrong", async () => {
    await writeFile(join(folder, "set/manifest.csv"), `${HEADER}\na.png,1,L,\n`);
    expect(await code("set/manifest.csv")).toBe("accepted");
    for (const text of ["{", "[]", '{"modality":"ear"}', '{"fx":"wide"}', '{"bands_nm":[-1]}']) {
      await writeFile(join(folder, "set/sensor.json"), text);
      expect(await code("set/manifest.csv")).toBe("KAN-SENSOR-FORMAT");
    }
    await writeFile(join(folder, "set/sensor.json"), '{"modality":"palm","bands_nm":[850],"maker":"x"}');
    const { sensor = {} } = await readDataSet(join(folder, "set/manifest.csv"));
    expect(sensor).toMatchObject({ modality: "palm" });
    expect(unknownKeys(sensor)).toEqual(["maker"]);
  });
});
