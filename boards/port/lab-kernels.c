/* The image's kernels in C, as one would write them for the processor; compiled with -O3. */
#include "lab-kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "bytes.h"

#define SHA_INPUT 65536u

static uint32_t rotr(uint32_t x, uint32_t by) { return (x >> by) | (x << (32u - by)); }

/* FIPS 180-4, section 6.2.2, the message schedule in place. */
static void sha256_compress(uint32_t h[8], const uint8_t *block) {
  static const uint32_t k[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  uint32_t w[16];
  uint32_t v[8];
  for (uint32_t i = 0; i < 8u; i++) v[i] = h[i];
  for (uint32_t i = 0; i < 16u; i++) w[i] = __builtin_bswap32(get32(&block[4u * i]));
  for (uint32_t t = 0; t < 64u; t++) {
    if (t >= 16u) {
      const uint32_t w15 = w[(t + 1u) & 15u];
      const uint32_t w2 = w[(t + 14u) & 15u];
      w[t & 15u] += (rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3)) + w[(t + 9u) & 15u] +
                    (rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10));
    }
    const uint32_t e = v[4];
    const uint32_t t1 = v[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (v[6] ^ (e & (v[5] ^ v[6]))) + k[t] + w[t & 15u];
    const uint32_t a = v[0];
    const uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & v[1]) ^ (v[2] & (a ^ v[1])));
    v[7] = v[6];
    v[6] = v[5];
    v[5] = v[4];
    v[4] = v[3] + t1;
    v[3] = v[2];
    v[2] = v[1];
    v[1] = v[0];
    v[0] = t1 + t2;
  }
  for (uint32_t i = 0; i < 8u; i++) h[i] += v[i];
}

static uint32_t sha256_kernel(const uint8_t *data) {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t last[64] = {0x80};
  last[61] = (uint8_t)((SHA_INPUT * 8u) >> 16); /* the length in bits, big-endian */
  for (uint32_t at = 0; at < SHA_INPUT; at += 64u) sha256_compress(h, &data[at]);
  sha256_compress(h, last);
  return h[0];
}

/* ---- the fill ---- */

#define RUN 8
#define DOWN 1u
#define UP 2u
#define SKIPPED 6
#define FILL_PAIRS 16u

static uint32_t min_u(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t max_u(uint32_t a, uint32_t b) { return a > b ? a : b; }

static bool any(const uint8_t *flags) {
  uint64_t eight;
  (void)memcpy(&eight, flags, sizeof eight);
  return eight != 0u;
}

/* The highest of `v` and the three pixels about `p`, but no more than `ceiling`. */
static inline uint32_t raised(uint32_t ceiling, uint32_t v, const uint8_t *p) {
  v = max_u(v, p[0]);
  if (v >= ceiling) return ceiling;
  return min_u(ceiling, max_u(v, max_u(p[-1], p[1])));
}

/* The pixels of `m` under those of `s` up to `end`; the line before lies `before` bytes away. Bits that changed. */
static inline uint32_t raise_run(const uint8_t *s, const uint8_t *end, uint8_t *m, ptrdiff_t step, ptrdiff_t before) {
  uint32_t changed = 0;
  uint32_t v = m[-step];
  for (; s != end; s += step, m += step) {
    const uint32_t old = *m;
    const uint32_t ceiling = *s;
    if (old < ceiling) {
      v = raised(ceiling, max_u(v, old), m + before);
      changed |= v ^ old;
      *m = (uint8_t)v;
    } else {
      v = old;
    }
  }
  return changed;
}

static void first_pass(const uint8_t *source, ptrdiff_t width, ptrdiff_t height, uint8_t *filled) {
  for (ptrdiff_t y = 1; y < height - 1; y++) {
    const uint8_t *const s = &source[y * width];
    uint8_t *const m = &filled[y * width];
    uint32_t left = s[0];
    for (ptrdiff_t x = 1; x < width - 1; x++) {
      left = raised(s[x], left, &m[x - width]);
      m[x] = (uint8_t)left;
    }
  }
}

/* One pass downwards over the runs next to what changed. Bits that changed. */
static uint32_t pass_down(const uint8_t *source, ptrdiff_t width, ptrdiff_t height, uint8_t *filled, uint8_t *flags, ptrdiff_t stride) {
  uint32_t changed = 0;
  for (ptrdiff_t y = 1; y < height - 1; y++) {
    const uint8_t *const end = &source[(y + 1) * width - 1];
    uint8_t *f = &flags[y * stride];
    for (const uint8_t *s = &source[y * width + 1]; s < end; s += RUN) {
      if (!any(f) && !any(f - stride)) {
        f += SKIPPED;
        s += (SKIPPED - 1) * RUN;
        continue;
      }
      const uint8_t *const above = f - stride;
      const uint32_t dirty = (f[0] & 3u) | (f[1] & UP) | ((above[0] | above[1] | above[2]) & 3u);
      uint32_t bits = 0;
      f++;
      if (dirty != 0u) bits = raise_run(s, s + RUN < end ? s + RUN : end, &filled[s - source], 1, -width);
      changed |= bits;
      *f = (uint8_t)((*f & UP) | (bits != 0u ? DOWN : 0u));
    }
  }
  return changed;
}

static uint32_t pass_up(const uint8_t *source, ptrdiff_t width, ptrdiff_t height, uint8_t *filled, uint8_t *flags, ptrdiff_t stride) {
  uint32_t changed = 0;
  for (ptrdiff_t y = height - 2; y > 0; y--) {
    const uint8_t *const row = &source[y * width];
    uint8_t *f = &flags[(y + 1) * stride - 2];
    for (const uint8_t *s = row + 1 + (stride - 3) * RUN; s > row; s -= RUN) {
      if (!any(f - SKIPPED) && !any(f + stride - SKIPPED)) {
        f -= SKIPPED;
        s -= (SKIPPED - 1) * RUN;
        continue;
      }
      const uint8_t *const below = f + stride;
      const uint32_t dirty = (f[0] & DOWN) | (f[1] & 3u) | ((below[-1] | below[0] | below[1]) & 3u);
      uint32_t bits = 0;
      if (dirty != 0u) {
        const uint8_t *const last = (s + RUN < row + width - 1 ? s + RUN : row + width - 1) - 1;
        bits = raise_run(last, s - 1, &filled[last - source], -1, width);
      }
      changed |= bits;
      *f = (uint8_t)((*f & DOWN) | (bits != 0u ? UP : 0u));
      f--;
    }
  }
  return changed;
}

static uint32_t fill_kernel(const uint8_t *source, uint32_t across, uint32_t lines, uint8_t *filled, uint8_t *flags) {
  const ptrdiff_t width = (ptrdiff_t)across;
  const ptrdiff_t height = (ptrdiff_t)lines;
  const ptrdiff_t stride = (width - 2 + RUN - 1) / RUN + 2;
  uint32_t pair = 0;
  uint32_t changed = 1;
  (void)memcpy(filled, source, (size_t)width);
  (void)memcpy(&filled[(height - 1) * width], &source[(height - 1) * width], (size_t)width);
  for (ptrdiff_t y = 0; y < height; y++) {
    filled[y * width] = source[y * width];
    filled[(y + 1) * width - 1] = source[(y + 1) * width - 1];
  }
  first_pass(source, width, height, filled);
  (void)memset(flags, 0, (size_t)(stride * height + 8));
  for (ptrdiff_t y = 1; y < height - 1; y++) (void)memset(&flags[y * stride + 1], (int)DOWN, (size_t)(stride - 2));
  while (changed != 0u && pair++ < FILL_PAIRS) {
    changed = pair == 1u ? 1u : pass_down(source, width, height, filled, flags, stride);
    changed |= pass_up(source, width, height, filled, flags, stride);
  }
  return pair;
}

/* ---- the pupil search ---- */

#define RAYS 16
#define DISCS 8
#define KEPT (DISCS / 2)
#define EMPTY (-1e9f)
#define COARSE 5.f
#define NOISE 4.f

typedef struct {
  float score;
  float x;
  float y;
  float r;
} disc_t;

/* Of the pixels at a disc's edge, from its centre: outside, inside, halfway. */
typedef struct {
  int32_t outside;
  int32_t inside;
  int32_t half;
} ray_t;

typedef struct {
  const uint8_t *picture;
  int32_t width;
  int32_t height;
  int32_t clip;
  float black;
  float per_grey;
  ray_t rays[RAYS]; /* four for each of right, down, left, up */
  disc_t discs[DISCS]; /* two bands, each sorted, best first */
} search_t;

static int32_t min_i(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t max_i(int32_t a, int32_t b) { return a > b ? a : b; }
static float min_f(float a, float b) { return a < b ? a : b; }
static float max_f(float a, float b) { return a > b ? a : b; }

static bool overlap(const disc_t *a, const disc_t *b) {
  const float dx = a->x - b->x;
  const float dy = a->y - b->y;
  const float large = max_f(a->r, b->r);
  if (a->score == EMPTY) return false;
  return dx * dx + dy * dy < 0.25f * large * large && large < 1.4f * min_f(a->r, b->r);
}

/* Of discs that overlap only the best stays, and of equals the first. */
static void offer(disc_t *list, const disc_t *disc) {
  disc_t *const end = &list[KEPT];
  disc_t *at = list;
  if (disc->score <= end[-1].score) return;
  for (; at->score >= disc->score; at++) {
    if (overlap(at, disc)) return;
  }
  disc_t *last = at;
  while (last < end - 1 && last->score != EMPTY && !overlap(last, disc)) last++;
  disc_t *gap = last + 1;
  (void)memmove(at + 1, at, (size_t)(last - at) * sizeof *at);
  *at = *disc;
  for (const disc_t *p = gap; p < end; p++) {
    if (p->score != EMPTY && !overlap(p, disc)) *gap++ = *p;
  }
  for (; gap < end; gap++) gap->score = EMPTY;
}

static int32_t rounded(float v) { return (int32_t)(v + 64.5f) - 64; }

static void prepare_rays(search_t *search, float r) {
  static const float cosines[RAYS] = {0.707106769f, 0.923879504f, 1.0f, 0.923879504f, 0.707106769f, 0.382683426f, 0.0f, -0.382683426f, -0.707106769f, -0.923879504f, -1.0f, -0.923879504f, -0.707106769f, -0.382683426f, 0.0f, 0.382683426f};
  static const float sines[RAYS] = {-0.707106769f, -0.382683426f, 0.0f, 0.382683426f, 0.707106769f, 0.923879504f, 1.0f, 0.923879504f, 0.707106769f, 0.382683426f, 0.0f, -0.382683426f, -0.707106769f, -0.923879504f, -1.0f, -0.923879504f};
  const float inner = max_f(0.f, r - 0.8f);
  const float outer = r + 0.8f;
  const float half = 0.5f * inner;
  for (int32_t i = 0; i < RAYS; i++) {
    const float c = cosines[i];
    const float s = sines[i];
    search->rays[i].outside = rounded(outer * s) * search->width + rounded(outer * c);
    search->rays[i].inside = rounded(inner * s) * search->width + rounded(inner * c);
    search->rays[i].half = rounded(half * s) * search->width + rounded(half * c);
  }
}

static float disc_score(const search_t *search, const uint8_t *cell) {
  const int32_t limit = search->clip;
  int32_t sum = 0;
  int32_t squares = 0;
  int32_t steps = 0;
  int32_t total = 0;
  int32_t weakest = INT32_MAX;
  for (int32_t quadrant = 0; quadrant < 4; quadrant++) {
    int32_t four = 0;
    for (int32_t i = 4 * quadrant; i < 4 * quadrant + 4; i++) {
      const ray_t *const ray = &search->rays[i];
      const int32_t inside = cell[ray->inside];
      const int32_t half = cell[ray->half];
      const int32_t step = min_i(limit, max_i(-limit, cell[ray->outside] - inside));
      sum += inside + half;
      squares += inside * inside + half * half;
      steps += step * step;
      four += step;
    }
    total += four;
    if (quadrant < 3) weakest = min_i(weakest, four);
  }
  const float mean = (float)sum * (1.f / 32.f);
  const float deviation = sqrtf(max_f(0.f, (float)squares * (1.f / 32.f) - mean * mean));
  const float step = (float)total * (1.f / 16.f);
  const float spread = sqrtf(max_f(0.f, (float)steps * (1.f / 16.f) - step * step));
  const float unit = 1.f / (fabsf(step) + spread + NOISE);
  const float dark = (mean - search->black) * search->per_grey;
  return (step + 0.6f * (float)weakest * 0.25f) * unit * 1.2f - 1.5f * max_f(0.f, dark) -
         0.8f * min_f(1.f, deviation * search->per_grey * 4.f);
}

static float prior(const search_t *search, int32_t x, int32_t y) {
  const float nx = (float)(x * 2 - search->width) / (float)search->width;
  const float ny = (float)(y * 2 - search->height) / (float)search->height;
  return -0.35f * (nx * nx + ny * ny);
}

static int32_t reach_of(float r) { return (int32_t)(r + 1.3f); }

/* Every place of one radius, or every second of a large one. */
static void search_radius(search_t *search, float r, int32_t bright) {
  const int32_t stride = r < COARSE ? 1 : 2;
  const int32_t width = search->width;
  const int32_t height = search->height;
  const int32_t reach = reach_of(r);
  prepare_rays(search, r);
  const float size = 0.15f * logf(r);
  const ray_t right = search->rays[2];
  const ray_t lower = search->rays[6];
  const ray_t left = search->rays[10];
  disc_t *const band = &search->discs[r < 4.5f ? 0 : KEPT];
  for (int32_t y = reach; y < height - reach; y += stride) {
    for (int32_t x = reach; x < width - reach; x += stride) {
      const uint8_t *const cell = &search->picture[y * width + x];
      if (*cell > bright) continue;
      const int32_t outside = cell[right.outside] + cell[lower.outside] + cell[left.outside];
      const int32_t inside = cell[right.inside] + cell[lower.inside] + cell[left.inside];
      if (outside <= inside) continue;
      const disc_t disc = {disc_score(search, cell) + prior(search, x, y) + size, (float)x, (float)y, r};
      offer(band, &disc);
    }
  }
}

/* Moves a disc to the best of its neighbours in place and radius. */
static void climb(search_t *search, disc_t *disc) {
  const int32_t x0 = (int32_t)disc->x;
  const int32_t y0 = (int32_t)disc->y;
  const float r0 = disc->r;
  for (float r = r0 - 0.5f; r < r0 + 0.6f; r += 0.5f) {
    const int32_t reach = reach_of(r);
    prepare_rays(search, r);
    const float size = 0.15f * logf(r);
    for (int32_t y = max_i(reach, y0 - 1); y <= min_i(search->height - reach - 1, y0 + 1); y++) {
      for (int32_t x = max_i(reach, x0 - 1); x <= min_i(search->width - reach - 1, x0 + 1); x++) {
        const float score = disc_score(search, &search->picture[y * search->width + x]) + prior(search, x, y) + size;
        if (score > disc->score) *disc = (disc_t){score, (float)x, (float)y, r};
      }
    }
  }
}

static int32_t percentile(const uint32_t counts[256], uint32_t total, uint32_t permille) {
  const uint32_t goal = total * permille / 1000u;
  uint32_t seen = 0;
  for (int32_t v = 0; v < 256; v++) {
    seen += counts[v];
    if (seen > goal) return v;
  }
  return 255;
}

static uint32_t pupil_kernel(const uint8_t *picture, uint32_t width, uint32_t height, uint8_t *found) {
  static search_t search;
  const uint32_t cells = width * height;
  uint32_t counts[256] = {0};
  search.picture = picture;
  search.width = (int32_t)width;
  search.height = (int32_t)height;
  for (int32_t i = 0; i < DISCS; i++) search.discs[i] = (disc_t){EMPTY, 0.f, 0.f, 0.f};
  for (uint32_t i = 0; i < cells; i++) counts[picture[i]]++;
  const int32_t low = percentile(counts, cells, 10);
  const int32_t bright = percentile(counts, cells, 500);
  const int32_t high = percentile(counts, cells, 900);
  search.black = (float)low;
  search.per_grey = 1.f / max_f(24.f, (float)high - search.black);
  search.clip = max_i(12, (high - low) / 5);
  for (float r = 2.25f; r <= 18.75f; r += r < 10.f ? 0.5f : 1.f) search_radius(&search, r, bright);
  for (int32_t i = 0; i < DISCS; i++) {
    disc_t *const disc = &search.discs[i];
    if (disc->score != EMPTY && disc->r >= COARSE) climb(&search, disc);
  }
  (void)memcpy(found, search.discs, sizeof search.discs);
  return 1;
}

uint32_t lab_kernel(uint32_t kernel, const lab_data_t *data) {
  const uint32_t pixels = data->width * data->height;
  uint8_t *const behind = &data->at[pixels];
  if (kernel == KERNEL_SHA256 && data->bytes >= SHA_INPUT) return sha256_kernel(data->at);
  if (kernel == KERNEL_FILL && data->bytes / 3u >= pixels)
    return fill_kernel(data->at, data->width, data->height, behind, behind + pixels);
  if (kernel == KERNEL_PUPILS && data->bytes / 2u >= pixels)
    return pupil_kernel(data->at, data->width, data->height, behind);
  return 0;
}
