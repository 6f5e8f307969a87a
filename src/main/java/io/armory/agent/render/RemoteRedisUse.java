package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which remote Redis a stack uses, and which of its services: those that mount the file with its
/// URL. One with a Redis service of its own uses that.
final class RemoteRedisUse {
  private static final Pattern URL =
      Pattern.compile(
          "(redis|rediss)://(?:([^:@/]*)(?::([^@]*))?@)?"
              + "(\\[[0-9a-fA-F:.]+(?:%\\w+)?\\]|[\\w.-]+)(?::(\\d{1,5}))?(?:/[^:/]*)?");
  private static final int USUAL_PORT = 6379;
  private static final int LAST_PORT = 65_535;

  private RemoteRedisUse() {}

  /// @param urlFile where the URL lies on the node
  static Optional<RemoteRedis> of(
      Variables variables, Stack stack, String urlFile, List<Problem> problems) {
    var users =
        stack.services().values().stream()
            .filter(s -> mounts(s, urlFile))
            .map(Service::name)
            .collect(Collectors.toSet());
    if (users.isEmpty() || stack.services().containsKey("redis")) {
      return Optional.empty();
    }
    var url = URL.matcher(variables.redisUrl(false));
    if (!url.matches() || port(url) < 1 || port(url) > LAST_PORT) {
      problems.add(nowhere(variables.has("REDIS_URL")));
      return Optional.empty();
    }
    return Optional.of(redis(url, variables, users));
  }

  private static Problem nowhere(boolean ofUrl) {
    return new Problem(
        ofUrl ? "REDIS_URL" : "REDIS_HOST and REDIS_PORT",
        "is not where a Redis could be",
        ofUrl
            ? "write redis://:PASSWORD@HOST:PORT, or rediss:// for TLS"
            : "write a name or an address alone in the one, and its port in the other");
  }

  private static int port(Matcher url) {
    return url.group(5) == null ? USUAL_PORT : Integer.parseInt(url.group(5));
  }

  private static RemoteRedis redis(Matcher url, Variables variables, Set<String> users) {
    var host = url.group(4);
    var caFile = variables.text("REDIS_CA_FILE").strip();
    var user = decoded(url.group(2));
    return new RemoteRedis(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port(url),
        url.group(1).toLowerCase(Locale.ROOT).equals("rediss"),
        user.equals("default") ? "" : user,
        new Secret(decoded(url.group(3))),
        caFile.isEmpty() ? Optional.empty() : Optional.of(caFile),
        users,
        variables.secrets().contains("REDIS_HOST"));
  }

  /// A plus is itself here, unlike in a form.
  private static String decoded(String text) {
    return text == null ? "" : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static boolean mounts(Service service, String urlFile) {
    return service.container().storage().mounts().stream()
        .anyMatch(m -> m instanceof Storage.FileMount f && f.hostPath().equals(urlFile));
  }
}
