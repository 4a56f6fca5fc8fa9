/*
 * Multiples of Ed25519's base point without the table of 30 KB that the npm package has for them: flash is dearer on a microcontroller
 * than the few million instructions that a signature takes longer. The linker puts this in place of ge_scalarmult_base (--wrap, in
 * sources.json). Double and always add, the addend chosen without branches or addresses that depend on the scalar.
 */
#include "ge.h"

void __wrap_ge_scalarmult_base(ge_p3 *h, const unsigned char *a);

/* Minus the base point (RFC 8032 section 5.1), as ge_frombytes_negate_vartime negates. */
static const unsigned char minus_base[32] = {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                             0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                             0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0xe6};

/** The neutral element, or the point if `bit` is 1. */
static void choose(ge_cached *out, const ge_cached *point, unsigned int bit) {
  fe_1(out->YplusX);
  fe_1(out->YminusX);
  fe_1(out->Z);
  fe_0(out->T2d);
  fe_cmov(out->YplusX, point->YplusX, bit);
  fe_cmov(out->YminusX, point->YminusX, bit);
  fe_cmov(out->Z, point->Z, bit);
  fe_cmov(out->T2d, point->T2d, bit);
}

/** h = a B; a is 32 bytes, little-endian, below 2^255. */
void __wrap_ge_scalarmult_base(ge_p3 *h, const unsigned char *a) {
  ge_p3 base;
  ge_cached point;
  ge_cached addend;
  ge_p1p1 sum;
  (void)ge_frombytes_negate_vartime(&base, minus_base); /* a constant: it is on the curve */
  ge_p3_to_cached(&point, &base);
  ge_p3_0(h);
  for (int i = 254; i >= 0; i--) {
    ge_p3_dbl(&sum, h);
    ge_p1p1_to_p3(h, &sum);
    choose(&addend, &point, ((unsigned int)a[i / 8] >> (i % 8)) & 1u);
    ge_add(&sum, h, &addend);
    ge_p1p1_to_p3(h, &sum);
  }
}
