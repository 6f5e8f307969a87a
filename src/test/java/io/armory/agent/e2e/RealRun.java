package io.armory.agent.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/// What `./dev test --real` found on the engine: which services are real, and which are played.
/// Every part of the acceptance goes through [#part], so that what was not done is written down as
/// that.
///
/// @param registry of the real images
/// @param release of the real images
/// @param real the services whose image is there
/// @param nodes how many make a group
/// @param report where the parts are written to
record RealRun(String registry, String release, Set<String> real, int nodes, Path report) {
  static final String PROPERTY = "armory.real";
  static final String HOW = "./dev test --real";

  private static final List<String> SERVICES =
      List.of("front50", "clouddriver", "orca", "rosco", "echo", "igor", "gate", "deck");

  static RealRun found() {
    return new RealRun(
        System.getProperty(PROPERTY, ""),
        System.getProperty("armory.real.release", ""),
        Arrays.stream(System.getProperty("armory.real.services", "").split(","))
            .filter(s -> !s.isBlank())
            .collect(Collectors.toUnmodifiableSet()),
        Integer.getInteger("armory.real.nodes", 3),
        Path.of(System.getProperty("armory.real.report", "target/real-report.txt")));
  }

  /// Something that is to be shown.
  @FunctionalInterface
  interface Part {
    /// @return what was seen, in a few words
    String done() throws Exception;
  }

  /// Does a part of the acceptance and writes down how it went.
  ///
  /// @param needs the services without whose real images this part says nothing: it is then not
  ///   done
  void part(String name, Set<String> needs, Part part) {
    part(name, needs, true, part);
  }

  /// As above.
  ///
  /// @param isUp what it is done on: an earlier part made it, or failed to
  void part(String name, Set<String> needs, boolean isUp, Part part) {
    if (!isUp) {
      write("not done: %s (nothing came up)".formatted(name));
      Assumptions.abort("nothing came up");
    }
    var missing = needs.stream().filter(s -> !real.contains(s)).sorted().toList();
    if (!missing.isEmpty()) {
      write("not done: %s (needs a real %s)".formatted(name, String.join(", ", missing)));
      Assumptions.abort("needs a real " + String.join(", ", missing));
    }
    try {
      write("done:     %s: %s".formatted(name, part.done()));
    } catch (Exception | AssertionError e) {
      var why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      write("FAILED:   %s: %.300s".formatted(name, why));
      throw e instanceof AssertionError failed ? failed : new AssertionError(name, e);
    }
  }

  private void write(String line) {
    try {
      Files.writeString(report, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The image of a service, real or not.
  String image(String service) {
    return real.contains(service)
        ? registry + "/" + service + ":" + release
        : "armory-standin/" + service + ":dev";
  }

  /// Its image in a release that differs in nothing but the name and the image's ID.
  String nextImage(String service) {
    if (!real.contains(service)) {
      return "armory-standin/" + service + ":next";
    }
    var next = "armory-rehearsal/" + service + ":next";
    var made =
        Shell.run(
            List.of(
                "bash",
                "-c",
                "printf 'FROM %s\\nLABEL rehearsal=next\\n' | docker build -q -t %s -"
                    .formatted(image(service), next)));
    if (made.exit() != 0) {
      throw new AssertionError("no second image of " + service + ": " + made.err());
    }
    return next;
  }

  /// Lines of `default.env` that name every image.
  ///
  /// @param next of the other release
  String images(boolean next) {
    return SERVICES.stream()
        .map(s ->
            "%s_IMAGE=%s".formatted(s.toUpperCase(Locale.ROOT), next ? nextImage(s) : image(s)))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /// The second images are of no use to anybody else.
  void removeNext() {
    for (var service : real) {
      Shell.run(List.of("docker", "image", "rm", "armory-rehearsal/" + service + ":next"));
    }
  }
}
