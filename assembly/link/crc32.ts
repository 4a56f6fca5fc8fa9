// CRC-32 of IEEE 802.3 (ISO-HDLC: reflected 0x04C11DB7, all ones in and out), four bytes a step with four tables
// ("slicing by 4", Kounavis and Berry, 2008). It guards each frame of the link and each entry of the flash journal.

const POLYNOMIAL: u32 = 0xedb88320;
const TABLES: usize = memory.data(4096, 4);

for (let i: u32 = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  store<u32>(TABLES + (i << 2), value);
}
for (let i: u32 = 0; i < 768; i++) {
  const before = load<u32>(TABLES + (i << 2));
  store<u32>(TABLES + (i << 2), (before >>> 8) ^ load<u32>(TABLES + ((before & 0xff) << 2)), 1024);
}

/** CRC-32 of `length` bytes at `at`; `before` is the CRC of what came before, so that parts can be added one by one. */
export function crc32(at: usize, length: i32, before: u32 = 0): u32 {
  let crc = ~before;
  const end = at + <usize>length;
  for (const last = at + <usize>(length & ~3); at < last; at += 4) {
    crc ^= load<u32>(at);
    crc =
      load<u32>(TABLES + ((crc & 0xff) << 2), 3072) ^
      load<u32>(TABLES + (((crc >>> 8) & 0xff) << 2), 2048) ^
      load<u32>(TABLES + (((crc >>> 16) & 0xff) << 2), 1024) ^
      load<u32>(TABLES + ((crc >>> 24) << 2));
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ load<u32>(TABLES + (((crc ^ load<u8>(at)) & 0xff) << 2));
  return ~crc;
}
