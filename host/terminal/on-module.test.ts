// A policy decides whether a module that matches by itself is used, and silence refuses: with the real driver and a simulated module, which
// hears nothing of what is refused.
import { afterEach, expect, test } from "vitest";
import { COMMAND } from "../../hal/efaa/messages.ts";
import { openSimulatedEfaa, type SimulatedEfaa } from "../../hal/sim/simulated-efaa.ts";
import { DEVELOPMENT_POLICY } from "../policy/development.ts";
import type { Policy } from "../policy/document.ts";
import { underPolicy } from "./on-module.ts";

const limits = { threshold: 1, identify_threshold: 1, samples: 1, quality: {} };
const policy = (modalities: Policy["modalities"]): Policy => ({ ...DEVELOPMENT_POLICY, modalities });
const FORBIDDEN = { code: "KAN-MODULE-POLICY", exit: 5 };

let rig: SimulatedEfaa;
async function start(): Promise<SimulatedEfaa> {
  rig = await openSimulatedEfaa("dfrobot-biometric", "mock", 0.15);
  rig.module.present({ person: 1 });
  return rig;
}
afterEach(() => rig.close());

test.each<[what: string, modalities: Policy["modalities"]]>([
  ["the development policy", DEVELOPMENT_POLICY.modalities],
  ["a policy without the modality", {}],
  ["one that permits the modality and does not say where it is matched", { face: limits, palm: limits }],
  ["one that says no", { face: { ...limits, on_module: false }, palm: { ...limits, on_module: false } }],
])(
  "%s refuses enrolment and verification before the module hears of them; deleting is never refused",
  async (_, modalities) => {
    const { matcher, module } = await start();
    const under = underPolicy(matcher, policy(modalities));
    await expect(under.enroll({ modality: "face", name: "a" })).rejects.toMatchObject(FORBIDDEN);
    await expect(under.verify()).rejects.toMatchObject({
      ...FORBIDDEN,
      help: expect.stringContaining("modalities.face.on_module and modalities.palm.on_module"),
    });
    expect(module.heard).toEqual([]);
    await under.deleteAll();
    await under.reset();
    expect((await under.list())[0]?.count).toBe(0);
    expect(module.heard).toContain(COMMAND.deleteAll);
  },
);

test("permitted for faces alone, a module that may match palms too enrols faces and does not verify", async () => {
  const { matcher } = await start();
  const under = underPolicy(matcher, policy({ face: { ...limits, on_module: true }, palm: limits }));
  expect(await under.enroll({ modality: "face", name: "a" })).toMatchObject({ enrolled: true });
  await expect(under.enroll({ modality: "palm", name: "a" })).rejects.toMatchObject(FORBIDDEN);
  await expect(under.verify()).rejects.toMatchObject({ ...FORBIDDEN, message: expect.stringContaining("palm") });
});

test("permitted for all it may match, it works", async () => {
  const { matcher } = await start();
  const permitted = { ...limits, on_module: true };
  const under = underPolicy(matcher, policy({ face: permitted, palm: permitted }));
  await under.enroll({ modality: "face", name: "a" });
  expect(await under.verify()).toMatchObject({ matched: true, name: "a" });
});
