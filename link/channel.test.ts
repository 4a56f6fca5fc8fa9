// The asking channel against a peer whose every answer the test chooses.
import { duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { Channel } from "./channel.ts";
import { frameMessage, LinkDecoder, OP, type SmpHeader, smpHeader, smpMessage } from "./link.ts";

const READ = { operation: OP.read, group: 64, id: 8, body: {} };

function setUp() {
  const [host, peer] = duplexPair();
  const asked: SmpHeader[] = [];
  const decoder = new LinkDecoder((message) => asked.push(smpHeader(message)));
  peer.on("data", (bytes: Buffer) => decoder.push(bytes));
  const answer = (header: SmpHeader, body: Record<string, unknown>): void => {
    peer.write(frameMessage(smpMessage(header, body)));
  };
  return { host, channel: new Channel(host), asked, answer };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test("an answer counts only for its own request: number, group, id and operation", async () => {
  const { channel, asked, answer } = setUp();
  let done: unknown;
  void channel.exchange(READ).then((body) => {
    done = body;
  });
  await turn();
  const header = { ...(asked[0] as SmpHeader), operation: OP.readResponse };
  answer({ ...header, sequence: (header.sequence + 1) & 255 }, { wrong: "number" });
  answer({ ...header, group: 0 }, { wrong: "group" });
  answer({ ...header, id: 9 }, { wrong: "id" });
  answer({ ...header, operation: OP.writeResponse }, { wrong: "operation" });
  await turn();
  expect(done).toBeUndefined();
  answer(header, { right: 1 });
  answer(header, { late: 1 });
  await turn();
  expect(done).toEqual({ right: 1 });
});

test("an overtaken request is lost at once, one that nothing follows after a silence", async () => {
  const { channel, asked, answer } = setUp();
  const outcomes = [channel.exchange(READ), channel.exchange(READ), channel.exchange(READ)];
  await turn();
  answer({ ...(asked[1] as SmpHeader), operation: OP.readResponse }, { n: 1 });
  expect(await outcomes[0]).toBe("overtaken");
  expect(await outcomes[1]).toEqual({ n: 1 });
  expect(await outcomes[2]).toBe("silence");
  expect(channel.counts).toMatchObject({ requests: 3, lost: 2 });
});

test("a number is used again only after all others", () => {
  const { channel } = setUp();
  const numbers = Array.from({ length: 512 }, () => channel.nextSequence());
  expect(new Set(numbers.slice(0, 256)).size).toBe(256);
  expect(numbers.slice(256)).toEqual(numbers.slice(0, 256));
});

test("a body that is no map is not an answer", async () => {
  const { host, channel, asked } = setUp();
  const outcome = channel.exchange(READ);
  await turn();
  const { sequence } = asked[0] as SmpHeader;
  host.push(frameMessage(Buffer.from([9, 0, 0, 1, 0, 64, sequence, 8, 0x80])));
  expect(await outcome).toBe("silence");
  expect(channel.counts.broken).toBe(1);
});

test("a stream that closed, or was closed before, rejects", async () => {
  const { host, channel } = setUp();
  const outcome = channel.exchange(READ);
  host.destroy();
  await expect(outcome).rejects.toThrow("closed");
  await expect(new Channel(host).exchange(READ)).rejects.toThrow("closed");
});

test("asks again under the same number until answered; a late response to the first try counts", async () => {
  const { channel, asked, answer } = setUp();
  const outcome = channel.ask(READ, 10_000);
  while (asked.length < 2) await turn();
  const [first, second] = asked as [SmpHeader, SmpHeader];
  expect(second.sequence).toBe(first.sequence);
  answer({ ...first, operation: OP.readResponse }, { n: 1 });
  expect(await outcome).toEqual({ n: 1 });
  expect(channel.counts).toMatchObject({ requests: 2, lost: 1, repeated: 1 });
});

test("gives up when the time is over", async () => {
  const { host } = setUp();
  const hasty = new Channel(host, { patience: { first: 10, least: 10, most: 10, doubled: 20 } });
  expect(await hasty.ask(READ, 60)).toBeUndefined();
  // After 10 ms, then every 20; on a slow day fewer, but it does ask again.
  expect(hasty.counts.requests).toBeGreaterThanOrEqual(2);
  expect(hasty.counts.requests).toBeLessThan(6);
});

test("an aborted request rejects with the reason, and its late response is nobody's", async () => {
  const { channel, asked, answer } = setUp();
  const controller = new AbortController();
  const outcome = channel.exchange(READ, { signal: controller.signal });
  await turn();
  controller.abort(new Error("enough"));
  await expect(outcome).rejects.toThrow("enough");
  await expect(channel.exchange(READ, { signal: controller.signal })).rejects.toThrow("enough");
  answer({ ...(asked[0] as SmpHeader), operation: OP.readResponse }, { late: 1 });
  const next = channel.exchange(READ);
  await turn();
  expect(asked).toHaveLength(2);
  answer({ ...(asked[1] as SmpHeader), operation: OP.readResponse }, { n: 2 });
  expect(await next).toEqual({ n: 2 });
  expect(channel.counts.lost).toBe(0);
});

test("a closed channel lets go of the stream", async () => {
  const [host] = duplexPair();
  const listeners = () => host.eventNames().map((event) => [event, host.listenerCount(event)]);
  const before = listeners();
  const channel = new Channel(host);
  const outcome = channel.exchange(READ);
  expect(listeners()).not.toEqual(before);
  channel.close(new Error("done with it"));
  await expect(outcome).rejects.toThrow("done with it");
  expect(listeners()).toEqual(before);
});
