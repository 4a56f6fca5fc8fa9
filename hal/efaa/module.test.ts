// The driver over a virtual serial line with the simulated module on its far end: flows, faults of line and module, and that no lost, late or
// doubled reply ever decides a question it was not the answer to.
import { afterEach, describe, expect, test } from "vitest";
import { openSimulatedEfaa, type SimulatedEfaa } from "../sim/simulated-efaa.ts";
import { FAMILIES, type Family } from "./dialects.ts";
import { COMMAND } from "./messages.ts";
import { EfaaModule } from "./module.ts";

/** Waiting is shortened so far, the module's by its square: a time-out of 10 s takes 0.2 s, for which the driver would wait 2 s. */
const PACE = 0.15;
const open: SimulatedEfaa[] = [];
async function start(family: Family = "hlk-fm22x", kind?: "pty" | "mock"): Promise<SimulatedEfaa> {
  const rig = await openSimulatedEfaa(family, kind, PACE);
  open.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of open.splice(0)) await rig.close();
});

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: { code?: unknown; name?: unknown }) => error.code ?? error.name,
  );
const times = (rig: SimulatedEfaa, command: number): number => rig.module.heard.filter((id) => id === command).length;

/** Enrols a person; returns their id. */
async function enrolled(rig: SimulatedEfaa, person: number, modality: "face" | "palm" = "face"): Promise<number> {
  rig.module.present({ person, modality });
  const outcome = await rig.matcher.enroll({ modality, name: `person ${person}` });
  return outcome.enrolled ? outcome.id : -1;
}

describe.each(FAMILIES)("%s", (family) => {
  test("says what it is, and claims nothing", async () => {
    const { matcher } = await start(family);
    expect(matcher.capabilities).toMatchObject({
      matching: "on-module",
      template_protection: "none claimed",
      frames: false,
    });
    expect((await matcher.identify()).firmware).toMatch(/^SIM-/);
  });

  test("enrols, accepts, refuses, lists and deletes", async () => {
    const rig = await start(family);
    const { matcher, module } = rig;
    expect(await matcher.verify({ timeout_s: 1 })).toEqual({ matched: false, reason: "timeout" });
    const [one, two] = [await enrolled(rig, 1), await enrolled(rig, 2)];
    expect(two).toBe(one + 1);
    expect(await matcher.verify()).toEqual({
      matched: true,
      id: two,
      name: "person 2",
      admin: false,
      modality: "face",
    });
    module.present({ person: 3 });
    expect((await matcher.verify()).matched).toBe(false);
    expect((await matcher.list())[0]).toEqual({ modality: "face", count: 2, ids: [one, two] });
    expect(await matcher.delete(two)).toBe(true);
    expect(await matcher.delete(two)).toBe(false);
    module.present({ person: 2 });
    expect((await matcher.verify()).matched).toBe(false);
    await matcher.deleteAll();
    expect((await matcher.list())[0]).toMatchObject({ count: 0, ids: [] });
  });

  test("an answer that is no, with its reason: enrolled already, an attack, nobody", async () => {
    const rig = await start(family);
    const { matcher, module } = rig;
    await enrolled(rig, 1);
    const again = { modality: "face", name: "again" } as const;
    expect(await matcher.enroll(again)).toEqual({ enrolled: false, reason: "already_enrolled" });
    module.present({ person: 1, live: false });
    expect(await matcher.verify()).toEqual({ matched: false, reason: "not_live" });
    module.present({ person: 1, state: 6 });
    const hints: string[] = [];
    const late = await matcher.verify({ timeout_s: 1, onHint: (hint) => hints.push(hint) });
    expect(late).toEqual({ matched: false, reason: "timeout" });
    expect(new Set(hints)).toEqual(new Set(["too_far"]));
  });

  test("what the family cannot do is said before anything is sent", async () => {
    const { matcher, module } = await start(family);
    const bad = [
      () => matcher.enroll({ modality: "iris", name: "a" }),
      () => matcher.enroll({ modality: "palm", name: "a", poses: "all" }),
      ...["", "x".repeat(33), "a\nb"].map((name) => () => matcher.enroll({ modality: "face", name })),
      () => matcher.verify({ timeout_s: 0 }),
      () => matcher.verify({ timeout_s: 256 }),
      () => matcher.delete(-1),
      () => matcher.delete(40_000),
    ];
    for (const call of bad) expect(await codeOf(call())).toBe("KAN-MODULE-INPUT");
    expect(module.heard).toEqual([]);
  });
});

describe("what one family alone has", () => {
  test("palms: ids of their own, counted and not listed, told apart from faces", async () => {
    const rig = await start("dfrobot-biometric");
    const { matcher, module } = rig;
    expect(await enrolled(rig, 1)).toBe(1);
    expect(await enrolled(rig, 1, "palm")).toBe(501);
    expect(await matcher.verify()).toMatchObject({ matched: true, id: 501, modality: "palm" });
    module.present({ person: 1, eyesClosed: true });
    expect(await matcher.verify()).toMatchObject({ matched: true, id: 1, modality: "face" });
    expect(await matcher.list()).toEqual([
      { modality: "face", count: 1, ids: [1] },
      { modality: "palm", count: 1 },
    ]);
    expect(await matcher.delete(501)).toBe(true);
    const hints: string[] = [];
    const outcome = await matcher.enroll({ modality: "palm", name: "p", timeout_s: 1, onHint: (h) => hints.push(h) });
    expect(outcome).toEqual({ enrolled: false, reason: "timeout" });
    expect(hints).toContain("no_face");
  });

  test("poses: the id comes with the last; somebody else's head in between spoils it, and nothing of it stays", async () => {
    const { matcher, module } = await start();
    module.present({ person: 1 });
    const request = { modality: "face", name: "a", poses: "all", timeout_s: 2 } as const;
    expect(await matcher.enroll(request)).toEqual({ enrolled: true, id: 0 });
    module.present({ person: 2 });
    const spoiled = await matcher.enroll({
      ...request,
      onPose: (pose) => pose === "up" && module.present({ person: 3 }),
    });
    expect(spoiled).toEqual({ enrolled: false, reason: "timeout" });
    expect(module.heard.at(-1)).toBe(COMMAND.forgetPoses);
    expect(await matcher.enroll(request)).toEqual({ enrolled: true, id: 1 });
    expect(module.users.find(3, "face")).toBe(1);
  });

  test.each([
    ["the module is in a state of error", 2, "KAN-MODULE-STATE"],
    ["whoever tells the poses fails", undefined, "Error"],
  ])("poses that end between two of them do not join the next person's either: %s", async (_, status, code) => {
    const { matcher, module } = await start();
    module.present({ person: 1 });
    const request = { modality: "face", name: "a", poses: "all", timeout_s: 2 } as const;
    const onPose = (pose: string): void => {
      module.faults.status = status;
      if (pose === "left") throw new Error("the loudspeaker is broken");
    };
    expect(await codeOf(matcher.enroll({ ...request, onPose }))).toBe(code);
    module.faults.status = undefined;
    expect(module.heard.at(-1)).toBe(COMMAND.forgetPoses);
    module.present({ person: 2 });
    expect(await matcher.enroll(request)).toEqual({ enrolled: true, id: 0 });
  });

  test("a module that knows only what its driver sends: no version, no reset, flows end by their own time-out", async () => {
    const rig = await start("dfrobot-biometric");
    const { matcher, module } = rig;
    module.knowsUnconfirmed = false;
    expect(await matcher.identify()).toEqual({ vendor: "DFRobot", family: "dfrobot-biometric" });
    await expect(matcher.reset()).rejects.toMatchObject({
      code: "KAN-MODULE-NO-ANSWER",
      help: expect.stringContaining("No public source"),
    });
    const id = await enrolled(rig, 1);
    module.present(undefined);
    const end = new AbortController();
    await codeOf(matcher.verify({ timeout_s: 10, signal: end.signal, onHint: () => end.abort() }));
    // Still at it: the next flow waits for its end, and only then begins.
    let begun = false;
    const onHint = (): void => {
      if (!begun) module.present({ person: 1 });
      begun = true;
    };
    expect(await matcher.verify({ onHint })).toMatchObject({ matched: true, id });
  });
});

describe("replies lost, late and doubled", () => {
  test("reads are asked again", async () => {
    const rig = await start();
    const { matcher, module } = rig;
    const id = await enrolled(rig, 1);
    module.faults.dropReplies = 2;
    expect(await matcher.list()).toEqual([{ modality: "face", count: 1, ids: [id] }]);
    expect(matcher.line.repeated).toBe(2);
  });

  test("what was deleted and not heard of is not 'nobody had that id'", async () => {
    const rig = await start();
    const { matcher, module } = rig;
    const id = await enrolled(rig, 1);
    Object.assign(module.faults, { dropReplies: 1, onlyTo: COMMAND.deleteUser });
    expect(await matcher.delete(id)).toBe(true);
    expect(times(rig, COMMAND.deleteUser)).toBe(2);
  });

  test.each(["verify", "enroll"] as const)("%s is asked once, and the module is stopped", async (flow) => {
    const rig = await start();
    const { matcher, module } = rig;
    module.present({ person: 1 });
    Object.assign(module.faults, { dropReplies: 1, onlyTo: COMMAND[flow] });
    const running = matcher[flow]({ modality: "face", name: "a", timeout_s: 1 });
    await expect(running).rejects.toMatchObject({ code: "KAN-MODULE-NO-ANSWER" });
    expect(times(rig, COMMAND[flow])).toBe(1);
    expect(times(rig, COMMAND.reset)).toBeGreaterThan(0);
    if (flow === "enroll") expect((await matcher.list())[0]?.count).toBe(1);
  });

  test("a late match does not decide the next question", async () => {
    const rig = await start();
    const { matcher, module } = rig;
    await enrolled(rig, 1);
    Object.assign(module.faults, { holdReplies: 1, onlyTo: COMMAND.verify });
    const held = matcher.verify({ timeout_s: 1 });
    expect(await codeOf(held)).toBe("KAN-MODULE-NO-ANSWER");
    module.present({ person: 2 });
    expect(await matcher.verify()).toEqual({ matched: false, reason: "no_match" });
    expect(matcher.line.stray).toBeGreaterThan(0);
  });

  test.each(["at once", "late"] as const)("nor does one that comes twice, %s", async (duplicate) => {
    const rig = await start();
    const { matcher, module } = rig;
    await enrolled(rig, 1);
    module.faults.duplicate = duplicate;
    for (let i = 0; i < 5; i++) {
      module.present({ person: 1 });
      expect((await matcher.verify()).matched).toBe(true);
      module.present({ person: 2 });
      expect((await matcher.verify()).matched).toBe(false);
    }
  });

  test("on a line that loses, doubles and flips bytes, nobody is taken for somebody else", async () => {
    const rig = await start("dfrobot-biometric");
    const { matcher, module } = rig;
    const ids = [await enrolled(rig, 0), await enrolled(rig, 1), await enrolled(rig, 2)];
    Object.assign(module.faults, { lost: 0.001, doubled: 0.001, flipped: 0.002 });
    let answered = 0;
    for (let i = 0; i < 20; i++) {
      const person = i % 4;
      module.present({ person });
      const outcome = await matcher.verify({ timeout_s: 1 }).catch((error: { code: string }) => error.code);
      if (typeof outcome === "string") expect(outcome).toMatch(/^KAN-MODULE-/);
      else if (outcome.matched) expect(outcome.id).toBe(ids[person]);
      if (typeof outcome === "object") answered++;
    }
    expect(answered).toBeGreaterThan(5);
    Object.assign(module.faults, { lost: 0, doubled: 0, flipped: 0 });
    module.present({ person: 1 });
    expect(await matcher.verify()).toMatchObject({ matched: true, id: ids[1] });
  });
});

describe("faults of the module and its line", () => {
  test("a silent module is told, and used again when it speaks", async () => {
    const { matcher, module } = await start();
    module.faults.silent = true;
    expect(await codeOf(matcher.list())).toBe("KAN-MODULE-NO-ANSWER");
    module.faults.silent = false;
    expect(await matcher.list()).toHaveLength(1);
  });

  test("a cable pulled in the middle of a flow, and use after that and after closing", async () => {
    const { matcher, line } = await start();
    const running = codeOf(matcher.verify({ timeout_s: 20, onHint: () => void line.unplug() }));
    expect(await running).toBe("KAN-MODULE-UNPLUGGED");
    expect(await codeOf(matcher.list())).toBe("KAN-MODULE-UNPLUGGED");
    const other = await start();
    await other.matcher.close();
    expect(await codeOf(other.matcher.list())).toBe("KAN-MODULE-CLOSED");
  });

  test("a restart in the middle of a flow is told; who was enrolled still is", async () => {
    const rig = await start();
    const { matcher, module } = rig;
    const id = await enrolled(rig, 1);
    module.present(undefined);
    let once = true;
    const onHint = (): void => {
      if (once) module.restart();
      once = false;
    };
    expect(await codeOf(matcher.verify({ timeout_s: 60, onHint }))).toBe("KAN-MODULE-RESTARTED");
    module.present({ person: 1 });
    expect(await matcher.verify()).toMatchObject({ matched: true, id });
  });

  test("an aborted flow stops the module and throws the signal's reason; a second flow meanwhile is refused", async () => {
    const rig = await start();
    const { matcher } = rig;
    const end = new AbortController();
    const reason = new Error("enough");
    const running = matcher.verify({ timeout_s: 60, signal: end.signal, onHint: () => end.abort(reason) });
    expect(await codeOf(matcher.list())).toBe("KAN-MODULE-BUSY");
    await expect(running).rejects.toBe(reason);
    expect(times(rig, COMMAND.reset)).toBe(1);
    expect(await matcher.list()).toHaveLength(1);
  });

  test("a module left in the middle by another host is stopped first", async () => {
    const { matcher, module, line } = await start("hlk-fm22x", "mock");
    void codeOf(matcher.verify({ timeout_s: 60 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await matcher.close();
    const port = await line.open();
    const next = new EfaaModule(port.stream, line.path, "hlk-fm22x", { closeStream: port.close, pace: PACE });
    module.present({ person: 1 });
    expect(await next.enroll({ modality: "face", name: "a" })).toMatchObject({ enrolled: true });
    await next.close();
  });

  test.each([
    [2, "KAN-MODULE-STATE"],
    [1, "KAN-MODULE-BUSY"],
  ])("a status of %i that stays is told as %s", async (status, code) => {
    const { matcher, module } = await start();
    module.faults.status = status;
    expect(await codeOf(matcher.verify())).toBe(code);
  });

  test("a module that keeps somebody although all were to be deleted is told on", async () => {
    const rig = await start();
    await enrolled(rig, 1);
    rig.module.users.clear = () => undefined;
    expect(await codeOf(rig.matcher.deleteAll())).toBe("KAN-MODULE-LEFT");
  });
});
