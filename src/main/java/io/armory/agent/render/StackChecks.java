package io.armory.agent.render;

import io.armory.agent.domain.Characters;
import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.EngineAbilities;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.domain.NodeRanges;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.render.engine.EngineRules;
import io.armory.agent.render.engine.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What the engine would refuse of a stack, or could not do for all of it, found before anything is
/// touched; each with its line, and the parameter it came from.
final class StackChecks {
  private final List<SourceText> texts;
  private final Map<String, Parameter> parameters;
  private final boolean requireDigest;
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /// @param texts in the order they are merged
  /// @param parameters those that somebody set
  /// @param requireDigest an image without its digest is a problem
  StackChecks(List<SourceText> texts, Map<String, Parameter> parameters, boolean requireDigest) {
    this.texts = texts;
    this.parameters = parameters;
    this.requireDigest = requireDigest;
  }

  /// Of a stack that is read from files alone, whatever node it is for.
  static StackChecks ofFiles(Stack stack, List<SourceText> texts) {
    var checks = new StackChecks(texts, Map.of(), false);
    checks.check(stack, new Overlaps(stack, NodeRanges.NONE), EngineAbilities.UNKNOWN);
    return checks;
  }

  List<Problem> problems() {
    return problems;
  }

  List<String> warnings() {
    return warnings;
  }

  List<Problem> check(Stack stack, Overlaps overlaps, EngineAbilities engine) {
    for (var service : stack.services().values()) {
      var path = "services." + service.name();
      image(service.name(), path + ".image", "image", service.container().image());
      service
          .container()
          .storage()
          .imageMounts()
          .forEach(m -> image(service.name(), path + ".volumes", "source", m.image()));
    }
    Ranges.faults(stack)
        .forEach(f ->
            add(
                f.key(),
                f.section() + "." + f.key(),
                f.attribute(),
                f.token(),
                f.what(),
                f.section().equals("services")
                    ? "write an address of its own in the range, or none"
                    : "write a range of its own, such as 192.168.240.0/24"));
    overlaps.refused().forEach(this::overlap);
    HostPorts.of(stack)
        .forEach(c ->
            add(
                c.service(),
                "services." + c.service() + ".ports",
                "ports",
                String.valueOf(c.port().published()),
                c.what(),
                "publish one of them on another port"));
    EngineRules.faults(stack, engine).forEach(this::fault);
    return problems;
  }

  /// Parameters that nothing can be made of, wherever they are used.
  ///
  /// @param used by the Compose files
  static List<Problem> ofParameters(Map<String, Parameter> parameters, Set<String> used) {
    var problems = new ArrayList<Problem>();
    for (var parameter : parameters.values()) {
      if (used.contains(parameter.name()) && parameter.value() instanceof Plain(var text)) {
        var end = text.isEmpty() ? 'x' : text.charAt(text.length() - 1);
        var odd =
            text.chars()
                .filter(c -> Characters.isUnseen(c) && c != '\t' && c != '\n' && c != '\r')
                .findFirst();
        if (odd.isPresent()) {
          problems.add(parameter(parameter, "has " + Characters.name(odd.getAsInt()) + " in it"));
        } else if (end == '\n' || end == '\r') {
          problems.add(parameter(parameter, "ends in a line break"));
        }
      }
    }
    return problems;
  }

  private static Problem parameter(Parameter parameter, String what) {
    return new Problem(
        parameter.origin(), "parameter " + parameter.name() + " " + what, "write it without");
  }

  private void overlap(Overlaps.Overlap overlap) {
    var key = overlap.network().key();
    var path = "networks." + key;
    var found = Lines.find(texts, key, "subnet", overlap.range().toString(), path);
    var free = overlap.free().map(Cidr::toString).orElse("a range that nobody has");
    var names =
        Lines.variables(found.text()).stream()
            .map(name ->
                Optional.ofNullable(parameters.get(name))
                    .map(p -> "%s (%s)".formatted(name, p.origin()))
                    .orElse(name))
            .collect(Collectors.joining(", "));
    problems.add(
        new Problem(
            found.where(),
            found.where().equals(path) ? overlap.what() : path + ": " + overlap.what(),
            names.isEmpty() ? "write " + free : "set parameter %s to %s".formatted(names, free)));
  }

  private void image(String service, String path, String key, String image) {
    var token = key.equals("image") ? "" : image;
    var trouble = ImageReference.problem(image);
    if (trouble.isPresent()) {
      add(
          service,
          path,
          key,
          token,
          "'%s' is no image reference: %s".formatted(visible(image), trouble.get()),
          "write registry/name:tag");
    } else if (requireDigest && !ImageReference.namesContent(image)) {
      add(
          service,
          path,
          key,
          token,
          "'%s' is not named by its digest, as images.require_digest wants it"
              .formatted(visible(image)),
          "write %s@sha256:…".formatted(visible(image.replaceFirst("@.*", ""))));
    }
  }

  private void fault(Fault f) {
    var problem = problem(f.key(), f.path(), f.written(), f.token(), f.what(), f.todo());
    if (f.isCertain()) {
      problems.add(problem);
    } else {
      warnings.add(problem.line());
    }
  }

  private void add(
      String of, String path, String key, String token, String what, String otherwise) {
    problems.add(problem(of, path, key, token, what, otherwise));
  }

  private Problem problem(
      String of, String path, String key, String token, String what, String otherwise) {
    var found = Lines.find(texts, of, key, token, path);
    var from =
        Lines.variables(found.text()).stream()
            .flatMap(name -> Optional.ofNullable(parameters.get(name)).stream())
            .map(p -> "%s (%s)".formatted(p.name(), p.origin()))
            .collect(Collectors.joining(", "));
    return new Problem(
        found.where(),
        found.where().equals(path) ? what : path + ": " + what,
        from.isEmpty() ? otherwise : "correct parameter " + from);
  }

  private static String visible(String text) {
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
  }
}
