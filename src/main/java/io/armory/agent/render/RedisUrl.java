package io.armory.agent.render;

import java.nio.charset.StandardCharsets;

/// The URL by which every Spinnaker service finds Redis. The user's part is empty: another name
/// than `default` fails in igor.
final class RedisUrl {
  private static final String PLAIN_IN_USERINFO =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=";

  private RedisUrl() {}

  /// @param password empty: none is asked for
  static String of(String host, String port, String password, boolean tls) {
    return (tls ? "rediss://" : "redis://")
        + (password.isEmpty() ? "" : ":" + encoded(password) + "@")
        + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  /// RFC 3986 section 3.2.1, the colon encoded too: some clients split there.
  private static String encoded(String password) {
    var out = new StringBuilder();
    for (var octet : password.getBytes(StandardCharsets.UTF_8)) {
      var c = (char) (octet & 0xff);
      if (PLAIN_IN_USERINFO.indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append('%').append(String.format("%02X", (int) c));
      }
    }
    return out.toString();
  }
}
