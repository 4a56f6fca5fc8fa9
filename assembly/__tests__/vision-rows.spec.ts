// Coded rows: the worked example of docs/sensor-protocol.md, in parts and whole; rows of every kind; what must be refused. Round trips with
// the module's coder over any picture are in hal/protocol/rows.test.ts.
import { rowsBegin, rowsBytes, rowsPicture, rowsReady, rowsRow, rowsTake } from "../vision/rows";
import { at, bytes, hex } from "./hex";

const CODED = "0500000a141e28030001214d030002280305000000ff00ff";
const ROWS = ["0a141e28", "0c151d29", "0b141f29", "00ff00ff"];
/** Rows of 4 pixels have a state far smaller than this. */
const STATE = memory.data(512, 4);

/** Counts 0, 1, 6 and 65,535 where 2 to 5 are allowed; a raw row of 3 pixels; kind 3; a block that goes on beyond the row; a byte too many. */
const REFUSED: StaticArray<string> = [
  "0000",
  "0100",
  "0600",
  "ffff",
  "0400000a141e",
  "0300032803",
  "030001000000",
  "0400022803ff",
];

/** Feeds a picture of 4 x 4 in parts; the rows that came out, and "!" where it was refused. */
function decode(coded: string, part: i32): string {
  const data = bytes(coded);
  let out = "";
  rowsBegin(STATE, 4, 4);
  for (let i = 0; i < data.length; ) {
    const taken = rowsTake(STATE, at(data) + i, min(part, data.length - i));
    if (taken < 0) return out + "!";
    i += taken;
    if (rowsReady(STATE)) out += hex(rowsReady(STATE), 4);
  }
  return out;
}

describe("coded rows", () => {
  it("are those of the worked example, however they arrive, and of one picture after another", () => {
    expect(rowsBytes(4)).toBeLessThan(512);
    for (let part = 1; part < 26; part++) expect(decode(CODED + CODED, part)).toBe(ROWS.join("") + ROWS.join(""));
    expect(rowsPicture(STATE)).toBe(2);
    expect(rowsRow(STATE)).toBe(0);
  });

  it("take no more than one row at a time, and show it until the next is asked for", () => {
    const data = bytes(CODED);
    rowsBegin(STATE, 4, 4);
    expect(rowsReady(STATE)).toBe(0);
    expect(rowsTake(STATE, at(data), data.length)).toBe(7);
    expect(hex(rowsReady(STATE), 4)).toBe("0a141e28");
    expect(rowsRow(STATE)).toBe(1);
    expect(rowsTake(STATE, at(data) + 7, 3)).toBe(3);
    expect(rowsReady(STATE)).toBe(0);
  });

  it("may hold eight plain bits in place of a long code", () => {
    // Parameter 0; sixteen zeros and 128, which is an error of 64; three errors of 0.
    expect(decode("0500010000003c", 9)).toBe("40404040");
  });

  it("are refused when they are longer than pixels, empty, of no known kind, too short for their pixels or too long", () => {
    for (let i = 0; i < REFUSED.length; i++) expect(decode(REFUSED[i], 64)).toBe("!");
  });

  it("are refused for good", () => {
    const data = bytes(CODED);
    rowsBegin(STATE, 4, 4);
    expect(rowsTake(STATE, at(bytes("0000")), 2)).toBe(-1);
    expect(rowsTake(STATE, at(data), data.length)).toBe(-1);
    expect(rowsReady(STATE)).toBe(0);
  });
});
