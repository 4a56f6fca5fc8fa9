// SMP group 1 against the two slots of as-pect.config.js: each answer byte for byte, in deterministic CBOR with mcumgr's keys only.
import { ANSWER, MESSAGE_BYTES } from "../link/buffers";
import { OP_READ, OP_WRITE, smpTake } from "../link/smp";
import { FRAMING_COBS } from "../link/transmit";
import { imageMessage } from "../update/image";
import { rcOfImage } from "../update/rc";
import { slotFree, slotOfHash, slotRunning } from "../update/slots";
import { hex } from "./hex";
import { put } from "./link-bytes";

const MESSAGE: usize = memory.data(MESSAGE_BYTES);
const BYTES: usize = memory.data(64);

/** Asks group 1; the body of the answer in hexadecimal. */
function ask(operation: i32, id: i32, body: string): string {
  store<u8>(MESSAGE, (8 | operation) as u8);
  store<u16>(MESSAGE, bswap<u16>(1), 4);
  store<u8>(MESSAGE, id as u8, 7);
  const length = put(MESSAGE + 8, body);
  smpTake(MESSAGE);
  imageMessage(MESSAGE + 8, MESSAGE + 8 + (length as usize), FRAMING_COBS);
  return hex(ANSWER + 8, bswap<u16>(load<u16>(ANSWER, 2)) as i32);
}

const IMAGES = "a166696d6167657382";
const EMPTY = "a0";

function refused(rc: string): string {
  return "a163657272a2627263" + rc + "6567726f757001";
}

function filled(byte: string, count: i32): string {
  return byte.repeat(count);
}

/** An upload's first request: len, off 0, sha, data that begins with an image's header of the version given. */
function first(len: string, sha: string, magic: string, version: string, more: string = ""): string {
  const pairs = more.length ? "a5" : "a4";
  const data = magic + filled("00", 16) + version + filled("00", 4);
  return pairs + "636c656e" + len + "636f666600" + "63736861" + sha + "6464617461" + "5820" + data + more;
}
const MAGIC = "3db8f396";
const VERSION_2 = "0200000000000000";
const SHA = "5820" + "cc".repeat(32);
const LEN = "1a00010000";

describe("image state", () => {
  it("lists both slots", () => {
    const image = (hash: string, slot: string, active: string, bootable: string, confirmed: string): string =>
      "a8" +
      "64686173685820" +
      filled(hash, 32) +
      "64736c6f74" +
      slot +
      "66616374697665" +
      active +
      "6770656e64696e67f4" +
      "6776657273696f6e67312e322e332e34" +
      "68626f6f7461626c65" +
      bootable +
      "69636f6e6669726d6564" +
      confirmed +
      "697065726d616e656e74f4";
    expect(ask(OP_READ, 0, EMPTY)).toBe(
      IMAGES + image("aa", "00", "f5", "f5", "f5") + image("bb", "01", "f4", "f4", "f4"),
    );
  });

  it("refuses to test what would not boot, with the reason", () => {
    expect(ask(OP_WRITE, 0, "a164686173685820" + filled("bb", 32))).toBe(refused("1841"));
  });

  it("refuses to test what runs, an unknown hash, a short one, and none", () => {
    expect(ask(OP_WRITE, 0, "a164686173685820" + filled("aa", 32))).toBe(refused("1821"));
    expect(ask(OP_WRITE, 0, "a164686173685820" + filled("dd", 32))).toBe(refused("08"));
    expect(ask(OP_WRITE, 0, "a1646861736844" + filled("aa", 4))).toBe(refused("1818"));
    expect(ask(OP_WRITE, 0, EMPTY)).toBe(refused("1818"));
  });

  it("confirms the running image, named or not, and answers with the list", () => {
    expect(ask(OP_WRITE, 0, "a167636f6e6669726df5").startsWith(IMAGES)).toBe(true);
    const named = "a2" + "64686173685820" + filled("aa", 32) + "67636f6e6669726df5";
    expect(ask(OP_WRITE, 0, named).startsWith(IMAGES)).toBe(true);
  });
});

describe("upload", () => {
  it("goes on where the same upload was broken off", () => {
    expect(ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, VERSION_2))).toBe("a1636f6666191000");
    // At the wanted offset it writes, elsewhere it says what is wanted.
    expect(ask(OP_WRITE, 1, "a2636f6666191000" + "6464617461" + "4401020304")).toBe("a1636f6666191004");
    expect(ask(OP_WRITE, 1, "a2636f6666192000" + "6464617461" + "4401020304")).toBe("a1636f6666191004");
  });

  it("refuses more than was announced", () => {
    ask(OP_WRITE, 1, first("191002", SHA, MAGIC, VERSION_2));
    expect(ask(OP_WRITE, 1, "a2636f6666191000" + "6464617461" + "4401020304")).toBe(refused("181f"));
  });

  it("tells a failed flash, and must be begun anew", () => {
    ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, VERSION_2));
    expect(ask(OP_WRITE, 1, "a2636f6666191000" + "6464617461" + "4d" + filled("01", 13))).toBe(refused("0c"));
    expect(ask(OP_WRITE, 1, "a2636f6666191000" + "6464617461" + "4401020304")).toBe("a1636f666600");
  });

  it("refuses what is malformed, each with its code", () => {
    expect(ask(OP_WRITE, 1, EMPTY)).toBe(refused("14"));
    expect(ask(OP_WRITE, 1, "a1636f666600")).toBe("a162726303");
    expect(ask(OP_WRITE, 1, first("20", SHA, MAGIC, VERSION_2))).toBe(refused("15"));
    expect(ask(OP_WRITE, 1, first(LEN, "44cccccccc", MAGIC, VERSION_2))).toBe(refused("1818"));
    expect(ask(OP_WRITE, 1, first("05", SHA, MAGIC, VERSION_2))).toBe(refused("16"));
    expect(ask(OP_WRITE, 1, first(LEN, SHA, "00000000", VERSION_2))).toBe(refused("17"));
    expect(ask(OP_WRITE, 1, first("1a00020001", SHA, MAGIC, VERSION_2))).toBe(refused("181e"));
    expect(ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, VERSION_2, "65696d61676502"))).toBe(refused("0e"));
  });

  it("takes with upgrade only what is newer than the running image", () => {
    const upgrade = "6775706772616465f5";
    expect(ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, VERSION_2, upgrade))).toBe("a1636f6666191000");
    expect(ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, "0102030009000000", upgrade))).toBe(refused("181b"));
    expect(ask(OP_WRITE, 1, first(LEN, SHA, MAGIC, "0102040000000000", upgrade))).toBe("a1636f6666191000");
  });
});

describe("erase and slot info", () => {
  it("erases the free slot, or the one that is named", () => {
    expect(ask(OP_WRITE, 5, EMPTY)).toBe(EMPTY);
    expect(ask(OP_WRITE, 5, "a164736c6f7401")).toBe(EMPTY);
    expect(ask(OP_WRITE, 5, "a164736c6f7400")).toBe(refused("09"));
    expect(ask(OP_WRITE, 5, "a164736c6f7402")).toBe(refused("0e"));
  });

  it("gives sizes", () => {
    const slot = (n: string): string => "a2" + "6473697a651a00020000" + "64736c6f74" + n;
    expect(ask(OP_READ, 6, EMPTY)).toBe(
      "a166696d6167657381a3" +
        "65696d61676500" +
        "65736c6f747382" +
        slot("00") +
        slot("01") +
        "6e6d61785f696d6167655f73697a651a00020000",
    );
  });

  it("knows no other command", () => {
    expect(ask(OP_READ, 1, EMPTY)).toBe("a162726308");
    expect(ask(OP_WRITE, 6, EMPTY)).toBe("a162726308");
  });
});

describe("slots", () => {
  it("are found by state and hash", () => {
    expect(slotRunning()).toBe(0);
    memory.fill(BYTES, 0xbb, 32);
    expect(slotOfHash(BYTES)).toBe(1);
    expect(slotFree(0)).toBe(1);
  });

  it("have a result code for each reason that an image does not boot", () => {
    expect(rcOfImage(1)).toBe(3);
    expect(rcOfImage(6)).toBe(27);
    expect(rcOfImage(9)).toBe(11);
    expect(rcOfImage(10)).toBe(1);
    expect(rcOfImage(-1)).toBe(1);
  });
});
