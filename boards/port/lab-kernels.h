/* Kernels of the image written in C, to tell what compiling WebAssembly costs (docs/benchmarks.md): the lab firmware runs them. */
#ifndef KANMON_LAB_KERNELS_H
#define KANMON_LAB_KERNELS_H

#include <stdint.h>

#define KERNEL_SHA256 0u  /* of the 64 KB at `data`: assembly/pec/sha256.ts */

/** Runs a kernel over `bytes` at `data`; the result depends on all that it computed. 0 if there is no such kernel, or too little data. */
uint32_t lab_kernel(uint32_t kernel, const uint8_t *data, uint32_t bytes);

#endif
