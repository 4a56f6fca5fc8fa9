/*
 * The data flash, in a file, under the rules of NOR flash: units are programmed once between erases, erased bytes are 0xFF. An
 * operation is one write of the file, so killing the process leaves it done or not done. The file is locked: one board, one flash.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board-config.h"
#include "native.h"
#include "port.h"

#define ERASED 0xFFu

static int file = -1;
static bool on_disk;
static const uint8_t *map;

static bool inside(uint32_t address, uint32_t len, uint32_t whole) {
  return len <= FLASH_BYTES && address <= FLASH_BYTES - len && address % whole == 0u && len % whole == 0u;
}

/** Writes all, and to the disk if so wanted. */
static int32_t put(int to, const uint8_t *data, uint32_t len, uint32_t address) {
  for (uint32_t done = 0; done < len;) {
    const ssize_t took = pwrite(to, &data[done], len - done, (off_t)(address + done));
    if (took <= 0) return -1;
    done += (uint32_t)took;
  }
  return on_disk && fdatasync(to) != 0 ? -1 : 0;
}

static int32_t put_erased(int to, uint32_t address, uint32_t len) {
  static uint8_t sector[FLASH_SECTOR_BYTES];
  (void)memset(sector, (int)ERASED, sizeof sector);
  for (uint32_t done = 0; done < len; done += FLASH_SECTOR_BYTES) {
    if (put(to, sector, FLASH_SECTOR_BYTES, address + done) != 0) return -1;
  }
  return 0;
}

/** Makes an erased flash beside `path` and gives it the name when it is whole, so that a full disk leaves nothing there. */
static void make(const char *path) {
  char beside[PATH_MAX];
  const int length = snprintf(beside, sizeof beside, "%s.new", path);
  if (length < 0 || (size_t)length >= sizeof beside) fail(EXIT_INPUT, path, "the name is too long");
  const int made = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (made < 0) fail(EXIT_INPUT, path, strerror(errno));
  if (put_erased(made, 0, FLASH_BYTES) != 0 || fsync(made) != 0 || rename(beside, path) != 0) {
    const int why = errno;
    (void)unlink(beside);
    fail(EXIT_INPUT, path, strerror(why));
  }
  (void)close(made);
}

void flash_file_open(const char *path, bool sync) {
  struct stat facts;
  on_disk = sync;
  if (stat(path, &facts) != 0 && errno == ENOENT) make(path);
  file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0 || fstat(file, &facts) != 0) fail(EXIT_INPUT, path, strerror(errno));
  if (!S_ISREG(facts.st_mode) || facts.st_size != (off_t)FLASH_BYTES) {
    fail(EXIT_INPUT, path, "is not a flash of this board: its size is wrong; remove it to start with a blank board");
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) fail(EXIT_INPUT, path, "is in use by another native_sim");
  void *mapped = mmap(NULL, FLASH_BYTES, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) fail(EXIT_INPUT, path, strerror(errno));
  map = mapped;
}

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  if (!inside(address, len, 1)) return -1;
  return pread(file, out, len, (off_t)address) == (ssize_t)len ? 0 : -1;
}

int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len) {
  if (!inside(address, len, FLASH_UNIT_BYTES)) return -1;
  for (uint32_t i = 0; i < len; i++) {
    if (map[address + i] != ERASED) return -1;
  }
  return put(file, data, len, address);
}

int32_t port_flash_erase(uint32_t address, uint32_t len) {
  return inside(address, len, FLASH_SECTOR_BYTES) ? put_erased(file, address, len) : -1;
}

const uint8_t *port_flash_map(uint32_t address) { return &map[address]; }
