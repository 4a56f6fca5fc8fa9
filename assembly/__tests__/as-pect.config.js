// Runs the image's unit tests: each *.spec.ts is compiled with as-pect and given a board with no flash and a fixed clock.
import { createHash, createHmac } from "node:crypto";

export default {
  entries: ["assembly/__tests__/**/*.spec.ts"],
  include: [],
  disclude: [/node_modules/],
  outputBinary: false,
  async instantiate(memory, createImports, instantiate, binary) {
    let module;
    const bytes = (pointer, length) => new Uint8Array((module.exports?.memory ?? memory).buffer, pointer, length);
    const board = {
      transmit: (_pointer, length) => length,
      flash_read: () => -1,
      flash_write: () => -1,
      flash_erase: () => -1,
      random: (pointer, length) => {
        for (let i = 0; i < length; i += 32)
          bytes(pointer + i, Math.min(32, length - i)).set(
            createHash("sha256")
              .update(`${i}`)
              .digest()
              .subarray(0, Math.min(32, length - i)),
          );
        return 0;
      },
      micros: () => 0n,
      sign: () => -1,
      verify: () => -1,
      public_key: () => -1,
      derive_key: (context, length, out) => {
        bytes(out, 32).set(createHmac("sha256", "unit tests").update(bytes(context, length)).digest());
        return 0;
      },
      counter: (floor) => floor,
      image_digest: () => -1,
      board_info: () => -1,
      slot_info: () => -1,
      slot_begin: () => -1,
      slot_write: () => -1,
      slot_mark: () => -1,
      reset: () => {},
      trace: () => {},
    };
    module = await instantiate(binary, createImports({ env: { memory }, board }));
    return module;
  },
};
