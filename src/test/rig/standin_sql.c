/*
 * Just enough of PostgreSQL's protocol (version 3) to log in for real, with SCRAM-SHA-256 (RFC 5802, RFC 7677) or in
 * clear text, and to ask one query: a wrong password, a missing database and a server that starts are told apart as
 * a driver tells them. MySQL's protocol it does not know: of jdbc:mysql: it says that somebody listens, no more.
 */
#define _GNU_SOURCE
#include "standin_sql.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { HASH = 32, BLOCK = 64, MESSAGE = 4096 };

/* ---------------------------------------------------------------- SHA-256, HMAC, base64 */

typedef struct { uint32_t state[8]; uint64_t length; unsigned char block[BLOCK]; } sha256;

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha_block(sha256 *s) {
  static const uint32_t K[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
      0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
      0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
      0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
      0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
      0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)s->block[i * 4] << 24 | s->block[i * 4 + 1] << 16 | s->block[i * 4 + 2] << 8 | s->block[i * 4 + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
           (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
  memcpy(v, s->state, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
    uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) s->state[i] += v[i];
}

static void sha_start(sha256 *s) {
  *s = (sha256){{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, 0, {0}};
}

static void sha_add(sha256 *s, const void *data, size_t n) {
  for (const unsigned char *c = data; n-- > 0; c++) {
    s->block[s->length++ % BLOCK] = *c;
    if (s->length % BLOCK == 0) sha_block(s);
  }
}

static void sha_end(sha256 *s, unsigned char *hash) {
  uint64_t bits = s->length * 8;
  sha_add(s, "\x80", 1);
  while (s->length % BLOCK != BLOCK - 8) sha_add(s, "", 1);
  for (int i = 7; i >= 0; i--) sha_add(s, &(unsigned char){(unsigned char)(bits >> i * 8)}, 1);
  for (int i = 0; i < HASH; i++) hash[i] = (unsigned char)(s->state[i / 4] >> (24 - i % 4 * 8));
}

static void sha(const void *data, size_t n, unsigned char *hash) {
  sha256 s;
  sha_start(&s);
  sha_add(&s, data, n);
  sha_end(&s, hash);
}

static void hmac(const void *key, size_t length, const void *data, size_t n, unsigned char *hash) {
  unsigned char pad[BLOCK] = {0};
  sha256 s;
  if (length > BLOCK) sha(key, length, pad);
  else memcpy(pad, key, length);
  for (int i = 0; i < BLOCK; i++) pad[i] ^= 0x36;
  sha_start(&s);
  sha_add(&s, pad, BLOCK);
  sha_add(&s, data, n);
  sha_end(&s, hash);
  for (int i = 0; i < BLOCK; i++) pad[i] ^= 0x36 ^ 0x5c;
  sha_start(&s);
  sha_add(&s, pad, BLOCK);
  sha_add(&s, hash, HASH);
  sha_end(&s, hash);
}

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void to_base64(const unsigned char *data, size_t n, char *out) {
  for (size_t i = 0; i < n; i += 3) {
    uint32_t v = data[i] << 16 | (i + 1 < n ? data[i + 1] << 8 : 0) | (i + 2 < n ? data[i + 2] : 0);
    *out++ = DIGITS[v >> 18];
    *out++ = DIGITS[v >> 12 & 63];
    *out++ = i + 1 < n ? DIGITS[v >> 6 & 63] : '=';
    *out++ = i + 2 < n ? DIGITS[v & 63] : '=';
  }
  *out = 0;
}

static size_t from_base64(const char *text, size_t length, unsigned char *out) {
  size_t n = 0;
  uint32_t v = 0;
  int bits = 0;
  for (const char *digit; length-- > 0 && *text != '=' && (digit = strchr(DIGITS, *text)); text++) {
    v = v << 6 | (uint32_t)(digit - DIGITS);
    if ((bits += 6) >= 8) out[n++] = (unsigned char)(v >> (bits -= 8));
  }
  return n;
}

/* ---------------------------------------------------------------- messages */

static bool send_message(int fd, char type, const void *body, size_t n) {
  unsigned char out[MESSAGE];
  size_t head = type ? 1 : 0;
  uint32_t length = htonl((uint32_t)n + 4);
  if (n + 5 > sizeof out) return false;
  out[0] = (unsigned char)type;
  memcpy(out + head, &length, 4);
  memcpy(out + head + 4, body, n);
  return TEMP_FAILURE_RETRY(write(fd, out, n + head + 4)) == (ssize_t)(n + head + 4);
}

static bool read_all(int fd, void *into, size_t n) {
  for (char *at = into; n > 0;) {
    ssize_t k = TEMP_FAILURE_RETRY(read(fd, at, n));
    if (k <= 0) return false;
    at += k;
    n -= (size_t)k;
  }
  return true;
}

/* The type of the next message, 0 at the end of the connection; its body is a string, cut where it is long. */
static char next_message(int fd, char *body, size_t *n) {
  struct __attribute__((packed)) { char type; uint32_t length; } head;
  if (!read_all(fd, &head, 5)) return 0;
  size_t length = ntohl(head.length) - 4;
  *n = length < MESSAGE - 1 ? length : MESSAGE - 1;
  if (!read_all(fd, body, *n)) return 0;
  body[*n] = 0;
  for (char rest; length > *n; length--)
    if (!read_all(fd, &rest, 1)) return 0;
  return head.type;
}

/* Of an ErrorResponse, the text for people: fields of a letter and a string each. */
static const char *error_text(const char *body, size_t n) {
  static _Thread_local char text[MESSAGE];
  for (const char *field = body; field < body + n && *field; field += strlen(field) + 1)
    if (*field == 'M') { snprintf(text, sizeof text, "FATAL: %s", field + 1); return text; }
  return "refused without a reason";
}

/* ---------------------------------------------------------------- logging in */

static bool scram_first(int fd, char *nonce) {
  unsigned char random[18];
  char body[MESSAGE] = "SCRAM-SHA-256", *data = body + sizeof "SCRAM-SHA-256" + 4;
  if (getrandom(random, sizeof random, 0) != sizeof random) return false;
  to_base64(random, sizeof random, nonce);
  uint32_t n = (uint32_t)snprintf(data, 128, "n,,n=,r=%s", nonce), wire = htonl(n);
  memcpy(data - 4, &wire, 4);
  return send_message(fd, 'p', body, sizeof "SCRAM-SHA-256" + 4 + n);
}

/* Answers the challenge r=…,s=…,i=… with the proof that the password is known. */
static bool scram_proof(int fd, const char *nonce, const char *challenge, const char *password) {
  char all[MESSAGE * 2], proof[64], without[MESSAGE];
  unsigned char salt[256], salted[HASH], round[HASH], key[HASH], stored[HASH], signature[HASH];
  const char *s = strstr(challenge, ",s="), *i = strstr(challenge, ",i=");
  if (strncmp(challenge, "r=", 2) || !s || !i || i < s || i - s > 300) return false;
  size_t n = from_base64(s + 3, (size_t)(i - s - 3), salt), length = strlen(password);
  memcpy(salt + n, "\0\0\0\1", 4);
  hmac(password, length, salt, n + 4, round);
  memcpy(salted, round, HASH);
  for (int k = atoi(i + 3); k > 1; k--) {
    hmac(password, length, round, HASH, round);
    for (int b = 0; b < HASH; b++) salted[b] ^= round[b];
  }
  snprintf(without, sizeof without, "c=biws,%.*s", (int)(s - challenge), challenge);
  n = (size_t)snprintf(all, sizeof all, "n=,r=%s,%s,%s", nonce, challenge, without);
  hmac(salted, HASH, "Client Key", 10, key);
  sha(key, HASH, stored);
  hmac(stored, HASH, all, n, signature);
  for (int b = 0; b < HASH; b++) key[b] ^= signature[b];
  to_base64(key, HASH, proof);
  n = (size_t)snprintf(all, sizeof all, "%s,p=%s", without, proof);
  return send_message(fd, 'p', all, n);
}

static const char *log_in(int fd, const char *database, const char *user, const char *password) {
  char body[MESSAGE], nonce[64] = "";
  size_t n = (size_t)snprintf(body, sizeof body, "%cuser%c%s%cdatabase%c%s%c", 0, 0, user, 0, 0, database, 0);
  uint32_t version = htonl(3 << 16), code;
  memmove(body + 4, body + 1, n);
  memcpy(body, &version, 4);
  if (!send_message(fd, 0, body, n + 4)) return "no answer";
  for (;;) {
    char type = next_message(fd, body, &n);
    if (type == 0) return "no answer";
    if (type == 'E') return error_text(body, n);
    if (type == 'Z') return NULL;
    if (type != 'R') continue;
    memcpy(&code, body, 4);
    code = ntohl(code);
    bool sent = code == 3    ? send_message(fd, 'p', password, strlen(password) + 1)
                : code == 10 ? scram_first(fd, nonce)
                : code == 11 ? scram_proof(fd, nonce, body + 4, password)
                             : code == 0 || code == 12;
    if (!sent) return "a kind of login that is not known here";
  }
}

int sql_open(const char *url, const char *user, const char *password, const char **wrong) {
  static const char POSTGRES[] = "jdbc:postgresql://";
  char host[256], port[16] = "5432", database[128] = "";
  bool known = !strncmp(url, POSTGRES, sizeof POSTGRES - 1);
  const char *at = strstr(url, "://");
  if (!at) return *wrong = "not a JDBC URL", -1;
  size_t n = strcspn(at += 3, ":/?");
  snprintf(host, sizeof host, "%.*s", (int)n, at);
  if (!known) snprintf(port, sizeof port, "3306");
  if (at[n] == ':') snprintf(port, sizeof port, "%.*s", (int)strcspn(at + n + 1, "/?"), at + n + 1);
  at = strchr(at, '/');
  if (at) snprintf(database, sizeof database, "%.*s", (int)strcspn(at + 1, "?"), at + 1);
  int fd = dial(host, port, 5000);
  *wrong = fd < 0 ? "Connection refused" : known ? log_in(fd, database, user, password) : NULL;
  if (*wrong && fd >= 0) close(fd);
  return *wrong ? -1 : fd;
}

bool sql_ask(int fd) {
  char body[MESSAGE];
  size_t n;
  if (!send_message(fd, 'Q', "SELECT 1", sizeof "SELECT 1")) return false;
  for (char type; (type = next_message(fd, body, &n)) != 'Z';)
    if (type == 0 || type == 'E') return false;
  return true;
}
