// The lab's calls in V8, where they are given what they do not take.
import { expect, it } from "vitest";
import { loadImage } from "../evaluate/image.ts";
import { MODALITIES } from "../evaluate/modality.ts";
import { loadBoard } from "../firmware/board.ts";
import { formOf } from "../form.ts";
import { labInV8 } from "./v8.ts";

it("takes no parts of a stack where frames are none", async () => {
  const lab = labInV8(loadImage().bytes, loadBoard("native_sim"));
  await lab.call("lab_frame", MODALITIES.face.id, 320, 240, formOf({ kind: "phase-gray" }));
  const { result: at } = await lab.call("lab_frame", MODALITIES.iris.id, 320, 240, 0);
  await lab.put(at, new Uint8Array(320 * 240).fill(0xff));
  expect((await lab.call("lab_feed", 4096)).result | 0).toBe(-1);
  expect(await lab.get(at, 320 * 240)).toEqual(new Uint8Array(320 * 240).fill(0xff));
});
