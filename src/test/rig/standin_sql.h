/* A connection of front50's stand-in to its SQL store; see standin_sql.c. */
#pragma once
#include <stdbool.h>

/* Logs in to jdbc:postgresql://host[:port]/database. The open connection, or -1 and why not. */
int sql_open(const char *url, const char *user, const char *password, const char **wrong);

/* One query on an open connection; false: it is of no use any more. */
bool sql_ask(int connection);

/* Connects to host and service; in standin.c. */
int dial(const char *host, const char *service, int timeout_ms);

/* A call with a time limit ends with EINTR when the container was paused (signal(7)). What a JVM is made of goes on
   then, and so does this. Not every libc has the macro. */
#include <errno.h>
#ifndef TEMP_FAILURE_RETRY
#define TEMP_FAILURE_RETRY(call)                                          \
  ({                                                                      \
    long result_;                                                         \
    do result_ = (long)(call);                                            \
    while (result_ == -1 && errno == EINTR);                              \
    result_;                                                              \
  })
#endif
