// The timer's arithmetic against RFC 6298, sections 2 and 5.
import { expect, test } from "vitest";
import { Patience } from "./patience.ts";

const bounds = { first: 1000, least: 50, most: 3000, doubled: 4000 };

test("before anything was measured the first bound holds, doubled with each silence up to its limit", () => {
  const patience = new Patience(bounds);
  const waits = [1, 2, 3, 4].map(() => {
    const { ms } = patience;
    patience.unheard();
    return ms;
  });
  expect(waits).toEqual([1000, 2000, 4000, 4000]);
});

test("the time-out is the smoothed round trip and four variations", () => {
  const patience = new Patience(bounds);
  patience.heard(200); // SRTT 200, RTTVAR 100
  expect(patience.ms).toBe(600);
  patience.heard(400); // RTTVAR 3/4 · 100 + 1/4 · 200 = 125, SRTT 7/8 · 200 + 1/8 · 400 = 225
  expect(patience.ms).toBe(725);
  for (let i = 0; i < 100; i++) patience.heard(1);
  expect(patience.ms).toBe(50);
  for (let i = 0; i < 100; i++) patience.heard(9000);
  expect(patience.ms).toBe(3000);
});

test("an answer to a request sent twice ends the doubling and measures nothing", () => {
  const patience = new Patience(bounds);
  patience.heard(200);
  patience.unheard();
  expect(patience.ms).toBe(1200);
  patience.heard(undefined);
  expect(patience.ms).toBe(600);
});
