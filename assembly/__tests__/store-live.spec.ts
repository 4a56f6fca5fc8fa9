// The journal's index: sorted, counted, and full when it is full.
import { layBlocks } from "../store/blocks";
import { entryBytes } from "../store/entries";
import {
  clearLive,
  dropLive,
  findLive,
  LIVE_LAST,
  largestLive,
  liveAddress,
  liveBytes,
  liveCount,
  liveId,
  liveKind,
  liveLength,
  lowerBound,
  setLive,
} from "../store/live";

describe("the index", () => {
  beforeEach(() => {
    layBlocks(262144, 4096, 1);
    clearLive();
  });

  it("finds what was set, in order of kind and id", () => {
    setLive(2, 7, 700, 70);
    setLive(1, 9, 900, 90);
    setLive(2, 3, 300, 30);
    setLive(1, 0, 100, 10);
    expect(liveCount).toBe(4);
    for (let i = 1; i < liveCount; i++) {
      const ordered = liveKind(i - 1) < liveKind(i) || (liveKind(i - 1) == liveKind(i) && liveId(i - 1) < liveId(i));
      expect(ordered).toBe(true);
    }
    expect(liveAddress(findLive(2, 3))).toBe(300);
    expect(liveLength(findLive(1, 9))).toBe(90);
    expect(findLive(1, 3)).toBe(-1);
    expect(lowerBound(2, 4)).toBe(findLive(2, 7));
    expect(lowerBound(3, 0)).toBe(4);
  });

  it("replaces, and counts the bytes of what is live", () => {
    setLive(1, 5, 0, 100);
    setLive(1, 6, 0, 1000);
    expect(liveBytes).toBe(entryBytes(100) + entryBytes(1000));
    expect(largestLive()).toBe(entryBytes(1000));
    setLive(1, 6, 0, 7);
    expect(liveCount).toBe(2);
    expect(liveBytes).toBe(entryBytes(100) + entryBytes(7));
    dropLive(findLive(1, 5), 1);
    expect(liveBytes).toBe(entryBytes(7));
    expect(findLive(1, 6)).toBe(0);
    dropLive(0, 1);
    expect(liveBytes).toBe(0);
    expect(largestLive()).toBe(0);
  });

  it("takes LIVE_LAST entries and no more", () => {
    for (let i = LIVE_LAST - 1; i >= 0; i--) expect(setLive(1, i, i, 0)).toBe(true);
    expect(setLive(2, 0, 0, 0)).toBe(false);
    expect(setLive(1, 5, 99, 0)).toBe(true);
    expect(liveAddress(findLive(1, 5))).toBe(99);
    expect(liveId(LIVE_LAST - 1)).toBe((LIVE_LAST - 1) as u32);
    dropLive(10, 20);
    expect(liveCount).toBe(LIVE_LAST - 20);
    expect(findLive(1, 10)).toBe(-1);
    expect(liveId(10)).toBe(30);
  });
});
