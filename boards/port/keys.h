/*
 * The device's secrets: the seed of its Ed25519 key and the root secret of its sealing keys, 32 bytes each, made on the board at
 * its first start and kept in the `keys` partition (board.json says how that is protected). They never enter an image.
 */
#ifndef KANMON_KEYS_H
#define KANMON_KEYS_H

#include <stdint.h>

/** Loads the secrets, or makes them on a board that never had any. Status: negative, damaged: nothing is signed then. */
int32_t keys_start(void);
int32_t keys_public(uint8_t out[32]);
/** Ed25519 (RFC 8032). */
int32_t keys_sign(const uint8_t *data, uint32_t len, uint8_t signature[64]);
/** HKDF-SHA256 (RFC 5869) of the root secret with an empty salt; `context` is the info. */
int32_t keys_derive(const uint8_t *context, uint32_t len, uint8_t out[32]);
/** Ed25519 verification: 1 good, 0 bad. */
int32_t ed25519_check(const uint8_t key[32], const uint8_t *data, uint32_t len, const uint8_t signature[64]);

#endif
