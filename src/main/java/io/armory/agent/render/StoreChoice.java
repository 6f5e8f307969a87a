package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Where front50, orca and clouddriver keep what they must not lose: `FRONT50_STORE` and so on,
/// what follows from it, and what cannot be.
final class StoreChoice {
  /// Service → the stores whose files are shipped.
  private static final Map<String, Set<String>> SHIPPED =
      Map.of(
          "front50", Set.of("sql", "s3", "redis"),
          "orca", Set.of("redis", "sql"),
          "clouddriver", Set.of("redis", "sql"));

  /// front50 knows these, too; a site that brings the file for one may have it.
  private static final Set<String> OTHERS_OF_FRONT50 = Set.of("azure", "gcs", "oracle", "swift");

  /// From here on front50 does not start on Redis: its service accounts have no store there.
  private static final Release NOT_ON_REDIS = new Release(2026, 2, 0);

  private static final Pattern JDBC = Pattern.compile("jdbc:(postgresql|mysql)://[^/\\s]+/\\S+");
  private static final Pattern OPEN_PASSWORD =
      Pattern.compile("(?i)[?&;]password=|//[^/@]*:[^/@]*@");

  private StoreChoice() {}

  /// Adds to the variables what nobody has said.
  static void complete(Variables variables) {
    for (var service : SHIPPED.keySet()) {
      var url = name(service, "_SQL_URL");
      if (variables.has(url)) {
        variables.addMissing(name(service, "_STORE"), "sql", "because " + url + " is set");
        var postgres = variables.text(url).startsWith("jdbc:postgresql:");
        variables.addMissing(
            name(service, "_SQL_DIALECT"), postgres ? "POSTGRES" : "MYSQL", "by " + url);
      }
    }
    if (variables.has("ARMORYSPINNAKER_S3_BUCKET")) {
      variables.addMissing("FRONT50_STORE", "s3", "because ARMORYSPINNAKER_S3_BUCKET is set");
    }
    if (isOld(named(variables))) {
      variables.addMissing(
          "FRONT50_STORE", "redis", "as ever with a release before " + NOT_ON_REDIS);
    }
    variables.addMissing("FRONT50_STORE", "sql", "the usual store");
    if (variables.text("FRONT50_STORE").equals("sql") && !variables.has("FRONT50_SQL_URL")) {
      variables.addMissing(
          "POSTGRES_ENABLED", "true", "FRONT50_STORE is sql, and FRONT50_SQL_URL not set");
      variables.set("FRONT50_SQL_USER", "front50");
      variables.set("FRONT50_SQL_DIALECT", "POSTGRES");
    }
  }

  private static Optional<Release> named(Variables variables) {
    return variables.has("FRONT50_IMAGE")
        ? Release.ofImage(variables.text("FRONT50_IMAGE"))
        : Release.of(variables.text("SPINNAKER_RELEASE"));
  }

  private static boolean isOld(Optional<Release> release) {
    return release.isPresent() && release.get().compareTo(NOT_ON_REDIS) < 0;
  }

  /// Secret → the password in it; empty where none is needed.
  static Map<String, String> passwords(Variables variables, String digestKey) {
    var passwords = new TreeMap<String, String>();
    for (var service : SHIPPED.keySet()) {
      var said = variables.text(name(service, "_SQL_PASSWORD"));
      var local = service.equals("front50") && variables.isTrue("POSTGRES_ENABLED");
      var password =
          said.isEmpty() && local ? Digests.password(digestKey, "the local database") : said;
      passwords.put(service + "-sql-password", password);
    }
    return passwords;
  }

  /// What the stack cannot run with.
  ///
  /// @param configuration names of all configuration files
  static List<Problem> problems(Variables variables, Stack stack, Set<String> configuration) {
    var problems = new ArrayList<Problem>();
    for (var service : new TreeSet<>(SHIPPED.keySet())) {
      if (stack.services().containsKey(service)) {
        var name = name(service, "_STORE");
        var store = variables.text(name);
        var known = known(service, configuration);
        if (!store.isEmpty() && !known.contains(store)) {
          problems.add(
              new Problem(
                  variables.origin(name),
                  name + " " + store + " is not known",
                  "use one of " + String.join(", ", known)));
        }
        if (store.equals("sql")) {
          database(service, variables, stack).ifPresent(problems::add);
        }
      }
    }
    if (stack.services().containsKey("front50")) {
      front50(variables, stack).ifPresent(problems::add);
    }
    return problems;
  }

  private static Set<String> known(String service, Set<String> configuration) {
    var known = new TreeSet<>(SHIPPED.getOrDefault(service, Set.of()));
    if (service.equals("front50")) {
      OTHERS_OF_FRONT50.stream()
          .filter(s -> configuration.contains("front50-" + s + ".yml"))
          .forEach(known::add);
    }
    return known;
  }

  private static Optional<Problem> database(String service, Variables variables, Stack stack) {
    var url = name(service, "_SQL_URL");
    var text = variables.text(url);
    if (text.isEmpty()) {
      return service.equals("front50") && stack.services().containsKey("postgres")
          ? Optional.empty()
          : Optional.of(
              new Problem(
                  variables.origin(name(service, "_STORE")),
                  name(service, "_STORE") + " is sql, and " + url + " is not set",
                  "name the database, such as jdbc:postgresql://HOST:5432/"
                      + service
                      + (service.equals("front50")
                          ? ", or a bucket in ARMORYSPINNAKER_S3_BUCKET"
                          : "")));
    }
    if (OPEN_PASSWORD.matcher(text).find()) {
      return Optional.of(
          new Problem(
              variables.origin(url),
              url + " has a password in it, for everybody to read",
              "put it into " + name(service, "_SQL_PASSWORD")));
    }
    return JDBC.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            new Problem(
                variables.origin(url),
                url + " is not where a database could be",
                "write jdbc:postgresql://HOST:5432/DATABASE, or jdbc:mysql://HOST:3306/DATABASE"));
  }

  private static Optional<Problem> front50(Variables variables, Stack stack) {
    return switch (variables.text("FRONT50_STORE")) {
      case "s3" ->
          variables.has("ARMORYSPINNAKER_S3_BUCKET")
              ? Optional.empty()
              : Optional.of(
                  new Problem(
                      variables.origin("FRONT50_STORE"),
                      "FRONT50_STORE is s3, and ARMORYSPINNAKER_S3_BUCKET is not set",
                      "name the bucket"));
      case "redis" -> onRedis(variables, stack);
      default -> Optional.empty();
    };
  }

  private static Optional<Problem> onRedis(Variables variables, Stack stack) {
    var where = variables.origin("FRONT50_STORE");
    if (!stack.services().containsKey("redis")) {
      return Optional.of(
          new Problem(
              where,
              "FRONT50_STORE is redis, and this role has no Redis of its own",
              "use sql or s3"));
    }
    var release = release(stack).filter(r -> r.compareTo(NOT_ON_REDIS) >= 0);
    return release.map(r ->
        new Problem(
            where,
            "front50 " + r + " does not start with FRONT50_STORE=redis",
            "use sql or s3; what is in Redis stays there, to be taken along by a release before "
                + NOT_ON_REDIS
                + " (docs/spinnaker.md)"));
  }

  private static Optional<Release> release(Stack stack) {
    return Optional.ofNullable(stack.services().get("front50"))
        .flatMap(s -> Release.ofImage(s.container().image()));
  }

  /// What can run, and is worth another look.
  static List<String> warnings(Variables variables, Stack stack) {
    if (!stack.services().containsKey("front50")
        || !variables.text("FRONT50_STORE").equals("redis")) {
      return List.of();
    }
    return List.of(
        release(stack).isPresent()
            ? "front50 keeps the pipelines in Redis, with which no release from "
                + NOT_ON_REDIS
                + " on starts: take them to FRONT50_STORE=sql or s3 before you upgrade"
                + " (docs/spinnaker.md)"
            : "FRONT50_STORE is redis: front50 does not start with it from release "
                + NOT_ON_REDIS
                + " on, and its image does not tell its release");
  }

  private static String name(String service, String suffix) {
    return service.toUpperCase(Locale.ROOT) + suffix;
  }
}
