/*
 * clock: a process that has it preloaded lives by a clock that tests set while it runs, as `date --set` would. The steady
 * clock goes on, and what a file system wrote down was written by the clock of that moment.
 *
 *   LD_PRELOAD=clock.so CLOCK_SET=FILE program
 *
 * FILE: how often the clock was set (8 bytes, native order), then for each time when by the real clock, and how far it
 * is ahead since, both in nanoseconds; made with room for all of them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

enum { MOST = 4000 };
static const int64_t SECOND = 1000000000;
static volatile int64_t *set;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CLOCK_SET");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *all = mmap(NULL, 8 + MOST * 16, PROT_READ, MAP_SHARED, file, 0);
  if (all != MAP_FAILED) set = all;
}

/* What the clock showed at a moment of the real one. */
static int64_t shown(int64_t at) {
  int64_t ahead = 0;
  for (int64_t i = 0; set && i < set[0] && set[1 + 2 * i] <= at; i++) ahead = set[2 + 2 * i];
  return at + ahead;
}

static void show(int64_t *seconds, int64_t nanos) { *seconds = (shown(*seconds * SECOND + nanos) - nanos) / SECOND; }

int clock_gettime(clockid_t clock, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, at);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) show(&at->tv_sec, at->tv_nsec);
  return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}

#define STAT(NAME, PARAMETERS, ARGUMENTS)                  \
  int NAME PARAMETERS {                                          \
    static int(*real) PARAMETERS;                                \
    if (!real) real = dlsym(RTLD_NEXT, #NAME);                   \
    int failed = real ARGUMENTS;                                 \
    if (!failed) show(&into->st_mtim.tv_sec, into->st_mtim.tv_nsec); \
    return failed;                                               \
  }

STAT(stat64, (const char *path, struct stat64 *into), (path, into))
STAT(lstat64, (const char *path, struct stat64 *into), (path, into))
STAT(fstat64, (int file, struct stat64 *into), (file, into))
STAT(fstatat64, (int dir, const char *path, struct stat64 *into, int flags), (dir, path, into, flags))

int statx(int dir, const char *restrict path, int flags, unsigned mask, struct statx *restrict into) {
  static int (*real)(int, const char *, int, unsigned, struct statx *);
  if (!real) real = dlsym(RTLD_NEXT, "statx");
  int failed = real(dir, path, flags, mask, into);
  if (!failed) {
    int64_t seconds = into->stx_mtime.tv_sec;
    show(&seconds, into->stx_mtime.tv_nsec);
    into->stx_mtime.tv_sec = seconds;
  }
  return failed;
}
