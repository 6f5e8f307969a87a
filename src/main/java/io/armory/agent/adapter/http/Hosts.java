package io.armory.agent.adapter.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/// Whether a request names one host (RFC 9112, 3.2). A request with none or two is read by a proxy
/// in one way and by a server in another.
final class Hosts {
  static final String RULE = "a request has exactly one Host header\n";

  /// What separates a host from something else, or is no part of an address.
  private static final String FOREIGN = " \t/\\@?#,\"<>";

  private Hosts() {}

  static boolean isOne(HttpServerRequest request) {
    var hosts = request.headers().getAll(HttpHeaders.HOST);
    if (hosts.isEmpty()) {
      return HttpVersion.HTTP_1_0.equals(request.version());
    }
    return hosts.size() == 1 && hosts.getFirst().chars().noneMatch(c -> FOREIGN.indexOf(c) >= 0);
  }
}
