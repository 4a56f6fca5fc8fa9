// Reads any picture that a camera or a data set uses into grey samples. The format is told by the file's first bytes, never its name.
// PNG, JPEG and TIFF go through sharp (libvips); BMP and Netpbm, which its build lacks, through our own strict readers.
import { readFile, stat } from "node:fs/promises";
import { decodeBmp } from "./bmp.ts";
import { decodeCoded } from "./coded.ts";
import { LIMITS, type Picture, pictureError } from "./picture.ts";
import { decodePnm } from "./pnm.ts";

const FORMATS: {
  name: string;
  magic: number[];
  decode?: (bytes: Buffer, name: string) => Picture | Promise<Picture>;
}[] = [
  { name: "PNG", magic: [0x89, 0x50, 0x4e, 0x47], decode: decodeCoded },
  { name: "JPEG", magic: [0xff, 0xd8, 0xff], decode: decodeCoded },
  { name: "TIFF", magic: [0x49, 0x49, 0x2a, 0x00], decode: decodeCoded },
  { name: "TIFF", magic: [0x4d, 0x4d, 0x00, 0x2a], decode: decodeCoded },
  { name: "BMP", magic: [0x42, 0x4d], decode: decodeBmp },
  ...[0x32, 0x33, 0x35, 0x36].map((digit) => ({ name: "PNM", magic: [0x50, digit], decode: decodePnm })),
  { name: "a bitmap of one bit (PBM)", magic: [0x50, 0x31] },
  { name: "a bitmap of one bit (PBM)", magic: [0x50, 0x34] },
  { name: "JPEG 2000", magic: [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50] },
  { name: "JPEG 2000", magic: [0xff, 0x4f, 0xff, 0x51] },
  { name: "GIF", magic: [0x47, 0x49, 0x46, 0x38] },
  { name: "WebP or another RIFF file", magic: [0x52, 0x49, 0x46, 0x46] },
];

/**
 * Reads the picture at `path`: grey, 8 or 16 bits as the file has them, colour by luma, alpha and EXIF orientation ignored, first page.
 * Refuses, before decoding, what is smaller or larger than LIMITS; throws a KanmonError `KAN-PICTURE-…` that names the file.
 */
export async function readPicture(path: string): Promise<Picture> {
  return decodePicture(await readBytes(path), path);
}

/** Decodes the bytes of a picture file; `name` is what errors call it. */
export async function decodePicture(bytes: Buffer, name: string): Promise<Picture> {
  if (bytes.length === 0) throw pictureError("EMPTY", name, "the file is empty");
  const format = FORMATS.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
  if (format?.decode === undefined) {
    throw pictureError("FORMAT", name, format ? `${format.name} is not read` : "not a picture of a known format");
  }
  return await format.decode(bytes, name);
}

async function readBytes(path: string): Promise<Buffer> {
  const refuse = (error: NodeJS.ErrnoException): never => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR")
      throw pictureError("MISSING", path, "there is no such file");
    throw pictureError("FILE", path, `cannot be read (${error.code})`);
  };
  // Asked before opening: to open a pipe would wait for its writer.
  const found = await stat(path).catch(refuse);
  if (!found.isFile()) throw pictureError("FILE", path, found.isDirectory() ? "is a folder" : "is not a plain file");
  if (found.size > LIMITS.bytes) throw pictureError("SIZE", path, `${found.size} bytes are too many`);
  return await readFile(path).catch(refuse);
}
