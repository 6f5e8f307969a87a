/*
 * standin: plays any one Spinnaker service in tests and in the demo. One static binary, no files needed.
 *
 *   standin                    serve (what the image runs)
 *   standin check              ask the own /health once; exit 0 or 1: the image's HEALTHCHECK
 *   standin ctl COMMAND        give the running one a command, as in `docker exec C /standin ctl down`
 *   curl [options] URL         (by that name) just enough curl for healthchecks written for the real images
 *
 * HTTP, on the service's real port:
 *   GET  /health               {"status":"UP"}, or 503 {"status":"DOWN"}
 *   GET  /_ctl/state           what it is and how it feels, as JSON
 *   POST /_ctl/COMMAND         see COMMANDS
 *   orca:  POST /admin/instance/enabled {"enabled":false}; GET /spectator/metrics if spectator.webEndpoint.enabled
 *   rosco: GET /status/instance
 *   front50: GET /pipelines
 *
 * COMMANDS
 *   down | up                  DOWN on /health | well again, all faults cleared
 *   hang                       accepts connections and answers nothing (but /_ctl)
 *   slow=DURATION              every answer takes this long
 *   refuse=DURATION            nobody listens on the port for this long
 *   crash | exit=N             dies by a signal | with exit code N
 *   leak | leak=MIB            takes memory until killed for it | this much
 *   executions=N[/DURATION]    work in hand (orca, rosco), which ends by itself after the duration
 *   waiting=N                  orca: executions that merely wait; nobody has them in hand, they are in its Redis
 *   keep                       remember the faults across a restart of the container (needs a writable KEEP_STATE)
 *   log=TEXT                   prints a line
 *
 * ENVIRONMENT  (a DURATION is 500ms, 3s or 2m; a bare number is milliseconds)
 *   NAME, PORT                 set by the image
 *   REDIS_HOST, REDIS_PORT, REDIS_PASSWORD | REDIS_PASSWORD_FILE    pinged at every /health; see find_redis
 *   START_DELAY                listens only after this long; until then it computes and logs, as a JVM that boots
 *   BOOT_HANG=1                never listens, and does nothing at all: a deadlock in the boot
 *   POLL_FACTOR                how much of the real time passes between two tries to warm up (below); the images say
 *                              0.02, which is 0.6 s for echo's 30 s and 2.4 s for igor's 120 s: tests stay quick, and
 *                              what cannot succeed at the first try is still seen to wait for the second
 *   WARM_UP                    listens, and says DOWN for this long
 *   DOWN=1 HANG=1 SLOW=…       begins with that fault
 *   CRASH_AFTER=… EXIT_CODE=N EXIT_AFTER=…    dies by itself (EXIT_CODE alone: at once)
 *   IGNORE_TERM=1 TERM_DELAY=… a service that does not, or only slowly, stop
 *   KEEP_STATE=FILE            where `keep` writes (default /tmp/standin.state)
 *   REQUIRE_USER=1             admin paths want the header X-Spinnaker-User
 *
 * Like the real services it reads Spring settings (YAML under /opt/spinnaker/config, files of secrets, environment),
 * as far as they decide about its port, its stores, and whether igor and echo poll. Seen on 2026.2.3, and done here:
 *   - a placeholder that nothing defines ends it at the start;
 *   - orca ends on a variable CLOUDDRIVER_BASE_URL, in any spelling; see refuse_environment
 *   - echo is DOWN until it has read front50's pipelines, and tries every 30 s
 *   - igor answers 503 until a POST to echo succeeded, and tries every 120 s
 *   - front50 ends where its profile chooses the Redis store
 *   - front50 logs in to its SQL store before it starts, and ends where it cannot; see standin_sql.c
 *   - a password in redis://:password@host is percent-decoded
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "standin_sql.h"

enum { TEXT = 1024, BODY = 2048, REQUEST = 16384 };

/* The faults it was told to have, and the work it was told to do. Written by any connection. */
static atomic_bool is_down, is_hung, is_kept, is_warm, is_enabled = true, is_poller, is_sql_down;
static atomic_int slow_ms, executions;
static atomic_llong refuse_until, executions_end, down_until;
static long long started;
static char name[64], port[16];

/* ---------------------------------------------------------------- small things */

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void sleep_ms(long long ms) {
  struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
  if (ms > 0) nanosleep(&t, NULL);
}

static long long duration_ms(const char *text) {
  char *unit;
  long long n = strtoll(text, &unit, 10);
  if (!strcmp(unit, "m")) return n * 60000;
  if (!strcmp(unit, "s")) return n * 1000;
  return n;
}

static const char *env(const char *key, const char *otherwise) {
  const char *value = getenv(key);
  return value && *value ? value : otherwise;
}

/* True for the service and for its second containers: igor-poller is an igor. */
static bool is_named(const char *service) {
  size_t n = strlen(service);
  return !strncmp(name, service, n) && (name[n] == 0 || name[n] == '-');
}

/* One line on standard output, in one write, so that lines of two threads never mix. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  char line[TEXT];
  va_list args;
  va_start(args, format);
  int n = snprintf(line, sizeof line, "%s: ", name);
  n += vsnprintf(line + n, sizeof line - n - 1, format, args);
  va_end(args);
  if (n > (int)sizeof line - 2) n = sizeof line - 2;
  line[n++] = '\n';
  if (write(1, line, n) < 0) return;
}

static bool read_file(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, into, size - 1);
  if (fd >= 0) close(fd);
  if (n < 0) return false;
  into[n] = 0;
  return true;
}

static void chomp(char *text) {
  size_t n = strlen(text);
  while (n > 0 && isspace((unsigned char)text[n - 1])) text[--n] = 0;
}

/* ---------------------------------------------------------------- Spring settings */

static bool property(const char *path, char *into, size_t size);

/* Spring's relaxed form of a key in YAML: no case, no dashes. */
static bool same_key(const char *a, const char *b) {
  for (;; a++, b++) {
    while (*a == '-') a++;
    while (*b == '-') b++;
    if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) return false;
    if (!*a) return true;
  }
}

static void cut_comment_and_quotes(char *value) {
  char quote = *value == '"' || *value == '\'' ? *value : 0;
  char *end = quote ? strchr(value + 1, quote) : strstr(value, " #");
  if (end) *end = 0;
  if (quote) memmove(value, value + 1, strlen(value + 1) + 1);
  chomp(value);
}

/*
 * Looks a dotted path up in one YAML file: block mappings only, which is what Spinnaker's files are made of. Items of
 * a list under the path are joined by commas.
 */
static bool yaml_property(const char *file, const char *wanted, char *into, size_t size) {
  FILE *in = fopen(file, "re");
  if (!in) return false;
  struct { int indent; size_t length; } parents[32];
  int depth = 0;
  char line[TEXT], path[TEXT] = "";
  bool found = false;
  while (fgets(line, sizeof line, in)) {
    chomp(line);
    char *text = line + strspn(line, " ");
    int indent = (int)(text - line);
    if (!*text || *text == '#' || !strncmp(text, "---", 3)) continue;
    if (!strncmp(text, "- ", 2)) { /* an item belongs to the key above it */
      if (depth > 0 && same_key(path, wanted)) {
        cut_comment_and_quotes(text += 2);
        size_t used = found ? strlen(into) : 0;
        snprintf(into + used, size - used, "%s%s", found ? "," : "", text);
        found = true;
      }
      continue;
    }
    char *colon = strchr(text, ':');
    while (colon && colon[1] && colon[1] != ' ') colon = strchr(colon + 1, ':');
    if (!colon) continue;
    *colon = 0;
    while (depth > 0 && parents[depth - 1].indent >= indent) depth--;
    size_t base = depth > 0 ? parents[depth - 1].length : 0;
    int n = snprintf(path + base, sizeof path - base, "%s%s", base ? "." : "", text);
    if (depth < 32) { parents[depth].indent = indent; parents[depth++].length = base + n; }
    char *value = colon + 1 + strspn(colon + 1, " ");
    if (*value && same_key(path, wanted)) {
      cut_comment_and_quotes(value);
      snprintf(into, size, "%s", value);
      found = true;
    }
  }
  fclose(in);
  return found;
}

static bool secret_property(const char *key, char *into, size_t size);

/* One file of the configuration folder. */
static bool file_property(const char *base, const char *profile, const char *path, char *into, size_t size) {
  char file[TEXT];
  snprintf(file, sizeof file, "%s/%s%s%s.yml", env("CONFIG_DIR", "/opt/spinnaker/config"), base, profile ? "-" : "", profile ? profile : "");
  return yaml_property(file, path, into, size);
}

/* An environment variable is not more than a default: services.redis.baseUrl is SERVICES_REDIS_BASEURL. */
static bool environment_property(const char *path, char *into, size_t size) {
  char key[TEXT];
  size_t n = 0;
  for (const char *c = path; *c && n < sizeof key - 1; c++)
    if (*c != '-') key[n++] = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
  key[n] = 0;
  if (!env(key, NULL)) return false;
  snprintf(into, size, "%s", getenv(key));
  return true;
}

/*
 * The raw value, in the order measured with Spring Boot 3.5.16, later wins: the environment (for what is bound to
 * properties), spinnaker.yml, the secrets that it imports, <service>.yml, then profile by profile
 * spinnaker-<profile>.yml and <service>-<profile>.yml.
 */
static bool raw_property(const char *path, bool secrets, char *into, size_t size) {
  char service[64], profiles[TEXT], *rest = profiles;
  snprintf(service, sizeof service, "%.*s", (int)strcspn(name, "-"), name); /* igor-poller is an igor */
  bool found = environment_property(path, into, size);
  found |= file_property("spinnaker", NULL, path, into, size);
  if (secrets) found |= secret_property(path, into, size);
  found |= file_property(service, NULL, path, into, size);
  snprintf(profiles, sizeof profiles, "%s", env("SPRING_PROFILES_ACTIVE", "local"));
  for (char *p; (p = strsep(&rest, ",")) != NULL;) {
    while (*p == ' ') p++;
    chomp(p);
    found |= file_property("spinnaker", p, path, into, size);
    found |= file_property(service, p, path, into, size);
  }
  return found;
}

/* spring.config.import: configtree:DIR makes every file of DIR a property: that is how secrets arrive. */
static bool secret_property(const char *key, char *into, size_t size) {
  char imports[TEXT];
  if (!raw_property("spring.config.import", false, imports, sizeof imports)) return false;
  for (char *at = imports; (at = strstr(at, "configtree:")) != NULL;) {
    at += strlen("configtree:");
    char file[TEXT];
    snprintf(file, sizeof file, "%.*s/%s", (int)strcspn(at, ",;"), at, key);
    if (read_file(file, into, size)) { chomp(into); return true; }
  }
  return false;
}

/* Replaces ${NAME} and ${NAME:default}. What nothing defines ends the process, as it ends a Spring one. */
static void expand(char *text, size_t size) {
  for (int rounds = 0; rounds < 16; rounds++) {
    char *open = NULL;
    for (char *at = text; (at = strstr(at, "${")) != NULL; at += 2) open = at; /* innermost first */
    char *close = open ? strchr(open, '}') : NULL;
    if (!close) return;
    char key[TEXT], value[TEXT], *otherwise;
    snprintf(key, sizeof key, "%.*s", (int)(close - open - 2), open + 2);
    if ((otherwise = strchr(key, ':')) != NULL) *otherwise++ = 0;
    if (env(key, NULL)) snprintf(value, sizeof value, "%s", getenv(key));
    else if (!property(key, value, sizeof value)) {
      if (!otherwise) { say("Could not resolve placeholder '%s'", key); exit(1); }
      snprintf(value, sizeof value, "%s", otherwise);
    }
    char whole[TEXT * 2];
    snprintf(whole, sizeof whole, "%.*s%s%s", (int)(open - text), text, value, close + 1);
    snprintf(text, size, "%.*s", (int)size - 1, whole);
  }
}

static bool property(const char *path, char *into, size_t size) {
  if (!raw_property(path, true, into, size)) return false;
  expand(into, size);
  return true;
}

static bool property_is_true(const char *path, bool otherwise) {
  char value[TEXT];
  return property(path, value, sizeof value) ? !strcasecmp(value, "true") : otherwise;
}

/* ---------------------------------------------------------------- Redis */

static struct { bool used, tls; char host[256], port[16], password[256]; } redis;

/* %2F is a slash: in place. */
static void percent_decode(char *text) {
  char *out = text;
  for (char *in = text; *in; in++) {
    int code;
    if (*in == '%' && isxdigit((unsigned char)in[1]) && isxdigit((unsigned char)in[2]) && sscanf(in + 1, "%2x", &code) == 1) *out++ = (char)code, in += 2;
    else *out++ = *in;
  }
  *out = 0;
}

/* redis://[user][:password@]host[:port][/db] */
static void parse_redis_url(const char *url) {
  redis.used = true;
  redis.tls = !strncmp(url, "rediss://", 9);
  const char *at = strstr(url, "://"), *host;
  at = at ? at + 3 : url;
  host = strrchr(at, '@');
  if (host) {
    const char *colon = memchr(at, ':', host - at);
    if (colon) snprintf(redis.password, sizeof redis.password, "%.*s", (int)(host - colon - 1), colon + 1);
    percent_decode(redis.password);
  }
  host = host ? host + 1 : at;
  size_t n = strcspn(host, ":/");
  snprintf(redis.host, sizeof redis.host, "%.*s", (int)n, host);
  snprintf(redis.port, sizeof redis.port, "%.*s", host[n] == ':' ? (int)strcspn(host + n + 1, "/") : 4, host[n] == ':' ? host + n + 1 : "6379");
}

/*
 * Where its Redis is: its Spring properties first, then the plain variables. None at all: it needs no Redis. front50
 * has a store of its own.
 */
static void find_redis(void) {
  char value[TEXT];
  if (is_named("deck") || is_named("front50")) return;
  if (property("redis.connection", value, sizeof value) || property("services.redis.baseUrl", value, sizeof value)) {
    parse_redis_url(value);
    return;
  }
  if (!env("REDIS_HOST", NULL)) return;
  redis.used = true;
  snprintf(redis.host, sizeof redis.host, "%s", getenv("REDIS_HOST"));
  snprintf(redis.port, sizeof redis.port, "%s", env("REDIS_PORT", "6379"));
  snprintf(redis.password, sizeof redis.password, "%s", env("REDIS_PASSWORD", ""));
  const char *file = env("REDIS_PASSWORD_FILE", NULL);
  if (file && !read_file(file, redis.password, sizeof redis.password)) say("cannot read %s: %s", file, strerror(errno));
  chomp(redis.password);
}

int dial(const char *host, const char *service, int timeout_ms) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *a;
  struct timeval limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
  int fd = -1;
  if (getaddrinfo(host, service, &hints, &list)) return -1;
  for (a = list; a; a = a->ai_next) {
    fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (!TEMP_FAILURE_RETRY(connect(fd, a->ai_addr, a->ai_addrlen))) break;
    close(fd);
    fd = -1;
  }
  freeaddrinfo(list);
  return fd;
}

static bool talk(int fd, const char *send, size_t length, const char *expected) {
  char answer[128];
  if (TEMP_FAILURE_RETRY(write(fd, send, length)) != (ssize_t)length) return false;
  ssize_t n = TEMP_FAILURE_RETRY(read(fd, answer, sizeof answer - 1));
  if (n <= 0) return false;
  answer[n] = 0;
  return !strncmp(answer, expected, strlen(expected));
}

/* A connection with AUTH where there is a password; -1, and in a word or two why not. */
static int open_redis(const char **found) {
  int fd = dial(redis.host, redis.port, 1000);
  if (fd < 0) return *found = "unreachable", -1;
  if (!*redis.password) return fd;
  char auth[512];
  int n = snprintf(auth, sizeof auth, "*2\r\n$4\r\nAUTH\r\n$%zu\r\n%s\r\n", strlen(redis.password), redis.password);
  if (talk(fd, auth, n, "+OK")) return fd;
  close(fd);
  return *found = "AUTH refused", -1;
}

/* A real PING. Says in a word or two what it found. */
static bool ping_redis(const char **found) {
  if (!redis.used) return *found = "not used", true;
  if (redis.tls) { /* no TLS in here: that somebody listens is all that can be said */
    int fd = dial(redis.host, redis.port, 1000);
    if (fd < 0) return *found = "unreachable", false;
    close(fd);
    return *found = "connected (TLS, not pinged)", true;
  }
  int fd = open_redis(found);
  if (fd < 0) return false;
  bool ok = talk(fd, "PING\r\n", 6, "+PONG");
  *found = ok ? "PONG" : "no PONG";
  close(fd);
  return ok;
}

/* The executions that wait belong to no orca: sets their number where it is not negative, and returns it. */
static int waiting(int number) {
  char command[128], answer[128] = "";
  const char *found;
  if (!redis.used || redis.tls) return 0;
  int fd = open_redis(&found);
  if (fd < 0) return 0;
  int n = number < 0 ? snprintf(command, sizeof command, "GET standin:waiting\r\n")
                     : snprintf(command, sizeof command, "SET standin:waiting %d\r\n", number);
  ssize_t k = TEMP_FAILURE_RETRY(write(fd, command, n)) == n ? TEMP_FAILURE_RETRY(read(fd, answer, sizeof answer - 1)) : -1;
  close(fd);
  char *value = k > 0 && *answer == '$' && answer[1] != '-' ? strchr(answer, '\n') : NULL;
  return number >= 0 ? number : value ? atoi(value + 1) : 0;
}

/* ---------------------------------------------------------------- HTTP client */

/* GETs or POSTs once; prints the body where wanted. True on 2xx. */
static bool request(const char *host, const char *service, const char *method, const char *path, bool print) {
  char buffer[BODY * 2];
  int fd = dial(host, service, 3000), used = 0;
  if (fd < 0) { if (print) printf("nobody listens on %s:%s\n", host, service); return false; }
  int n = snprintf(buffer, sizeof buffer, "%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", method, path, host);
  if (TEMP_FAILURE_RETRY(write(fd, buffer, n)) == n)
    for (ssize_t k; used < (int)sizeof buffer - 1 && (k = TEMP_FAILURE_RETRY(read(fd, buffer + used, sizeof buffer - 1 - used))) > 0;) used += k;
  close(fd);
  buffer[used] = 0;
  char *body = strstr(buffer, "\r\n\r\n");
  if (print) puts(body ? body + 4 : "no answer within 3 s");
  return used > 12 && buffer[9] == '2';
}

/* http://host[:port][/path] */
static bool request_url(const char *url, const char *method, const char *append, bool print) {
  char host[256], service[16] = "80", path[TEXT];
  const char *at = strstr(url, "://");
  at = at ? at + 3 : url;
  size_t n = strcspn(at, ":/");
  snprintf(host, sizeof host, "%.*s", (int)n, at);
  at += n;
  if (*at == ':') {
    n = strcspn(++at, "/");
    snprintf(service, sizeof service, "%.*s", (int)n, at);
    at += n;
  }
  snprintf(path, sizeof path, "%.*s%s", append && *at && at[strlen(at) - 1] == '/' ? (int)strlen(at) - 1 : (int)strlen(at), at,
           append ? append : *at ? "" : "/");
  return request(host, service, method, path, print);
}

/* ---------------------------------------------------------------- the service's own life */

/* Kept faults: one line, read at the next start. */
static bool save_state(void) {
  const char *file = env("KEEP_STATE", "/tmp/standin.state");
  FILE *out = fopen(file, "we");
  if (!out) { say("cannot write %s: %s", file, strerror(errno)); return false; }
  fprintf(out, "%d %d %d\n", is_down, is_hung, slow_ms);
  return fclose(out) == 0;
}

static void load_state(void) {
  char text[64];
  int down, hung, slow;
  if (!read_file(env("KEEP_STATE", "/tmp/standin.state"), text, sizeof text)) return;
  if (sscanf(text, "%d %d %d", &down, &hung, &slow) != 3) return;
  is_down = down;
  is_hung = hung;
  slow_ms = slow;
  is_kept = true;
}

static int in_flight(void) {
  if (executions_end && now_ms() >= executions_end) {
    executions = 0;
    executions_end = 0;
  }
  return executions;
}

/*
 * Services that are DOWN until another one answered once, as the real ones are. Only where that one's baseUrl is set.
 * What failed is tried again no sooner than the real ones try.
 */
static void *warm_up(void *unused) {
  static const struct { const char *service, *baseUrl, *method, *path; int every_ms; } WAITS[] = {
      {"echo", "services.front50.baseUrl", "GET", "/pipelines", 30000},
      {"igor", "services.echo.baseUrl", "POST", "/", 120000},
      {"fiat", "services.clouddriver.baseUrl", "GET", "/health", 10000},
      {"fiat", "services.front50.baseUrl", "GET", "/health", 10000},
  };
  double factor = atof(env("POLL_FACTOR", "1"));
  (void)unused;
  for (size_t i = 0; i < sizeof WAITS / sizeof *WAITS; i++) {
    char url[TEXT];
    if (!is_named(WAITS[i].service) || !property(WAITS[i].baseUrl, url, sizeof url)) continue;
    for (bool told = false; !request_url(url, WAITS[i].method, WAITS[i].path, false); told = true) {
      if (!told) say("%s %s%s failed", WAITS[i].method, url, WAITS[i].path);
      sleep_ms((long long)(WAITS[i].every_ms * factor));
    }
    say("%s answers", WAITS[i].baseUrl);
  }
  is_warm = true;
  return NULL;
}

/* igor and echo say in their log whether they poll; people and tests look for exactly these lines. */
static void decide_polling(void) {
  if (is_named("igor")) {
    /* Of the environment's spellings igor hears this one only. */
    unsetenv("SPINNAKER_BUILD_POLLINGENABLED");
    is_poller = property_is_true("spinnaker.build.pollingEnabled", true);
    const char *variable = env("SPINNAKER_BUILD_POLLING_ENABLED", NULL);
    if (variable) is_poller = !strcasecmp(variable, "true");
    say(is_poller ? "Scheduling periodic work" : "Polling disabled, not scheduling periodic work");
  } else if (is_named("echo")) {
    is_poller = property_is_true("scheduler.enabled", true);
    if (is_poller) say("Running the pipeline configs polling agent...");
  }
}

/*
 * kork wraps every source of properties, and Spring Boot no longer knows the environment for one. A variable is then
 * a property at the root, of its name in small letters without dashes and underscores. orca's configuration has such
 * a property for clouddriverbaseurl that can be read and not set.
 */
static void refuse_environment(void) {
  static const char PROPERTY[] = "clouddriverbaseurl";
  for (char **variable = environ; is_named("orca") && *variable; variable++) {
    const char *c = *variable;
    size_t n = 0;
    for (; *c && *c != '='; c++) {
      if (*c == '-' || *c == '_') continue;
      if (tolower((unsigned char)*c) != PROPERTY[n]) break;
      n++;
    }
    if (*c != '=' || PROPERTY[n]) continue;
    say("APPLICATION FAILED TO START: Failed to bind properties under '' to the configuration of orca:"
        " Property: clouddriverbaseurl, Origin: \"%.*s\" from property source \"systemEnvironment\","
        " Reason: java.lang.IllegalStateException: No setter found for property: cloud-driver-base-url",
        (int)strcspn(*variable, "="), *variable);
    exit(1);
  }
}

/* As long as told: a tenth of one processor, and a line a second. */
static void boot(void) {
  if (atoi(env("BOOT_HANG", "0"))) for (;;) pause();
  long long wait = duration_ms(env("START_DELAY", "0")), end = now_ms() + wait, line = now_ms() + 1000;
  while (now_ms() < end) {
    for (clock_t busy = clock() + CLOCKS_PER_SEC / 100; clock() < busy;) continue;
    sleep_ms(end - now_ms() < 90 ? end - now_ms() : 90);
    if (now_ms() >= line) {
      say("starting, %lld s of %lld s", (wait - (end - now_ms())) / 1000, wait / 1000);
      line += 1000;
    }
  }
}

/* front50's SQL store. The schema is brought up to date before anything else: without a login it does not start. */
static struct { bool used; char url[TEXT], user[128], password[256]; } sql;

/* Since 2026.2.0 the Redis store makes no bean that another one needs, and nothing turns that one off. */
static void refuse_redis_store(void) {
  if (!is_named("front50") || !property_is_true("spinnaker.redis.enabled", false)) return;
  say("APPLICATION FAILED TO START: Parameter 0 of constructor in com.netflix.spinnaker.front50.ServiceAccountsInitializer"
      " required a bean of type 'com.netflix.spinnaker.front50.model.serviceaccount.ServiceAccountDAO' that could not be found.");
  exit(1);
}

static void find_sql(void) {
  if (!is_named("front50") || !property_is_true("sql.enabled", false)) return;
  sql.used = property("sql.migration.jdbcUrl", sql.url, sizeof sql.url);
  property("sql.migration.user", sql.user, sizeof sql.user);
  property("sql.migration.password", sql.password, sizeof sql.password);
  const char *wrong = "sql.migration.jdbcUrl is not set";
  int fd = sql.used ? sql_open(sql.url, sql.user, sql.password, &wrong) : -1;
  if (fd < 0) {
    say("Error creating bean with name 'liquibase': cannot open a connection to %s: %s", sql.url, wrong);
    exit(1);
  }
  close(fd);
  property("sql.connectionPools.default.jdbcUrl", sql.url, sizeof sql.url);
  property("sql.connectionPools.default.user", sql.user, sizeof sql.user);
  property("sql.connectionPools.default.password", sql.password, sizeof sql.password);
}

/* A query a second, UP after ten good ones, DOWN after two bad ones: the real times, scaled. */
static void *watch_sql(void *unused) {
  (void)unused;
  double factor = atof(env("POLL_FACTOR", "1"));
  const char *wrong = "the connection broke";
  for (int fd = -1, good = 0, bad = 0;; sleep_ms((long long)(1000 * factor))) {
    if (fd < 0) fd = sql_open(sql.url, sql.user, sql.password, &wrong);
    bool ok = fd >= 0 && sql_ask(fd);
    if (!ok && fd >= 0) close(fd), fd = -1;
    good = ok ? good + 1 : 0;
    bad = ok ? 0 : bad + 1;
    if (bad == 2) say("the database does not answer: %s", wrong);
    if (good >= 10) sleep_ms(200), is_sql_down = false;
    if (bad >= 2) sleep_ms(200), is_sql_down = true;
  }
  return NULL;
}

static void *leak_memory(void *mib) {
  for (long i = 0, limit = (long)mib; !limit || i < limit; i++) {
    char *block = malloc(1 << 20);
    if (block)
      for (int page = 0; page < 1 << 20; page += 4096) ((volatile char *)block)[page] = 1;
    sleep_ms(2);
  }
  return NULL;
}

static void start_thread(void *(*body)(void *), void *argument) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  if (pthread_create(&thread, &attributes, body, argument)) say("no thread: %s", strerror(errno));
  pthread_attr_destroy(&attributes);
}

static void *die_later(void *unused) {
  (void)unused;
  if (env("CRASH_AFTER", NULL)) { sleep_ms(duration_ms(getenv("CRASH_AFTER"))); say("crashing, as told"); abort(); }
  sleep_ms(duration_ms(env("EXIT_AFTER", "0")));
  say("exiting with %s, as told", env("EXIT_CODE", "1"));
  _exit(atoi(env("EXIT_CODE", "1")));
}

static long long term_delay;

/* As the JVM services: 128 + 15. Only async-signal-safe calls in here. */
static void on_term(int signal) {
  static const char LINE[] = "standin: told to stop, shutting down\n";
  if (write(1, LINE, sizeof LINE - 1) < 0) _exit(1);
  sleep_ms(term_delay);
  _exit(128 + signal);
}

/* ---------------------------------------------------------------- HTTP server */

/* Carries out one command of /_ctl; false if there is no such. */
static bool control(const char *command) {
  const char *value = strchr(command, '=');
  size_t length = value ? (size_t)(value++ - command) : strlen(command);
#define IS(word) (length == strlen(word) && !strncmp(command, word, length))
  if (strcmp(command, "state")) say("told: %s", command);
  if (IS("down")) is_down = true;
  else if (IS("up")) {
    is_down = false;
    is_hung = false;
    slow_ms = 0;
    down_until = 0;
  }
  else if (IS("hang")) is_hung = true;
  else if (IS("keep")) is_kept = true;
  else if (IS("crash")) abort();
  else if (IS("exit") && value) _exit(atoi(value));
  else if (IS("slow") && value) slow_ms = (int)duration_ms(value);
  else if (IS("refuse") && value) refuse_until = now_ms() + duration_ms(value);
  else if (IS("leak")) start_thread(leak_memory, (void *)(value ? atol(value) : 0));
  else if (IS("log") && value) return true;
  else if (IS("waiting") && value) waiting(atoi(value));
  else if (IS("executions") && value) {
    const char *end = strchr(value, '/');
    executions = atoi(value);
    executions_end = end ? now_ms() + duration_ms(end + 1) : 0;
  } else return false;
#undef IS
  return !is_kept || save_state();
}

static int answer_state(char *body, size_t size) {
  const char *found;
  ping_redis(&found);
  snprintf(body, size,
           "{\"name\":\"%s\",\"version\":\"%s\",\"port\":%s,\"down\":%s,\"hang\":%s,\"slowMs\":%d,\"warm\":%s,\"redis\":\"%s\","
           "\"poller\":%s,\"enabled\":%s,\"executions\":%d,\"waiting\":%d,\"uptimeMs\":%lld}",
           name, env("VERSION", ""), port, is_down ? "true" : "false", is_hung ? "true" : "false", slow_ms,
           is_warm ? "true" : "false", found, is_poller ? "true" : "false", is_enabled ? "true" : "false", in_flight(),
           is_named("orca") ? waiting(-1) : 0, now_ms() - started);
  return 200;
}

/* Two meters in the shape of Spectator's endpoint: the messages in hand, and another pool's that say nothing. */
static int answer_metrics(char *body, size_t size) {
  long long now = (long long)time(NULL) * 1000;
  if (!property_is_true("spectator.webEndpoint.enabled", false)) return 404;
  snprintf(body, size,
           "{\"applicationName\":\"%s\",\"metrics\":{\"threadpool.activeCount\":{\"kind\":\"Gauge\",\"values\":["
           "{\"tags\":[{\"key\":\"id\",\"value\":\"taskExecutor\"}],\"values\":[{\"t\":%lld,\"v\":1.0}]},"
           "{\"tags\":[{\"key\":\"id\",\"value\":\"messageHandlerPool\"}],\"values\":[{\"t\":%lld,\"v\":%d.0}]}]}}}",
           name, now, now, in_flight());
  return 200;
}

static int answer(const char *method, const char *path, const char *head, char *body, size_t size) {
  const char *found;
  bool posts = !strcmp(method, "POST"), known_user = !env("REQUIRE_USER", NULL) || strcasestr(head, "\r\nX-Spinnaker-User:");
  snprintf(body, size, "{}");
  if (!strcmp(path, "/_ctl/state")) return answer_state(body, size);
  if (!strncmp(path, "/_ctl/", 6)) return !posts ? 405 : control(path + 6) ? 200 : 404;
  if (is_named("deck")) {
    snprintf(body, size, "<!doctype html><title>Spinnaker</title><p>deck stand-in");
    return is_down ? 503 : !strcmp(path, "/") ? 200 : 404;
  }
  if (!strcmp(path, "/health")) {
    bool up = !is_down && is_warm && !is_sql_down && now_ms() >= down_until && ping_redis(&found);
    snprintf(body, size, "{\"status\":\"%s\"}", up ? "UP" : "DOWN");
    return up ? 200 : 503;
  }
  if (is_named("orca") && !strncmp(path, "/admin/instance/enabled", 23)) {
    if (!known_user) return 403;
    const char *json = strstr(head, "\r\n\r\n");
    if (posts && json) {
      is_enabled = strstr(json, "false") == NULL;
      say("instance %s", is_enabled ? "enabled" : "disabled: taking no more work from the queue");
    }
    snprintf(body, size, "{\"enabled\":%s}", is_enabled ? "true" : "false");
    return 200;
  }
  if (is_named("front50") && !strncmp(path, "/pipelines", 10)) {
    snprintf(body, size, "[]");
    return is_down || is_sql_down ? 503 : 200;
  }
  if (!strncmp(path, "/spectator/metrics", 18)) return known_user ? answer_metrics(body, size) : 403;
  if (is_named("rosco") && !strcmp(path, "/status/instance")) {
    snprintf(body, size, "{\"status\":\"%s\"}", in_flight() ? "RUNNING" : "IDLE");
    return known_user ? 200 : 403;
  }
  return !strcmp(path, "/") ? 200 : 404;
}

/* Waits while it is told to hang; false if the client went away first. */
static bool outlast_hang(int fd) {
  while (is_hung) {
    struct pollfd peer = {.fd = fd, .events = POLLRDHUP};
    if (poll(&peer, 1, 100) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR))) return false;
  }
  return true;
}

/* Reads one request with its body; false if none came. */
static bool read_request(int fd, char *into) {
  size_t used = 0;
  for (;;) {
    ssize_t n = TEMP_FAILURE_RETRY(read(fd, into + used, REQUEST - 1 - used));
    if (n <= 0) return false;
    into[used += n] = 0;
    char *body = strstr(into, "\r\n\r\n"), *length = strcasestr(into, "\r\nContent-Length:");
    if (body && used - (body + 4 - into) >= (length && length < body ? strtoul(length + 17, NULL, 10) : 0)) return true;
    if (used >= REQUEST - 1) return false;
  }
}

static void *serve(void *connection) {
  int fd = (int)(long)connection;
  char head[REQUEST], body[BODY], method[8] = "", path[TEXT] = "", out[BODY + 256];
  if (!read_request(fd, head) || sscanf(head, "%7s %1023s", method, path) != 2) { close(fd); return NULL; }
  bool is_control = !strncmp(path, "/_ctl/", 6);
  if (!is_control) {
    sleep_ms(slow_ms);
    if (!outlast_hang(fd)) { close(fd); return NULL; }
  }
  int status = answer(method, path, head, body, sizeof body);
  const char *reason = status == 200 ? "OK" : status == 503 ? "Service Unavailable" : status == 404 ? "Not Found" : status == 403 ? "Forbidden" : "Method Not Allowed";
  int n = snprintf(out, sizeof out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
                   reason, *body == '<' ? "text/html" : "application/json", strlen(body), strcmp(method, "HEAD") ? body : "");
  if (TEMP_FAILURE_RETRY(write(fd, out, n)) == n) {
    shutdown(fd, SHUT_WR);
    while (TEMP_FAILURE_RETRY(read(fd, head, sizeof head)) > 0) continue; /* lets the client read all before the socket goes */
  }
  close(fd);
  return NULL;
}

static int listen_on_port(void) {
  int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, zero = 0;
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)atoi(port))};
  struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = any.sin6_port};
  struct sockaddr *address = (struct sockaddr *)&any;
  socklen_t length = sizeof any;
  if (fd < 0) { /* a host without IPv6 */
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address = (struct sockaddr *)&any4, length = sizeof any4;
  } else setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, address, length) || listen(fd, 256)) {
    say("cannot listen on port %s: %s", port, strerror(errno));
    exit(1);
  }
  return fd;
}

static void serve_forever(void) {
  int listener = listen_on_port();
  say("Started %s%s on port %s", name, *env("VERSION", "") ? " (stand-in)" : "", port);
  for (;;) {
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    if (now_ms() < refuse_until) {
      close(listener);
      sleep_ms(refuse_until - now_ms());
      listener = listen_on_port();
    } else if (poll(&wait, 1, 200) > 0) {
      int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
      struct timeval limit = {5, 0};
      if (fd < 0) continue;
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      start_thread(serve, (void *)(long)fd);
    }
  }
}

/* ---------------------------------------------------------------- main */

static int as_curl(int argc, char **argv) {
  const char *url = NULL;
  for (int i = 1; i < argc; i++)
    if (*argv[i] != '-' && strchr(argv[i], ':')) url = argv[i];
  return url && request_url(url, "GET", NULL, true) ? 0 : 22;
}

static void find_port(void) {
  if (!property("server.port", port, sizeof port)) snprintf(port, sizeof port, "%s", env("PORT", "8080"));
}

static void begin_with_faults(void) {
  is_down = atoi(env("DOWN", "0")) != 0;
  is_hung = atoi(env("HANG", "0")) != 0;
  slow_ms = (int)duration_ms(env("SLOW", "0"));
  load_state();
  if (env("CRASH_AFTER", NULL) || env("EXIT_CODE", NULL) || env("EXIT_AFTER", NULL)) start_thread(die_later, NULL);
}

int main(int argc, char **argv) {
  started = now_ms();
  snprintf(name, sizeof name, "%s", env("NAME", "standin"));
  const char *slash = strrchr(argv[0], '/');
  if (!strcmp(slash ? slash + 1 : argv[0], "curl")) return as_curl(argc, argv);
  find_port();
  if (argc == 2 && !strcmp(argv[1], "check")) return !request("localhost", port, "GET", is_named("deck") ? "/" : "/health", true);
  if (argc == 3 && !strcmp(argv[1], "ctl")) {
    char path[TEXT];
    snprintf(path, sizeof path, "/_ctl/%s", argv[2]);
    return !request("localhost", port, strcmp(argv[2], "state") ? "POST" : "GET", path, true);
  }
  if (argc > 1) { fprintf(stderr, "usage: standin [check | ctl COMMAND]\n"); return 2; }

  signal(SIGPIPE, SIG_IGN);
  term_delay = duration_ms(env("TERM_DELAY", "0"));
  signal(SIGINT, on_term);
  signal(SIGTERM, atoi(env("IGNORE_TERM", "0")) ? SIG_IGN : on_term);
  begin_with_faults();
  refuse_environment();
  find_redis();
  boot();
  refuse_redis_store();
  find_sql();
  down_until = now_ms() + duration_ms(env("WARM_UP", "0"));
  decide_polling();
  start_thread(warm_up, NULL);
  sql.used = sql.used && strstr(sql.url, "jdbc:postgresql:") == sql.url;
  is_sql_down = sql.used;
  if (sql.used) start_thread(watch_sql, NULL);
  serve_forever();
}
