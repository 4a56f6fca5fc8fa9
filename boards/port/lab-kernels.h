/* Kernels of the image written in C, to tell what compiling WebAssembly costs (docs/benchmarks.md): the lab firmware runs them. */
#ifndef KANMON_LAB_KERNELS_H
#define KANMON_LAB_KERNELS_H

#include <stdint.h>

#define KERNEL_SHA256 0u /* of the 64 KB at `at`, its first word: assembly/pec/sha256.ts */
#define KERNEL_FILL 1u   /* of the picture at `at`; the filled one, then its flags, behind it: assembly/vision/reconstruct.ts; pairs */
#define KERNEL_PUPILS 2u /* of the picture at `at`; the discs found (f32), behind it: seedPupils of assembly/iris/pupil.ts; 1 */

/** Linear memory from somewhere on; the size of the picture that is there. */
typedef struct {
  uint8_t *at;
  uint32_t bytes;
  uint32_t width;
  uint32_t height;
} lab_data_t;

/** Runs a kernel; the result, and what it leaves behind its data, depend on all that it computed. 0: no such kernel, or too little data. */
uint32_t lab_kernel(uint32_t kernel, const lab_data_t *data);

#endif
