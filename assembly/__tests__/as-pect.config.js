// Runs the image's unit tests: each *.spec.ts is compiled with as-pect and given a board with no flash and a fixed clock.
import { createHash, createHmac } from "node:crypto";

// Two slots: A runs an image 1.2.3 (build 4) and is confirmed; B holds one whose signature is wrong, and 4,096 bytes of an upload.
const slots = [
  { flags: 1 | 2 | 4 | 16, status: 0, hash: 0xaa, received: 0 },
  { flags: 1, status: 5, hash: 0xbb, received: 4096 },
].map(({ flags, status, hash, received }) => {
  const facts = Buffer.alloc(96);
  facts.writeUInt32LE(flags, 0);
  facts.writeInt32LE(status, 4);
  facts.set([1, 2, 3, 0, 4], 8);
  facts.writeUInt32LE(131_072, 24);
  facts.writeUInt32LE(received, 28);
  facts.fill(hash, 32, 64);
  facts.fill(0xcc, 64);
  return facts;
});

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
      slot_info: (slot, out) => {
        if (!slots[slot]) return -1;
        bytes(out, 96).set(slots[slot]);
        return 0;
      },
      slot_begin: (slot, length) => (slot !== 1 ? -9 : length > 131_072 ? -30 : 4096),
      slot_write: (_slot, offset, _pointer, length) => (length === 13 ? -12 : offset + length),
      slot_mark: (slot, mark) => (slot === 0 && mark !== 2 ? -9 : 0),
      reset: () => {},
      trace: () => {},
    };
    module = await instantiate(binary, createImports({ env: { memory }, board }));
    return module;
  },
};
