/* A connection of front50's stand-in to its SQL store; see standin_sql.c. */
#pragma once
#include <stdbool.h>

/* Logs in to jdbc:postgresql://host[:port]/database. The open connection, or -1 and why not. */
int sql_open(const char *url, const char *user, const char *password, const char **wrong);

/* One query on an open connection; false: it is of no use any more. */
bool sql_ask(int connection);

/* Connects to host and service; in standin.c. */
int dial(const char *host, const char *service, int timeout_ms);
