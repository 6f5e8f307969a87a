package io.armory.agent.render;

import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.RenderedFile.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// One directory of configuration files for each service: shipped files < the site's < those of the
/// parameters. Its name carries a digest of its content, so that a changed file replaces the
/// containers that read it, and no others.
///
/// A file named for a service (`gate-local.yml`) is that service's alone; every other one is
/// everybody's. deck is not a Spring service: of the YAML files it gets none.
final class ConfigDirectories {
  private static final Pattern VARIABLE = Pattern.compile("([A-Z][A-Z0-9_]*)_CONFIG_DIR");
  private static final Pattern SAFE =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._@+-]*(/[A-Za-z0-9_][A-Za-z0-9._@+-]*)*+");
  private static final Pattern DECKS = Pattern.compile("(settings|plugin-manifest|deck)[.-].*");

  private final RenderRequest request;
  private final Set<String> services = new TreeSet<>();
  private final Map<String, Content> open = new TreeMap<>();
  private final Map<String, Content> hidden = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();

  /// @param variables those the Compose files use: `GATE_CONFIG_DIR` says that gate wants one
  ConfigDirectories(RenderRequest request, Set<String> variables) {
    this.request = request;
    for (var variable : variables) {
      var match = VARIABLE.matcher(variable);
      if (match.matches()) {
        services.add(service(match.group(1)));
      }
    }
    request.templates().config().forEach((name, file) -> open.put(name, file.content()));
    request
        .parameters()
        .files()
        .forEach((name, parameter) -> {
          if (!SAFE.matcher(name).matches()) {
            problems.add(
                new Problem(
                    parameter.origin(),
                    "is not a name for a configuration file: " + name,
                    "use a name such as gate-local.yml"));
            return;
          }
          switch (parameter.value()) {
            case Plain(var text) -> {
              hidden.remove(name);
              open.put(name, content(text));
            }
            case Hidden(var secret) -> {
              // The mount's place: the directory itself is mounted read-only.
              open.put(name, content(""));
              hidden.put(name, content(secret.reveal()));
            }
          }
        });
  }

  private static String service(String prefix) {
    return prefix.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Content content(String text) {
    return new Content(text.getBytes(StandardCharsets.UTF_8));
  }

  List<Problem> problems() {
    return problems;
  }

  /// A file that a site has, by whatever way, where the templates bring one of the same name.
  boolean isSites(String name) {
    var base = request.templates().base();
    var shipped = base.substring(0, base.lastIndexOf('/') + 1) + "config/" + name;
    var file = request.templates().config().get(name);
    return request.parameters().files().containsKey(name)
        || (file != null && !file.origin().equals(shipped));
  }

  /// Of all configuration files.
  Set<String> names() {
    return open.keySet();
  }

  /// Service → its directory.
  Map<String, String> directories() {
    var directories = new LinkedHashMap<String, String>();
    for (var service : services) {
      var digest = new Digests();
      of(service, open).forEach((name, content) -> digest.add(name).add(content.bytes()));
      directories.put(
          service,
          request.node().renderedDirectory() + "/config/" + service + "-" + digest.shortHex());
    }
    return directories;
  }

  /// What lies in a service's directory.
  List<RenderedFile> files(String service, String directory) {
    return of(service, open).entrySet().stream()
        .map(e -> new RenderedFile(directory + "/" + e.getKey(), e.getValue(), 0644, -1))
        .toList();
  }

  /// The secret files of a service: name → where it lies on the node.
  Map<String, RenderedFile> secretFiles(String service) {
    var files = new TreeMap<String, RenderedFile>();
    of(service, hidden)
        .forEach((name, content) ->
            files.put(
                name,
                SecretFiles.file(request.node().secretsDirectory() + "/config/" + name, content)));
    return files;
  }

  private Map<String, Content> of(String service, Map<String, Content> files) {
    var mine = new TreeMap<String, Content>();
    files.forEach((name, content) -> {
      if (reads(service, name)) {
        mine.put(name, content);
      }
    });
    return mine;
  }

  private boolean reads(String service, String file) {
    if (service.equals("deck")) {
      return DECKS.matcher(file).matches() || !(owned(file) || file.endsWith(".yml"));
    }
    return isOf(service, file) || !(owned(file) || DECKS.matcher(file).matches());
  }

  private boolean owned(String file) {
    return services.stream().anyMatch(s -> isOf(s, file));
  }

  /// `gate.yml`, `gate-local.yml` and whatever is under `gate/`.
  private static boolean isOf(String service, String file) {
    return file.startsWith(service)
        && file.length() > service.length()
        && "./-".indexOf(file.charAt(service.length())) >= 0;
  }
}
