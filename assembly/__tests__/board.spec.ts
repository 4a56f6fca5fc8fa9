import * as board from "../board";

describe("board", () => {
  it("has a monotonic counter", () => {
    expect(board.counter(3)).toBe(3);
  });
});
