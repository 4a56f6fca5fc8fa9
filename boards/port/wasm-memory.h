/* What a WASM module asks for as linear memory, read where it lies in flash (WebAssembly core specification 1.0, section 5.5). */
#ifndef KANMON_WASM_MEMORY_H
#define KANMON_WASM_MEMORY_H

#include <stdint.h>

#define WASM_PAGE_BYTES 65536u

/** Reads the minimum of the module's own memory, in pages. Status: negative, not a module with one memory, or it cannot be read. */
int32_t wasm_memory_minimum(uint32_t address, uint32_t bytes, uint32_t *pages);

#endif
