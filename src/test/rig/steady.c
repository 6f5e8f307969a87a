/*
 * steady: asks an HTTP path at a steady rate and says how long the answers took.
 *
 *   steady HOST PORT PATH RATE SECONDS CONNECTIONS
 *   steady serve PORT          the floor: answers every request at once, with next to no work
 *
 * The load is open: request number i is due at start + i / rate, whatever became of those before it, and its
 * time counts from when it was due, not from when a connection was free to send it. A server that stands still
 * for a second therefore shows in a second's worth of requests, not in one (no coordinated omission).
 *
 * Prints one line of JSON: requests, statuses, broken, milliseconds (p50, p90, p99, p999, max), and of the
 * instant "at" that each body tells, the greatest age in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOOR "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"ready\":true}\n"

enum { MOST = 512, BODY = 65536 };

struct connection {
  int fd;
  bool busy;
  long due;
  size_t used;
  char text[BODY];
};

static struct connection all[MOST];
static char request[1024];
static struct sockaddr_in address;
static long *times, answered, good, broken, oldest, undated;

static long now_us(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void open_one(struct connection *c, int epoll) {
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("steady: connect");
    exit(1);
  }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
  c->used = 0;
  c->busy = false;
}

static void reopen(struct connection *c, int epoll) {
  close(c->fd);
  open_one(c, epoll);
}

/* The age of "at":"2026-11-25T04:48:07.123456Z" by this machine's clock. */
static void note_age(const char *body) {
  const char *at = strstr(body, "\"at\":\"");
  struct tm tm = {0};
  char *rest = at ? strptime(at + 6, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
  if (!rest) {
    undated++;
    return;
  }
  long made = timegm(&tm) * 1000000L + (*rest == '.' ? (long)(strtod(rest, NULL) * 1e6) : 0);
  long age = now_us(CLOCK_REALTIME) - made;
  if (age > oldest) oldest = age;
}

/* True once the whole answer is here. */
static bool is_whole(struct connection *c) {
  c->text[c->used] = 0;
  char *end = strstr(c->text, "\r\n\r\n");
  char *length = end ? strcasestr(c->text, "\r\ncontent-length:") : NULL;
  return length && c->used >= (size_t)(end - c->text) + 4 + strtoul(length + 17, NULL, 10);
}

static void read_one(struct connection *c, int epoll) {
  ssize_t n = read(c->fd, c->text + c->used, BODY - 1 - c->used);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    if (c->busy) broken++;
    reopen(c, epoll);
    return;
  }
  c->used += n;
  if (!c->busy || !is_whole(c)) return;
  times[answered++] = now_us(CLOCK_MONOTONIC) - c->due;
  good += !strncmp(c->text, "HTTP/1.1 200", 12);
  note_age(c->text);
  c->busy = false;
  c->used = 0;
}

/* Answers whoever asks, all on one thread, as the agent's health port does. */
static int serve(int port) {
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0)
    return perror("steady: serve"), 1;
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
  while (true) {
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        fd = accept(listener, NULL, NULL);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
        continue;
      }
      char text[4096];
      if (read(fd, text, sizeof text) <= 0 || write(fd, FLOOR, strlen(FLOOR)) < 0) close(fd);
    }
  }
}

static int by_size(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

static double percentile(double p) {
  return answered ? times[(long)(p * (answered - 1))] / 1000.0 : 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "serve")) return serve(atoi(argv[2]));
  if (argc != 7) return fprintf(stderr, "usage: steady HOST PORT PATH RATE SECONDS CONNECTIONS\n"), 2;
  long rate = atol(argv[4]), total = rate * atol(argv[5]), count = atol(argv[6]), sent = 0;
  if (count > MOST || rate < 1) return fprintf(stderr, "steady: at most %d connections\n", MOST), 2;
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(argv[2]));
  inet_pton(AF_INET, argv[1], &address.sin_addr);
  snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n", argv[3], argv[1]);
  times = calloc(total + 1, sizeof *times);
  int epoll = epoll_create1(0);
  for (long i = 0; i < count; i++) open_one(&all[i], epoll);

  long start = now_us(CLOCK_MONOTONIC), give_up = start + total * 1000000L / rate + 10000000L;
  while (answered + broken < total && now_us(CLOCK_MONOTONIC) < give_up) {
    long now = now_us(CLOCK_MONOTONIC);
    for (long i = 0; i < count && sent < total && start + sent * 1000000L / rate <= now; i++) {
      struct connection *c = &all[i];
      if (c->busy) continue;
      c->busy = true;
      c->due = start + sent++ * 1000000L / rate;
      if (write(c->fd, request, strlen(request)) < 0) {
        broken++;
        reopen(c, epoll);
      }
    }
    struct epoll_event events[64];
    int n = epoll_pwait2(epoll, events, 64, &(struct timespec){.tv_nsec = 200000}, NULL);
    for (int i = 0; i < n; i++) read_one(events[i].data.ptr, epoll);
  }
  qsort(times, answered, sizeof *times, by_size);
  printf("{\"requests\":%ld,\"answered\":%ld,\"ready\":%ld,\"broken\":%ld,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,"
         "\"p999\":%.2f,\"max\":%.2f,\"oldestMs\":%ld,\"undated\":%ld}\n",
         total, answered, good, broken, percentile(.5), percentile(.9), percentile(.99), percentile(.999),
         percentile(1), oldest / 1000, undated);
  return answered == total ? 0 : 1;
}
