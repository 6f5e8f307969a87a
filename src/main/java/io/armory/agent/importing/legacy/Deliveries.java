package io.armory.agent.importing.legacy;

import io.armory.agent.domain.report.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which variables reach which containers: Armory gave every service all of them, the agent gives
/// each what its files ask for, and secrets as files.
final class Deliveries {
  private final Installation installation;
  private final List<Finding> findings;

  /// Service → property → variable.
  private final Map<String, Map<String, String>> deliveries = new TreeMap<>();

  private final Map<String, Finding> references = new TreeMap<>();
  private final Map<String, Set<String>> askedBy = new TreeMap<>();

  /// @param findings where to say what was found
  Deliveries(Installation installation, List<Finding> findings) {
    this.installation = installation;
    this.findings = findings;
  }

  /// A file of these services asks for a variable.
  ///
  /// @param finding what to say if nothing gives it
  void asked(String variable, Finding finding, Set<String> readers) {
    references.merge(variable, finding, (a, b) -> a.kind() == Finding.Kind.TODO ? a : b);
    askedBy.computeIfAbsent(variable, _ -> new TreeSet<>()).addAll(readers);
  }

  void add(String service, String property, String variable) {
    deliveries.computeIfAbsent(service, _ -> new TreeMap<>()).put(property, variable);
  }

  /// Decides, and says what reaches nobody.
  ///
  /// @param environments stack → its variables
  /// @return the overlay that delivers, if anything is to be delivered
  Optional<String> settle(Map<String, EnvTranslation.Result> environments) {
    var carried = new TreeSet<String>();
    var passed = new TreeSet<String>();
    var secrets = new TreeMap<String, String>();
    for (var environment : environments.values()) {
      carried.addAll(environment.carried());
      passed.addAll(environment.own());
      secrets.putAll(environment.secrets());
    }
    references.forEach((name, finding) -> {
      if (secrets.containsKey(name)) {
        askedBy.getOrDefault(name, Set.of()).forEach(s -> add(s, name, secrets.get(name)));
      } else if (carried.contains(name)) {
        passed.add(name);
      } else if (finding.kind() == Finding.Kind.TODO && !isGiven(name)) {
        findings.add(finding);
      }
    });
    withhold(passed);
    secrets.forEach((name, variable) -> reportSecret(name, variable, environments));
    return passed.isEmpty() && deliveries.isEmpty()
        ? Optional.empty()
        : Optional.of(ComposeTranslation.delivering(installation.directory(), passed, deliveries));
  }

  /// orca takes a variable of this name, in whatever spelling, for a property that cannot be set.
  private void withhold(Set<String> passed) {
    for (var name : Set.copyOf(passed)) {
      if (name.replace("_", "").equalsIgnoreCase("clouddriverbaseurl")) {
        passed.remove(name);
        findings.add(
            Finding.todo(
                installation.at("env"),
                name + " is given to no container: orca would exit",
                "name ${ARMORY_CLOUDDRIVER_URL} in the files that ask for it"));
      }
    }
  }

  private void reportSecret(
      String name, String variable, Map<String, EnvTranslation.Result> environments) {
    var reaches = deliveries.values().stream().anyMatch(d -> d.containsValue(variable));
    environments.forEach((stack, environment) -> {
      if (environment.secrets().containsKey(name)) {
        findings.add(
            new Finding(
                Finding.Kind.SECRET,
                installation.at("env/" + stack + ".env"),
                "the secret "
                    + name
                    + (name.equals(variable) ? "" : " is called " + variable + " now"),
                ""));
      }
    });
    if (!reaches && !Set.of("REDIS_PASSWORD", "REDIS_URL").contains(name)) {
      findings.add(
          Finding.todo(
              installation.at("env"),
              "the secret "
                  + name
                  + " reaches no service: no file below config/ asks for ${"
                  + name
                  + "}",
              "name it where it is wanted, or deliver " + variable + " as a Compose secret"));
    }
  }

  /// Set by the shipped templates in every Spring service.
  private static boolean isGiven(String name) {
    return name.matches(
            "ARMORY_([A-Z0-9]+|(DECK|GATE)_PUBLIC)_URL|ARMORY_(FIAT|KAYENTA|STATS)_ENABLED")
        || Set.of("SPRING_PROFILES_ACTIVE", "AWS_REGION", "HOSTNAME", "HOME", "JAVA_OPTS")
            .contains(name);
  }
}
