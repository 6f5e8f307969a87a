package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What one revision changes against another, one line each: parameters and files with where they
/// come from, then the services. No secret and no file's content is in it.
public final class RevisionDiff {
  private static final int LONGEST = 120;
  private static final String SECRETS = "/secrets/";

  private final Revision before;
  private final Revision after;
  private final Parameters parameters;

  private RevisionDiff(Revision before, Revision after, Parameters parameters) {
    this.before = before;
    this.after = after;
    this.parameters = parameters;
  }

  /// @param parameters those that made `after`, as they may be shown
  public static List<String> between(Revision before, Revision after, Parameters parameters) {
    var diff = new RevisionDiff(before, after, parameters);
    return Stream.of(diff.role(), diff.variables(), diff.files(), diff.services())
        .flatMap(List::stream)
        .toList();
  }

  /// What a revision changes of each service against earlier ones.
  ///
  /// @return service → the definition's hash before → what changes
  public static Map<String, Map<String, String>> ofServices(
      Revision after, List<Revision> earlier) {
    var all = new HashMap<String, Map<String, String>>();
    for (var before : earlier) {
      before
          .stack()
          .services()
          .forEach((name, old) -> {
            var fresh = after.stack().services().get(name);
            var what = fresh == null ? Optional.<String>empty() : aspects(old, fresh);
            what.ifPresent(
                w -> all.computeIfAbsent(name, _ -> new HashMap<>()).put(old.definitionHash(), w));
          });
    }
    return all;
  }

  private List<String> role() {
    return before.role().equals(after.role())
        ? List.of()
        : List.of("role: %s → %s".formatted(before.role(), after.role()));
  }

  private List<String> variables() {
    var old = variables(before);
    var fresh = variables(after);
    return names(old, fresh).stream()
        .filter(n -> !Objects.equals(old.get(n), fresh.get(n)))
        .map(n ->
            "%s: %s → %s%s"
                .formatted(
                    n,
                    shown(n, old.get(n)),
                    shown(n, fresh.get(n)),
                    origin(parameters.variables().get(n), parameters.settings().get(n))))
        .toList();
  }

  private static Map<String, String> variables(Revision revision) {
    var all = new TreeMap<String, String>();
    revision
        .resolvedEnv()
        .lines()
        .filter(l -> !l.startsWith("#") && l.indexOf('=') > 0)
        .forEach(l -> all.put(l.substring(0, l.indexOf('=')), l.substring(l.indexOf('=') + 1)));
    return all;
  }

  private static String shown(String name, @Nullable String value) {
    if (value == null) {
      return "not set";
    }
    var text = Parameters.SECRET_NAME.matcher(name).matches() ? Secret.MASK : value;
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static String origin(@Nullable Parameter... known) {
    for (var p : known) {
      if (p != null) {
        return " (" + p.origin() + ")";
      }
    }
    return "";
  }

  private List<String> files() {
    var old = files(before);
    var fresh = files(after);
    return names(old, fresh).stream()
        .filter(p -> !Objects.equals(old.get(p), fresh.get(p)))
        .map(p -> {
          var name = p.substring(p.lastIndexOf('/') + 1);
          var how = !old.containsKey(p) ? "is new" : fresh.containsKey(p) ? "changed" : "is gone";
          return p.contains(SECRETS)
              ? "secret %s %s".formatted(name, how)
              : "file %s %s%s".formatted(name, how, origin(parameters.files().get(name)));
        })
        .distinct()
        .toList();
  }

  private static Map<String, RenderedFile.Content> files(Revision revision) {
    return revision.needed().stream()
        .collect(Collectors.toMap(RenderedFile::path, RenderedFile::content, (a, b) -> b));
  }

  /// Services that change alike are one line.
  private List<String> services() {
    var old = before.stack().services();
    var fresh = after.stack().services();
    var alike = new TreeMap<String, TreeSet<String>>();
    for (var name : names(old, fresh)) {
      aspects(old.get(name), fresh.get(name))
          .ifPresent(what -> alike.computeIfAbsent(what, w -> new TreeSet<>()).add(name));
    }
    return alike.entrySet().stream()
        .sorted(Map.Entry.comparingByValue((a, b) -> a.first().compareTo(b.first())))
        .map(e -> String.join(", ", e.getValue()) + ": " + e.getKey())
        .toList();
  }

  private static Optional<String> aspects(@Nullable Service old, @Nullable Service fresh) {
    if (fresh == null) {
      return Optional.of("no longer in the stack");
    }
    if (old == null) {
      return Optional.of("new service, image " + fresh.container().image());
    }
    if (old.definitionHash().equals(fresh.definitionHash()) && old.replicas() == fresh.replicas()) {
      return Optional.empty();
    }
    var all = new ArrayList<String>();
    var was = old.container();
    var is = fresh.container();
    if (!was.image().equals(is.image())) {
      all.add("image %s → %s".formatted(was.image(), is.image()));
    }
    if (old.replicas() != fresh.replicas()) {
      all.add("replicas %d → %d".formatted(old.replicas(), fresh.replicas()));
    }
    var environment = environment(old, fresh);
    if (!environment.isEmpty()) {
      all.add("environment " + String.join(", ", environment));
    }
    var rest = new HashMap<String, Boolean>();
    rest.put("command", !command(old).equals(command(fresh)));
    rest.put("health check", !Objects.equals(was.healthcheck(), is.healthcheck()));
    rest.put("network", !was.networking().equals(is.networking()));
    rest.put("volumes", !was.storage().equals(is.storage()));
    rest.put("resources", !was.resources().equals(is.resources()));
    rest.put("security", !was.security().equals(is.security()));
    rest.put("logging", !Objects.equals(was.logging(), is.logging()));
    rest.put("labels", !was.labels().equals(is.labels()));
    rest.put("dependencies", !old.dependsOn().equals(fresh.dependsOn()));
    rest.entrySet().stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(all::add);
    return Optional.of(all.isEmpty() ? "files that it mounts" : String.join("; ", all));
  }

  private static List<Object> command(Service service) {
    var c = service.container().command();
    return List.of(
        Optional.ofNullable(c.entrypoint()),
        Optional.ofNullable(c.command()),
        Optional.ofNullable(c.user()),
        Optional.ofNullable(c.workingDir()));
  }

  /// Names alone: a value may be a secret.
  private static List<String> environment(Service old, Service fresh) {
    var was = old.container().command().environment();
    var is = fresh.container().command().environment();
    return names(was, is).stream()
        .filter(
            n -> !Objects.equals(was.get(n), is.get(n)) || was.containsKey(n) != is.containsKey(n))
        .toList();
  }

  private static SortedSet<String> names(Map<String, ?> a, Map<String, ?> b) {
    var all = new TreeSet<>(a.keySet());
    all.addAll(b.keySet());
    return all;
  }
}
